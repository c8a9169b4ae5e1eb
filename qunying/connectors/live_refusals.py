"""Sentences for what goes wrong between a platform and us."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

LIVE_REFUSALS = (
    Refusal("connectors.unknown_connector", _("这个版本没有“{connector}”的接入方式。")),
    Refusal("connectors.connected_already", _("账号 {account} 已经接入；如需更换密钥，请打开它的接入页。")),
    Refusal("connectors.other_account", _("这些密钥属于另一个账号，不是 {account}；请新建一个接入。")),
    Refusal("connectors.key_missing", _("请填写“{field}”。")),
    Refusal("connectors.key_misshapen", _("“{field}”的格式不对。{hint}")),
    Refusal("connectors.bad_signature", _("签名不对，请求没有被读取。请核对接入页上的回调配置。")),
    Refusal("connectors.no_welcome", _("“{name}”不支持新好友欢迎语。")),
    Refusal("connectors.welcome_empty", _("请填写欢迎语。")),
    Refusal("connectors.welcome_long", _("欢迎语最多 {limit} 字节（约 {letters} 个汉字），请缩短。")),
    Refusal("connectors.way_long", _("渠道标记最多 {limit} 个字，请与活码上的 state 一致。")),
    Refusal("connectors.no_codes", _("“{name}”没有活码。")),
    Refusal("connectors.code_name", _("请填写活码名称；名称和渠道标记最多 {limit} 个字。")),
    Refusal("connectors.code_taken", _("渠道标记“{state}”已被另一个活码使用，请换一个，来源才分得清。")),
    Refusal("connectors.code_kind", _("活码的类型不能改，请新建一个。")),
    Refusal("connectors.code_employees", _("请选 1 到 {limit} 位接待员工。")),
    Refusal("connectors.code_groups", _("请按顺序选 1 到 {limit} 个这个账号所在的客户群。")),
    Refusal("connectors.code_at_once", _("同时在用的群是 1 到 {limit} 个。")),
    Refusal("connectors.code_new_chats", _("新群的群名最多 {limit} 个字。")),
    Refusal("connectors.code_dropped", _("活码“{name}”已作废，请新建一个。")),
    Refusal("connectors.code_busy", _("平台正在处理这个活码，请过几秒再作废。")),
    Refusal("connectors.stale", _("请求的时间与服务器相差超过 {seconds} 秒，没有被读取。请核对对方的时钟。")),
    Refusal("connectors.too_large", _("一次请求最多 {limit} 字节，这一次超过了。")),
    Refusal("connectors.platform_away", _("连不上 {host}，稍后会自动重试。")),
    Refusal("connectors.socket_refused", _("{host} 拒绝了连接。请核对地址和访问令牌。")),
    Refusal(
        "connectors.socket_closed",
        _("与 {host} 的连接断开了，正在重连；断开期间对方推送的内容可能需要补取。"),
    ),
    Refusal("connectors.talk_broke", _("对方说的话读不懂，正在重连：{words}")),
    Refusal("connectors.no_socket", _("现在没有连接，连上后会自动重试。")),
    Refusal("connectors.one_socket", _("请让对方用一个连接收发所有内容（Universal），不要分成两个连接。")),
    Refusal("connectors.token_refused", _("{platform} 不认这个令牌，请重新获取并更换密钥。")),
    Refusal(
        "connectors.intents_refused",
        _(
            "Discord 拒绝了连接：请在开发者后台的 Bot 页打开 Server Members Intent 和 Message Content Intent。"
        ),
    ),
    Refusal("connectors.no_answer", _("{host} 没有回答，不知道对方是否已经处理。")),
    Refusal("connectors.strange_host", _("{host} 不在这种接入方式允许访问的地址之内。")),
    Refusal("connectors.one_group_only", _("这个机器人只能在一个群里说话，它已经绑定了“{group}”。")),
    Refusal("connectors.platform_busy", _("{platform} 要求等 {seconds} 秒再试，到时会自动重试。")),
    Refusal("connectors.no_history", _("{platform} 读不到历史消息，请用导出文件导入。")),
    Refusal("connectors.no_such_span", _("请在列出的时间范围里选一个。")),
    Refusal("connectors.digging_already", _("“{name}”已经在补取历史消息，请等它完成或先停止。")),
    Refusal("connectors.too_much", _("{what} 超过了平台的上限 {limit}。")),
    Refusal("connectors.platform_said_no", _("{platform} 拒绝了请求：{words}")),
    Refusal("connectors.row_too_large", _("第 {row} 行超过 {limit} 字节，整批都没有保存。")),
    Refusal("connectors.no_rows", _("请求里没有数据；请发送 JSON 数组，或每行一条 JSON。")),
    Refusal("connectors.bad_json", _("JSON 不完整，整批都没有保存：{words}")),
    Refusal("connectors.no_length", _("请求没有写明 Content-Length，没有保存；请写明长度重发。")),
    Refusal("connectors.broken_off", _("请求没有发完，整批都没有保存。")),
    Refusal("connectors.too_much_waits", _("排队的数据太多，这一批没有保存，请稍后重发。")),
    Refusal("connectors.storage_away", _("暂时连不上数据存储，这一批没有保存，请稍后重发。")),
    Refusal("connectors.broke", _("服务器内部出错，这一批没有保存；请重试，若再次发生请联系管理员。")),
    Refusal("connectors.post_only", _("这个地址只接受 POST。")),
)

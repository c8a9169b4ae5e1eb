"""Sentences for what brands refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("brands.no_reason", _("请写明查看或导出个人信息的理由，{least} 到 {most} 个字。")),
    Refusal("brands.not_sealed_here", _("这份加密内容不是由本机为这个品牌保存的，或已损坏。")),
    Refusal("kit.unknown_zone", _("没有名为“{zone}”的时区。请使用 IANA 时区名，例如 Asia/Shanghai。")),
    Refusal("kit.host_away", _("连不上 {host}，稍后会自动重试。")),
    Refusal("kit.strange_address", _("这个地址读不懂。请填写完整的 http(s) 地址，不要带账号和空格。")),
    Refusal("kit.strange_port", _("{host} 的端口 {port} 不是网页服务的常用端口，没有连接。")),
    Refusal(
        "kit.inside",
        _("{host} 在内部网络里，没有连接。确实是自己的服务器时，请管理员把它写进 QUNYING_PRIVATE_HOSTS。"),
    ),
    Refusal("brands.unknown_brand", _("没有名为“{brand}”的品牌。现有品牌：{known}。")),
    Refusal("brands.choose_brand", _("这里有多个品牌，请用 --brand 指明其中之一：{known}。")),
    Refusal("brands.no_brand", _("还没有品牌。先运行 qunying import，或在网页上创建。")),
    Refusal("brands.login_taken", _("登录名“{login}”已被使用，请换一个。")),
    Refusal("brands.unknown_role", _("没有名为“{role}”的角色。")),
    Refusal("brands.last_owner", _("“{brand}”至少要保留一位运营负责人。请先任命另一位。")),
    Refusal("brands.scope_beyond_role", _("你的角色不包含这些权限：{scopes}。请去掉后重试。")),
    Refusal("brands.may_not", _("你的角色不能做这件事（{permission}）。请联系运营负责人。")),
    Refusal("brands.not_found", _("没有找到这个页面或对象，它可能已被删除，或不属于当前品牌。")),
    Refusal("brands.wrong_password", _("登录名或密码不对。连续输错 5 次将锁定 15 分钟。")),
    Refusal("brands.already_opened", _("系统已有负责人账号，请直接登录。")),
    Refusal("brands.passwords_differ", _("两次输入的密码不一致。")),
)

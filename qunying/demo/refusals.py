"""Sentences for what the demo refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("demo.word_missing", _("请输入品牌名称“{word}”以确认删除。")),
    Refusal("demo.no_simulators", _("模拟平台还没有运行过；./go demo 会一并启动。")),
    Refusal(
        "demo.callback_wrong",
        _(
            "这个地址没有按企业微信的要求应答：{words}。请先在平台接入里保存企业微信的四个值，再用那里显示的回调地址。"
        ),
    ),
    Refusal(
        "demo.no_synapse",
        _("装不上 Synapse：{words}。请检查网络后再试；不需要 Matrix 时，去掉 --with-synapse 即可。"),
    ),
    Refusal("demo.synapse_died", _("Synapse 没有启动：{words}。完整记录在 {place}。")),
    Refusal(
        "demo.registration_wrong",
        _("这不是群英给主服务器的文件。请在平台接入的 Matrix 页点“检查权限”，把“给平台的文件”整段复制下来。"),
    ),
    Refusal(
        "demo.registration_elsewhere",
        _("这个文件里的账号不在本机的 Synapse 上。请在平台接入里把“群英在主服务器上的账号”填成 {account}。"),
    ),
    Refusal("demo.no_such_code", _("没有渠道标记为“{state}”的活码，现有：{states}。")),
    Refusal("demo.no_such_simulator", _("没有名为“{name}”的模拟平台，可选：{names}。")),
)

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
    Refusal("demo.no_such_simulator", _("没有名为“{name}”的模拟平台，可选：{names}。")),
)

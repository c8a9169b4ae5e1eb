"""Sentences for what webhooks refuse, and for what goes wrong with the other side."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("webhooks.address_taken", _("{url} 已经在推送地址里，请打开它修改。")),
    Refusal("webhooks.address_too_long", _("推送地址最多 {limit} 个字符。")),
    Refusal("webhooks.not_encrypted", _("推送地址必须以 https:// 开头，否则内容会在路上被看到。")),
    Refusal("webhooks.nothing_to_tell", _("请至少选择一项推送内容。")),
    Refusal("webhooks.not_on", _("“{name}”没有在推送，请先恢复。")),
    Refusal("webhooks.under_way", _("这条推送还在进行中，请等它有结果后再重发。")),
    Refusal("webhooks.no_day", _("请选择从哪一天起重发。")),
    Refusal("webhooks.too_slow", _("对方在 {seconds} 秒内没有回答完，会再试。")),
    Refusal("webhooks.no_answer", _("对方没有回答就断开了，会再试。")),
)

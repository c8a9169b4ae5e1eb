"""Sentences for what metrics refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("metrics.unknown", _("没有名为“{metric}”的指标。可用的有：{known}。")),
    Refusal("metrics.days_reversed", _("开始日期 {first} 晚于结束日期 {last}，请对调后重试。")),
    Refusal("metrics.bad_triangle", _("留存表不支持按“{by}”和“{step}”分组，请改选。")),
    Refusal("metrics.bad_date", _("“{text}”不是日期，请用 2026-03-01 这样的写法。")),
)

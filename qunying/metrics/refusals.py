"""Sentences for what metrics refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("metrics.unknown", _("没有名为“{metric}”的指标。可用的有：{known}。")),
    Refusal("metrics.days_reversed", _("开始日期 {first} 晚于结束日期 {last}，请对调后重试。")),
    Refusal("metrics.bad_triangle", _("留存表不支持按“{by}”和“{step}”分组，请改选。")),
    Refusal("metrics.bad_variant", _("没有名为“{variant}”的留存口径，可选：{known}。")),
    Refusal("metrics.bad_cell", _("“{cell}”不是图表上的一格，请从图表重新点开。")),
    Refusal("metrics.bad_date", _("“{text}”不是日期，请用 2026-03-01 这样的写法。")),
    Refusal("metrics.bad_span", _("没有名为“{span}”的报告周期，请选周报、月报或自定义日期。")),
    Refusal("metrics.too_many_days", _("{first} 至 {last} 超过三年，请缩短日期范围。")),
    Refusal("metrics.bad_form", _("报告不能导出为“{form}”，可选：{known}。")),
    Refusal("metrics.bad_link_life", _("链接有效期“{days}”不对，请填 1 至 {most} 天。")),
    Refusal("metrics.link_closed", _("这个链接已停用、已过期或不存在，请向分享人要新的链接。")),
    Refusal("metrics.bad_comment", _("备注不能为空，也不能超过 {most} 个字。")),
    Refusal("metrics.no_comment", _("没有找到这条备注，可能已经删除。")),
    Refusal("metrics.not_your_comment", _("只能删除自己写的备注。")),
    Refusal(
        "metrics.no_browser",
        _(
            "这台电脑没有安装 Chrome、Chromium 或 Edge，无法生成 PDF。请导出网页文件，在浏览器里打印并另存为 PDF。"
        ),
    ),
    Refusal(
        "metrics.pdf_failed",
        _("{program} 没有在 {seconds} 秒内生成 PDF。请重试，或导出网页文件，在浏览器里打印并另存为 PDF。"),
    ),
    Refusal("metrics.nothing_to_report", _("{place}还没有数据，请先导入再生成报告。")),
)

"""Sentences for what communities refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("communities.not_found", _("没有找到这个社群，它可能已被删除，或不属于当前品牌。")),
    Refusal("communities.unknown", _("没有名为“{community}”的社群。现有社群：{known}。")),
    Refusal(
        "communities.channel_elsewhere",
        _("群“{channel}”已归入社群“{community}”。请选择这个社群，或不指定社群。"),
    ),
    Refusal("communities.name_taken", _("已有名为“{name}”的社群，请换一个名称。")),
    Refusal("communities.nothing_chosen", _("请先勾选社群，再选择要修改的项目。")),
    Refusal("communities.bad_value", _("“{text}”不能填在这里，请检查后重试。")),
    Refusal("communities.bad_parent", _("“{name}”不能放在它自己或别的品牌之下，请另选上级。")),
    Refusal(
        "communities.no_shift",
        _("没有找到这个班次，它可能已被删除，或不在你的数据范围内。请回到值班表查看。"),
    ),
    Refusal("communities.shift_over", _("这个班次已经结束，不能再改。请在值班表新增班次。")),
    Refusal("communities.no_weekday", _("请至少选择一个星期几。")),
    Refusal("communities.days_reversed", _("结束日期早于开始日期，请检查后重试。")),
    Refusal(
        "communities.out_of_reach", _("“{name}”的数据范围不包含这里，请另选员工，或先在“员工与角色”里调整。")
    ),
)

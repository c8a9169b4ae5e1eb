"""Sentences for what diagnosis refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("diagnosis.not_found", _("没有找到这个诊断问题，它可能已随数据更新消失，或不属于当前品牌。")),
    Refusal("diagnosis.no_reason", _("请写明忽略的原因，方便同事了解。")),
    Refusal("diagnosis.unknown_detector", _("没有名为“{detector}”的诊断规则，可能是旧版本留下的。")),
    Refusal("diagnosis.nobody", _("这个诊断问题没有对应的群成员，不能存为人群包。")),
)

"""Sentences for what playbooks refuse."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("playbooks.unknown", _("没有名为“{playbook}”的运营SOP，可能是旧版本留下的。")),
    Refusal("playbooks.not_found", _("没有找到这条记录，它可能已随数据更新消失，或不属于当前品牌。")),
    Refusal("playbooks.no_reason", _("请写明原因，方便以后判断这条建议是否合适。")),
    Refusal("playbooks.was_decided", _("这条建议已经处理过，请刷新页面查看。")),
    Refusal("playbooks.needs_community", _("这个问题涉及整个品牌，请先选择一个社群再执行。")),
    Refusal("playbooks.bad_owner", _("这位员工不能负责这个社群，请另选一位。")),
)

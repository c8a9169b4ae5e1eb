"""Sentences for what the outbox refuses."""

from django.utils.translation import gettext_lazy as _

from qunying.kit.refusals import Refusal

REFUSALS = (
    Refusal("outbox.not_found", _("没有找到这条待办，它可能已取消，或不属于当前品牌。")),
    Refusal("outbox.not_yours", _("这条待办分配给了别人，请由负责人或运营负责人处理。")),
)

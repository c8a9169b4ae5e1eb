"""What programs outside may be told of findings."""

from django.utils.translation import gettext_lazy as _

from qunying.webhooks.kinds import Tiding

OPENED, CLOSED = "finding.opened", "finding.closed"
TIDINGS = (
    Tiding(OPENED, _("发现新问题"), _("诊断发现一个新问题时：编号、规则、社群、严重程度、涉及人数")),
    Tiding(CLOSED, _("问题已恢复"), _("一个问题恢复时：编号、规则、社群、起止日期")),
)

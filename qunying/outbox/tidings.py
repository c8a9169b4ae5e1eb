"""What programs outside may be told of the outbox."""

from django.utils.translation import gettext_lazy as _

from qunying.webhooks.kinds import Tiding

SENT, FAILED, LATE = "sending.sent", "sending.failed", "sending.late"
TIDINGS = (
    Tiding(SENT, _("外发已送达"), _("平台收下一条外发时：编号、动作、社群、平台的消息编号")),
    Tiding(FAILED, _("外发未送达"), _("一条外发被拒绝、放弃、过期或结果未知时：编号、动作、社群、状态")),
    Tiding(LATE, _("外发应发未发"), _("一条外发到了时间还没有发出时，只告知一次：编号、动作、社群、原因")),
)

"""How a person leaves this app: mentions in what staff wrote under reports, figures that name an owner."""

from django.utils.translation import gettext_lazy as _

from qunying.members.erasing import Eraser
from qunying.metrics.actions import forget_owner
from qunying.metrics.actions.reports import forget_person

ERASERS = (
    Eraser("metrics", _("报告备注中的提及"), forget_person),
    Eraser("metrics.figures", _("平台数据里的群主名"), forget_owner),
)

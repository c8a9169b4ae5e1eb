"""How a person leaves this app: mentions in what staff wrote under reports."""

from django.utils.translation import gettext_lazy as _

from qunying.members.erasing import Eraser
from qunying.metrics.actions.reports import forget_person

ERASERS = (Eraser("metrics", _("报告备注中的提及"), forget_person),)

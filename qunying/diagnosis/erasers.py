"""How a person leaves this app."""

from django.utils.translation import gettext_lazy as _

from qunying.diagnosis.actions import forget_person
from qunying.members.erasing import Eraser

ERASERS = (Eraser("diagnosis", _("诊断依据中的提及"), forget_person),)

"""How a person leaves this app."""

from django.utils.translation import gettext_lazy as _

from qunying.members.erasing import Eraser
from qunying.outbox.actions import forget_person

ERASERS = (Eraser("outbox", _("草稿与待办中的提及"), forget_person),)

"""How a person leaves this app."""

from django.utils.translation import gettext_lazy as _

from qunying.audiences.actions import forget_person
from qunying.members.erasing import Eraser

ERASERS = (Eraser("audiences", _("人群包"), forget_person),)

"""How a person leaves this app."""

from django.utils.translation import gettext_lazy as _

from qunying.members.erasing import Eraser
from qunying.webhooks.actions import forget_person

ERASERS = (Eraser("webhooks", _("推送记录"), forget_person),)

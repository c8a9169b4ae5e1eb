"""How a person leaves this app: own messages, and mentions in those of others."""

from django.utils.translation import gettext_lazy as _

from qunying.communities.actions import forget_texts
from qunying.members.erasing import Eraser

ERASERS = (Eraser("communities", _("聊天原文与他人消息中的提及"), forget_texts),)

"""How a person leaves this app."""

from django.utils.translation import gettext_lazy as _

from qunying.members.erasing import Eraser
from qunying.outbox.actions import forget_attached_to, forget_person, forget_pictures

ERASERS = (
    Eraser("outbox", _("草稿与待办中的提及"), forget_person),
    Eraser("outbox.evidence", _("完成截图"), forget_pictures),
    Eraser("outbox.pictures", _("消息配图"), forget_attached_to),
)
"""Run from the last to the first: pictures are found by the words that are blacked out after them."""

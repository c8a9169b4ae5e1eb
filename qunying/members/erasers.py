"""How a person leaves this app: accounts, names, tags."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from qunying.members.actions import become_tombstones
from qunying.members.erasing import Eraser, Traces
from qunying.members.models import Member


def _erase(member: Member, traces: Traces) -> int:
    return become_tombstones(member, traces, at=dt.datetime.now(dt.UTC))


ERASERS = (Eraser("members", _("账号、昵称、标签"), _erase),)

"""How a person leaves this app: accounts, names, tags; and what the log of changes wrote down about them."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from qunying.brands.actions import black_out
from qunying.members.actions import become_tombstones
from qunying.members.erasing import Eraser, Traces
from qunying.members.models import Member


def _erase(member: Member, traces: Traces) -> int:
    return become_tombstones(member, traces, at=dt.datetime.now(dt.UTC))


def _forget_words(member: Member, traces: Traces) -> int:
    return black_out(member.brand, traces.words, at=dt.datetime.now(dt.UTC))


ERASERS = (
    Eraser("members", _("账号、昵称、标签"), _erase),
    Eraser("members.log", _("操作日志里写到的名字和账号"), _forget_words),
)

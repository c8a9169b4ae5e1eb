"""What has become of mass sendings: employees confirm them on the phone, and WeCom says to whom they arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from django.utils.translation import gettext as _

from qunying.connectors.live.wecom.client import pages
from qunying.connectors.live.wire import Wire
from qunying.outbox.outcomes import Outcome, Result

NAMED = 3
"""Of those who have still to tap, so many are named."""


class Fate(IntEnum):
    """What became of a mass sending to one group or customer, in WeCom's numbers."""

    UNSENT = 0
    SENT = 1
    NO_FRIEND = 2
    OVER_QUOTA = 3


@dataclass(frozen=True)
class Receipt:
    """One group or customer of a mass sending: who was to send it, what became of it, and when (seconds UTC)."""

    to: str
    who: str
    fate: Fate
    at: int = 0


def result_of(wire: Wire, handle: str) -> Outcome:
    """One outcome for all employees and all to whom they send."""
    return summed(list(results(wire, handle)), handle)


def results(wire: Wire, handle: str) -> Iterator[Receipt]:
    """What has become of a mass sending, employee by employee."""
    for task in pages(wire, "mass.tasks", msgid=handle):
        for row in pages(wire, "mass.results", msgid=handle, userid=task["userid"]):
            to = str(row.get("chat_id") or row.get("external_userid"))
            yield Receipt(to, str(row["userid"]), Fate(row["status"]), int(row.get("send_time") or 0))


def summed(receipts: Sequence[Receipt], handle: str) -> Outcome:
    """Pending while somebody has still to tap, rejected when nothing arrived. Who was reached is not kept, only how
    many."""
    fates = Counter(each.fate for each in receipts)
    waiting = Counter(each.who for each in receipts if each.fate == Fate.UNSENT)
    failed = {fate.name.lower(): fates[fate] for fate in (Fate.NO_FRIEND, Fate.OVER_QUOTA) if fates[fate]}
    words = _("已送达 {sent} / {to}").format(sent=fates[Fate.SENT], to=len(receipts))
    tally = {
        "to": len(receipts),
        "sent": fates[Fate.SENT],
        "failed": failed,
        "waiting": dict(sorted(waiting.items())),
        "owners": {who: _line([each for each in receipts if each.who == who]) for who in _names(receipts)},
    }
    reasons = "".join(_reasons(fates))
    if waiting or not receipts:
        return Outcome(
            Result.PENDING, handle=handle, who=_named(list(waiting)), words=words + reasons, tally=tally
        )
    result = Result.SENT if fates[Fate.SENT] else Result.REJECTED
    return Outcome(result, handle=handle, code=next(iter(failed), ""), words=words + reasons, tally=tally)


def _names(receipts: Sequence[Receipt]) -> list[str]:
    return sorted({each.who for each in receipts})


def _line(receipts: Sequence[Receipt]) -> dict[str, object]:
    """How far one employee has come; `at` is when they confirmed it (seconds UTC, 0: not yet)."""
    fates = Counter(each.fate for each in receipts)
    failed = {fate.name.lower(): fates[fate] for fate in (Fate.NO_FRIEND, Fate.OVER_QUOTA) if fates[fate]}
    at = max((each.at for each in receipts), default=0)
    return {"unsent": fates[Fate.UNSENT], "sent": fates[Fate.SENT], "failed": failed, "at": at}


def _reasons(fates: Counter[Fate]) -> Iterator[str]:
    if count := fates[Fate.UNSENT]:
        yield _("；员工还没点发送 {count}").format(count=count)
    if count := fates[Fate.NO_FRIEND]:
        yield _("；已不是好友 {count}").format(count=count)
    if count := fates[Fate.OVER_QUOTA]:
        yield _("；本期群发次数已用完 {count}").format(count=count)


def _named(who: Sequence[str]) -> str:
    names = "、".join(sorted(who)[:NAMED])
    return names if len(who) <= NAMED else _("{names} 等 {count} 人").format(names=names, count=len(who))

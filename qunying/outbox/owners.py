"""由谁点发送: how far each employee has come with what one message asked of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Staff
from qunying.kit.refusals import Text
from qunying.outbox.actions.reminding import free_at, reminded
from qunying.outbox.models import Sending
from qunying.outbox.queries import sendings

WRITTEN = "write:"
"""Cause of what one form has written to several groups."""
FAILURES: dict[str, Text] = {"no_friend": _("已不是好友"), "over_quota": _("本期群发次数已用完")}


@dataclass
class Owner:
    """One employee: `tasks` wait for a tap or have been tapped, `made_at` when the first reached them, `tapped_at` when
    they last confirmed one. `times` is how often the task that was reminded of least was today, `again` when they may
    be reminded next, None for at once."""

    who: str
    tasks: list[Sending] = field(default_factory=list)
    unsent: int = 0
    sent: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    made_at: dt.datetime | None = None
    tapped_at: dt.datetime | None = None
    times: int = 0
    again: dt.datetime | None = None

    @property
    def waiting(self) -> list[Sending]:
        return [task for task in self.tasks if task.is_tappable]

    @property
    def reasons(self) -> list[tuple[Text, int]]:
        return [(FAILURES.get(why, why), count) for why, count in sorted(self.failed.items())]


def message_of(staff: Staff, sending: Sending) -> list[Sending]:
    """The sending and whatever else the same form has written within the staff member's reach."""
    if not sending.cause.startswith(WRITTEN):
        return [sending]
    return list(sendings(staff).filter(cause=sending.cause).order_by("pk"))


def owners(staff: Staff, rows: Iterable[Sending], *, at: dt.datetime) -> list[Owner]:
    """A line for each employee of whom the platform asked a tap for these, by name."""
    found: dict[str, Owner] = {}
    tasks = [row for row in rows if row.handle and row.op in ("message.create", "mass.create")]
    for row in tasks:
        for who, told in _told(row).items():
            _add(found.setdefault(who, Owner(who)), row, told)
    times = reminded(staff.brand, {row.handle for row in tasks}, at=at)
    for line in found.values():
        of = [times[row.handle] for row in line.waiting]
        line.times = min(map(len, of), default=0)
        again = [free_at(each) for each in of]
        line.again = None if None in again else min(filter(None, again), default=None)
    return sorted(found.values(), key=lambda line: line.who)


def _told(row: Sending) -> Mapping[str, Mapping[str, object]]:
    """What the platform says of each; before it was asked, only whose task it is."""
    owners: Mapping[str, Mapping[str, object]] = row.tally.get("owners") or {}
    listed = row.params.get("customers") or row.params.get("chats") or [row.channel_id]
    return owners or ({row.who: {"unsent": len(listed) if row.is_tappable else 0}} if row.who else {})


def _add(line: Owner, row: Sending, told: Mapping[str, object]) -> None:
    line.tasks.append(row)
    line.unsent += int(str(told.get("unsent") or 0))
    line.sent += int(str(told.get("sent") or 0))
    failed = told.get("failed")
    line.failed.update(failed if isinstance(failed, dict) else {})
    made, at = row.left_at or row.created_at, int(str(told.get("at") or 0))
    line.made_at = min(filter(None, (line.made_at, made)))
    tapped = dt.datetime.fromtimestamp(at, dt.UTC) if at else None
    line.tapped_at = max(filter(None, (line.tapped_at, tapped)), default=None)


def of(lines: Sequence[Owner], who: str) -> list[Sending]:
    """What this employee has still to tap; "" for all of them."""
    found = {row.pk: row for line in lines if who in ("", line.who) for row in line.waiting}
    return list(found.values())

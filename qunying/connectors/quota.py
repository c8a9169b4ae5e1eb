"""How often a platform still lets us write to each group or customer this month, and to whom we have written."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from qunying.communities.models import Channel
from qunying.connectors.models import Connection
from qunying.connectors.queries import connector
from qunying.outbox.models import Sending

CHINA = dt.timezone(dt.timedelta(hours=8))
NEVER_LEFT = (
    Sending.State.REJECTED,
    Sending.State.UNSUPPORTED,
    Sending.State.DEAD,
    Sending.State.EXPIRED,
    Sending.State.CALLED_OFF,
    Sending.State.REFUSED,
)
"""What became of those that cost nothing; what still waits does cost, since it may be tapped."""


@dataclass(frozen=True)
class Place:
    """One group or customer: how often it was or will be written to this month, of how often it may be."""

    key: str
    used: int
    limit: int

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)


@dataclass(frozen=True)
class Plan:
    """Those asked about, in their order; `month` is the platform's."""

    month: dt.date
    places: Sequence[Place]

    @property
    def reachable(self) -> int:
        return sum(place.left > 0 for place in self.places)

    @property
    def written(self) -> Sequence[Place]:
        """Those already written to."""
        return [place for place in self.places if place.used]

    @property
    def closed(self) -> Sequence[Place]:
        """Those who cannot be written to any more this month."""
        return [place for place in self.places if not place.left]


def plan(connection: Connection, keys: Sequence[str], *, at: dt.datetime) -> Plan | None:
    """For groups or customers by the platform's names for them; None where the platform sets no such limit."""
    ops = connector(connection.connector).month_ops
    if not ops:
        return None
    today = at.astimezone(CHINA).date()
    used = _used(connection, ops, today)
    limit = calendar.monthrange(today.year, today.month)[1]
    return Plan(today.replace(day=1), [Place(key, used[key], limit) for key in keys])


def plan_of(channels: Sequence[Channel], *, at: dt.datetime) -> list[tuple[Connection, Plan]]:
    """For each connection that speaks in some of these groups and has a limit, what it may still write to them."""
    rows = Connection.objects.filter(seats__channel__in=channels).select_related("brand").distinct()
    found = []
    for row in rows.order_by("pk"):
        seated = set(row.seats.values_list("channel", flat=True))
        told = plan(row, [channel.key for channel in channels if channel.pk in seated], at=at)
        if told is not None:
            found.append((row, told))
    return found


def _used(connection: Connection, ops: Collection[str], today: dt.date) -> Counter[str]:
    first = dt.datetime.combine(today.replace(day=1), dt.time(), CHINA)
    after = (first + dt.timedelta(days=31)).replace(day=1)
    rows = Sending.objects.filter(
        brand=connection.brand_id,
        channel__seats__connection=connection,
        op__in=ops,
        not_before__gte=first,
        not_before__lt=after,
    ).exclude(state__in=NEVER_LEFT)
    told = rows.values_list("channel__key", "params").iterator()
    return Counter(key for chat, params in told for key in _keys(chat, params))


def _keys(chat: str, params: dict[str, object]) -> Iterator[str]:
    """To whom one sending goes; once each, however often it names them."""
    listed = params.get("customers") or params.get("chats") or [chat]
    assert isinstance(listed, list)  # as ordered
    yield from dict.fromkeys(str(each) for each in listed)

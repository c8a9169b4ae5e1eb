"""Say once of each sending that should have left and has not, with what keeps it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from qunying.brands.models import Brand
from qunying.connectors.actions.nagging import staff_channel
from qunying.connectors.daily import page_link
from qunying.connectors.models import Connection, Seat
from qunying.outbox import late
from qunying.outbox.actions import overdue, raise_alarms, stopped, tell_staff
from qunying.outbox.late import Why
from qunying.outbox.models import Alarm, Sending
from qunying.outbox.quiet import held


def alarm(brand: Brand, *, now: dt.datetime) -> list[Alarm]:
    """The new alarms; the group of staff is told of them with one message. Again changes nothing but the reasons."""
    rows = overdue(brand, now=now)
    made = raise_alarms(brand, _whys(brand, rows, now), at=now)
    if Alarm.objects.filter(brand=brand, told_at=None).exists():
        link = page_link("sendings", brand)
        tell_staff(brand, channel=staff_channel(brand), link=link and f"{link}?late=1", at=now)
    return made


def _whys(brand: Brand, rows: Sequence[Sending], now: dt.datetime) -> dict[Sending, Why]:
    speakers = _speakers({row.channel_id for row in rows})
    waiting = Sending.objects.filter(stopped(), brand=brand, state=Sending.State.QUEUED)
    silent = set(waiting.values_list("pk", flat=True))
    return {row: _why(row, speakers.get(row.channel_id), row.pk in silent, now) for row in rows}


def _speakers(channels: set[int]) -> Mapping[int, Connection]:
    """Channel → the account that speaks in it: of several the first that is on."""
    found: dict[int, Connection] = {}
    for seat in Seat.objects.filter(channel__in=channels).select_related("connection").order_by("pk"):
        before = found.get(seat.channel_id)
        if before is None or (seat.connection.is_on and not before.is_on):
            found[seat.channel_id] = seat.connection
    return found


def _why(row: Sending, connection: Connection | None, is_stopped: bool, now: dt.datetime) -> Why:
    """What keeps it; of several things the one that takes a person."""
    if row.state == Sending.State.APPROVAL:
        return Why(late.APPROVAL, {"n": row.approvals - len(row.approved_by)})
    if is_stopped:
        return Why(late.STOPPED)
    if connection is None:
        return Why(late.NOBODY)
    if not connection.is_on:
        return Why(late.PAUSED, {"name": connection.name})
    if connection.failure is not None:
        return Why(late.FAILED, {"name": connection.name, "failure": connection.failure})
    quiet = held(row, now)
    if quiet is not None:
        return Why(late.QUIET, {"start": quiet.start, "end": quiet.end})
    return Why(late.WAITS if row.retry_at is not None and row.retry_at > now else late.BEHIND)

"""安静时段: the hours of the brand's clock in which nothing goes out that nobody asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from qunying.brands.models import Brand
from qunying.brands.preferences import number
from qunying.kit import days
from qunying.outbox.models import Sending
from qunying.outbox.ops import SPEAKING


@dataclass(frozen=True)
class Quiet:
    """One stretch of quiet hours, as the brand's clock reads, and the moment at which it is over."""

    start: str
    end: str
    until: dt.datetime


def quiet_at(brand: Brand, at: dt.datetime) -> Quiet | None:
    """The quiet hours in which this moment lies; None outside them, and where the brand has none: from an hour to the
    same, or hours that no clock shows."""
    start, end = number(brand, "quiet_from"), number(brand, "quiet_to")
    local = at.astimezone(brand.clock.zone)
    if start == end or max(start, end) > 23 or not _holds(start, end, local.hour):
        return None
    day = brand.today(at) + (1 if local.hour >= end else 0)
    until = dt.datetime.combine(days.date(day), dt.time(end), brand.clock.zone)
    return Quiet(f"{start:02}:00", f"{end:02}:00", until.astimezone(dt.UTC))


def keeps_quiet(op: str, *, is_unsolicited: bool, may_disturb: bool) -> bool:
    """Whether something waits for the end of quiet hours: what tells members something they did not ask for, unless
    somebody said why it must not wait. Answers, welcomes, what is for staff and what keeps order always go."""
    return op in SPEAKING and is_unsolicited and not may_disturb


def held(sending: Sending, at: dt.datetime) -> Quiet | None:
    """The quiet hours that keep it from leaving at this moment; None when it may."""
    return quiet_at(sending.brand, at) if sending.keeps_quiet else None


def _holds(start: int, end: int, hour: int) -> bool:
    return start <= hour < end if start < end else hour >= start or hour < end

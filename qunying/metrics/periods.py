"""The period a page shows, kept in its address: yesterday, the last 7 or 30 days, this month, or two dates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import QueryDict

from qunying.communities.scope import Scope
from qunying.kit import days
from qunying.kit.errors import Invalid

LENGTHS = {"yesterday": 1, "7d": 7, "30d": 30}
LONGEST = 1100


@dataclass(frozen=True)
class Period:
    """Whole local days, both ends included."""

    key: str
    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    @property
    def is_month(self) -> bool:
        """Whether it is one whole calendar month."""
        return self.first == days.month_start(self.last) and self.last == days.month_end(self.last)

    @property
    def is_running(self) -> bool:
        """Whether it is the part of a month that is over so far: compared with nothing."""
        return self.key == "month" and not self.is_month

    @property
    def before(self) -> Period:
        """The calendar month before a whole one, otherwise the equally long period just before: of a week the week
        before."""
        last = self.first - 1
        return Period("before", days.month_start(last) if self.is_month else last - self.length + 1, last)

    @property
    def from_day(self) -> dt.date:
        return days.date(self.first)

    @property
    def to_day(self) -> dt.date:
        return days.date(self.last)

    def shifted(self, by: int) -> Period:
        return Period(self.key, self.first + by, self.last + by)


def interval_before(first: int, last: int, step: str = "") -> tuple[int, int]:
    """What the days first..last are compared with: as a step of a series by week or month, over or not, with the whole
    calendar week or month before; otherwise with the period before."""
    if step in ("week", "month"):
        start = days.week_start(first - 1) if step == "week" else days.month_start(first - 1)
        return start, first - 1
    before = Period("", first, last).before
    return before.first, before.last


def intervals(last: int, *, step: str, many: int) -> list[tuple[int, int]]:
    """The latest whole days, Monday weeks or calendar months up to the day, oldest first."""
    end = {"day": last, "week": days.week_start(last + 1) - 1, "month": days.month_start(last + 1) - 1}[step]
    start = {"day": end, "week": end - 6, "month": days.month_start(end)}[step]
    found = [(start, end)]
    while len(found) < many:
        start, end = interval_before(start, end, step)
        found.append((start, end))
    return found[::-1]


def period_of(given: QueryDict, scope: Scope, *, default: str = "7d") -> Period:
    """The period of the address; named ones end with the last whole day we know, never with a running one."""
    key = given.get("range") or ("custom" if given.get("from") else default)
    end = scope.complete
    if key in LENGTHS:
        return Period(key, end - LENGTHS[key] + 1, end)
    if key == "month":
        return Period(key, days.month_start(end), end)
    first, last = date_of(given.get("from", "")), date_of(given.get("to", "") or given.get("from", ""))
    if last < first:
        raise Invalid(
            "metrics.days_reversed", first=days.date(first).isoformat(), last=days.date(last).isoformat()
        )
    return Period("custom", max(first, last - LONGEST), last)


def date_of(text: str) -> int:
    """A day number of YYYY-MM-DD; anything else is refused."""
    try:
        return days.number(dt.date.fromisoformat(text))
    except ValueError as error:
        raise Invalid("metrics.bad_date", text=text[:20]) from error

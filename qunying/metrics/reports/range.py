"""Which days a report is about, kept in its address: a calendar week, a calendar month, or two dates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from qunying.communities.scope import Scope
from qunying.kit import days
from qunying.kit.errors import Invalid
from qunying.metrics.periods import LONGEST, Period, date_of

KEYS = ("week", "month", "custom")


@dataclass(frozen=True)
class Range:
    """The days asked for, both ends included, and how much of them is known: `since`..`until` are the days covered."""

    key: str
    first: int
    last: int
    since: int
    until: int

    @property
    def period(self) -> Period:
        """The part that is over and known; figures are of these days."""
        return Period("custom", self.first, max(self.first, min(self.last, self.until)))

    @property
    def is_partial(self) -> bool:
        return self.last > self.until

    @property
    def has_before(self) -> bool:
        """Whether the period before may stand beside it: both are whole."""
        return not self.is_partial and self.period.before.first >= self.since

    @property
    def from_day(self) -> dt.date:
        return days.date(self.first)

    @property
    def to_day(self) -> dt.date:
        return days.date(self.last)

    @property
    def title(self) -> str:
        return {"week": _("社群周报"), "month": _("社群月报"), "custom": _("社群运营报告")}[self.key]

    @property
    def days(self) -> str:
        return f"{self.from_day.isoformat()} – {self.to_day.isoformat()}"

    def moved(self, by: int) -> str:
        """The address part of the week or month before (-1) or after (1)."""
        inside = self.first - 1 if by < 0 else self.last + 1
        if self.key == "custom":
            length = self.last - self.first + 1
            first, last = days.date(self.first + by * length), days.date(self.last + by * length)
            return f"span=custom&from={first}&to={last}"
        return f"span={self.key}&on={days.date(inside)}"

    @property
    def earlier(self) -> str:
        return self.moved(-1) if self.first > self.since else ""

    @property
    def later(self) -> str:
        return self.moved(1) if self.last < self.until else ""

    @property
    def address(self) -> str:
        """What finds the same days again."""
        return f"span={self.key}&from={self.from_day}&to={self.to_day}"


def range_of(given: QueryDict, scope: Scope) -> Range:
    """The range of the address; by default the last week that is over."""
    key = given.get("span") or "week"
    if key not in KEYS:
        raise Invalid("metrics.bad_span", span=key[:20])
    begins, ends = given.get("from", ""), given.get("to", "")
    if begins:
        first, last = date_of(begins), date_of(ends or begins)
        return between(first, last, since=scope.since, until=scope.complete)
    if key == "custom":
        return between(
            scope.complete - 6, scope.complete, since=scope.since, until=scope.complete, is_custom=True
        )
    day = date_of(on) if (on := given.get("on", "")) else None
    return _around(key, day, since=scope.since, until=scope.complete)


def one_day(on: str, scope: Scope) -> Range:
    """The written day, by default the last that is over; what lies beyond the days covered becomes their first or
    last."""
    day = date_of(on) if on else scope.complete
    day = max(scope.since, min(day, scope.as_of))
    return Range("custom", day, day, scope.since, scope.complete)


def between(first: int, last: int, *, since: int, until: int, is_custom: bool = False) -> Range:
    """The range from first to last; a whole calendar week or month is one, unless the reader chose days."""
    if last < first or last - first > LONGEST:
        raise Invalid(
            "metrics.days_reversed" if last < first else "metrics.too_many_days",
            first=days.date(first).isoformat(),
            last=days.date(last).isoformat(),
        )
    key = "custom"
    if not is_custom and first == days.week_start(first) and last == first + 6:
        key = "week"
    elif not is_custom and first == days.month_start(first) and last == days.month_end(first):
        key = "month"
    return Range(key, first, last, since, until)


def _around(key: str, day: int | None, *, since: int, until: int) -> Range:
    inside = until if day is None else day
    start = days.week_start(inside) if key == "week" else days.month_start(inside)
    end = start + 6 if key == "week" else days.month_end(start)
    if day is None and end > until and start > since:
        return _around(key, start - 1, since=since, until=until)
    return Range(key, start, end, since, until)

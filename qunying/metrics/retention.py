"""Retention (kpi.md §3.3): of a cohort, who is active on day N exactly, between days, or on day N and later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from qunying.kit import days
from qunying.kit.errors import Invalid
from qunying.kit.refusals import Text
from qunying.metrics.kinds import Answer, Metric, Question

Bound = tuple[int, int]
"""First and last day after the cohort's own day in which to be active."""


def retained(bound: Bound, *, by: str = "join") -> Callable[[Question], Answer]:
    """Of those whose cohort day lies in the period, the share active within the bound after their own day."""
    low, high = bound

    def ask(q: Question) -> Answer:
        if not q.has_ended(q.last + high):
            return Answer.unripe()
        cohort, back = BitMap(), BitMap()
        q.sets.load(q.first + low, q.last + high)
        for day in range(q.first, q.last + 1):
            born = q.sets.cohort(day, day, by=by)
            cohort |= born
            back |= born & q.sets.active_over(day + low, day + high)
        return Answer.share(back, of=cohort)

    return ask


def rolling(day_n: int, *, by: str = "join") -> Callable[[Question], Answer]:
    """Of those whose cohort day lies in the period, the share active on day N or any later day we know."""

    def ask(q: Question) -> Answer:
        if not q.has_ended(q.last + day_n):
            return Answer.unripe()
        cohort, back = BitMap(), BitMap()
        q.sets.load(q.first + day_n, q.as_of)
        for day in range(q.first, q.last + 1):
            born = q.sets.cohort(day, day, by=by)
            cohort |= born
            if born:
                back |= born & q.sets.active_over(day + day_n, q.as_of)
        return Answer.share(back, of=cohort)

    return ask


@dataclass(frozen=True)
class Cell:
    """One square of the triangle; None where the interval has not ended."""

    active: int | None
    size: int

    @property
    def share(self) -> float | None:
        return self.active / self.size if self.active is not None and self.size else None


@dataclass(frozen=True)
class Row:
    """A cohort: the first and last day of its interval, its size, and a cell per interval from 0 on."""

    first: int
    last: int
    size: int
    cells: tuple[Cell, ...]


def triangle(q: Question, *, by: str, step: str, columns: int) -> list[Row]:
    """Cohorts of the period by day, week or month; cell k holds those active in the k-th interval after their own.

    Interval 0 is the cohort's own. Weeks start on Monday. A cell whose interval has not ended is None, never partial.
    """
    if step not in ("day", "week", "month") or by not in ("join", "message"):
        raise Invalid("metrics.bad_triangle", by=by, step=step)
    starts = _starts(q.first, q.last, step)
    q.sets.load(starts[0], q.as_of)
    rows = []
    for start in starts:
        end = _end(start, step)
        cohort = q.sets.cohort(start, end, by=by)
        rows.append(Row(start, end, len(cohort), tuple(_cells(q, cohort, start, step, columns))))
    return rows


def _cells(q: Question, cohort: BitMap, start: int, step: str, columns: int) -> list[Cell]:
    cells = []
    for _column in range(columns):
        end = _end(start, step)
        ended = q.has_ended(end)
        active = len(cohort & q.sets.active_over(start, end)) if ended and cohort else 0
        cells.append(Cell(active if ended else None, len(cohort)))
        start = end + 1
    return cells


def square(q: Question, *, by: str, step: str, start: int, column: int) -> BitMap:
    """The people behind one cell of the triangle."""
    cohort = q.sets.cohort(start, _end(start, step), by=by)
    for _column in range(column):
        start = _end(start, step) + 1
    return cohort & q.sets.active_over(start, _end(start, step))


def _starts(first: int, last: int, step: str) -> list[int]:
    start = {"day": first, "week": days.week_start(first), "month": days.month_start(first)}[step]
    found = []
    while start <= last:
        found.append(start)
        start = _end(start, step) + 1
    return found


def _end(start: int, step: str) -> int:
    return {"day": start, "week": start + 6, "month": days.month_end(start)}[step]


class _Filled:
    """A lazy sentence with its number filled in when shown."""

    def __init__(self, sentence: object, n: int) -> None:
        self.sentence, self.n = sentence, n

    def __str__(self) -> str:
        return str(self.sentence).format(n=self.n)


def _of_joins(key: str, label: Text, ask: Callable[[Question], Answer], formula: Text) -> Metric:
    return Metric(key, label, "share", "cohort", ask, formula, needs="joins", topic="retention")


def _of_speakers(n: int, label: Text) -> Metric:
    formula = _Filled(_SPOKEN, n)
    ask = retained((n, n), by="message")
    return Metric(
        f"retention.message.d{n}", label, "share", "cohort", ask, formula, needs="speech", topic="retention"
    )


_JOINED = _("期间首次入群的群成员中，在入群后第 {n} 天当天有互动的占比。当天未结束时留空。")
_SPOKEN = _("期间首次发言的群成员中，在首次发言后第 {n} 天当天有互动的占比。当天未结束时留空。")

METRICS = (
    _of_joins("retention.d1", _("次日留存"), retained((1, 1)), _Filled(_JOINED, 1)),
    _of_joins("retention.d7", _("7日留存"), retained((7, 7)), _Filled(_JOINED, 7)),
    _of_joins("retention.d30", _("30日留存"), retained((30, 30)), _Filled(_JOINED, 30)),
    _of_joins("retention.d60", _("60日留存"), retained((60, 60)), _Filled(_JOINED, 60)),
    _of_speakers(1, _("首次发言次日留存")),
    _of_speakers(7, _("首次发言7日留存")),
    _of_speakers(30, _("首次发言30日留存")),
    _of_speakers(60, _("首次发言60日留存")),
    _of_joins(
        "retention.d6_8",
        _("6–8日留存"),
        retained((6, 8)),
        _("期间首次入群的群成员中，在入群后第 6 至 8 天内有互动的占比。"),
    ),
    _of_joins(
        "retention.d28_34",
        _("28–34日留存"),
        retained((28, 34)),
        _("期间首次入群的群成员中，在入群后第 28 至 34 天内有互动的占比。"),
    ),
    _of_joins(
        "retention.d57_63",
        _("57–63日留存"),
        retained((57, 63)),
        _("期间首次入群的群成员中，在入群后第 57 至 63 天内有互动的占比。"),
    ),
    _of_joins(
        "retention.rolling.d7",
        _("7日及以后留存"),
        rolling(7),
        _("期间首次入群的群成员中，在入群后第 7 天或之后任一天有互动的占比。"),
    ),
    _of_joins(
        "retention.rolling.d30",
        _("30日及以后留存"),
        rolling(30),
        _("期间首次入群的群成员中，在入群后第 30 天或之后任一天有互动的占比。"),
    ),
)

"""Retention (kpi.md §3.3): of a cohort, who is active on day N exactly, between days, or on day N and later."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from qunying.kit import days
from qunying.kit.errors import Invalid
from qunying.kit.refusals import Text
from qunying.metrics.kinds import Answer, Metric, Question

Bound = tuple[int, int]
"""First and last day after the cohort's own day in which to be active."""
BRACKETS: tuple[Bound, ...] = ((6, 8), (28, 34), (57, 63))


def retained(bound: Bound, *, by: str = "join") -> Callable[[Question], Answer]:
    """Of those whose cohort day lies in the period, the share active within the bound after their own day."""
    low, high = bound

    def ask(q: Question) -> Answer:
        if not q.has_ended(q.last + high):
            return Answer.unripe()
        q.sets.load(q.first + low, q.last + high)
        cohort, back = _within(q, q.first, q.last, bound, by)
        return Answer.share(back, of=cohort)

    return ask


def _within(q: Question, first: int, last: int, bound: Bound, by: str) -> tuple[BitMap, BitMap]:
    """Whose cohort day lies in the days, and who of them were active within the bound after their own."""
    low, high = bound
    cohort, back = BitMap(), BitMap()
    for day in range(first, last + 1):
        born = q.sets.cohort(day, day, by=by)
        cohort |= born
        if born:
            back |= born & q.sets.active_over(day + low, day + high)
    return cohort, back


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
    """One square of the triangle: who came back; None where the interval has not ended."""

    bits: BitMap | None
    size: int

    @property
    def active(self) -> int | None:
        return None if self.bits is None else len(self.bits)

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


VARIANTS = ("exact", "rolling", "bracket")


def triangle(q: Question, *, by: str, step: str, columns: int, variant: str = "exact") -> list[Row]:
    """Cohorts of the period by day, week or month; cell k holds those active in the k-th interval after their own, in
    the rolling variant in that or any later one we know. Interval 0 is the cohort's own, and weeks start on Monday.

    In the bracket variant the cells are the BRACKETS, days counted from each person's own. A cell whose days have not
    ended is None, never partial.
    """
    if step not in ("day", "week", "month") or by not in ("join", "message"):
        raise Invalid("metrics.bad_triangle", by=by[:20], step=step[:20])
    if variant not in VARIANTS:
        raise Invalid("metrics.bad_variant", variant=variant[:20], known="、".join(VARIANTS))
    starts = _starts(q.first, q.last, step)
    q.sets.load(starts[0], q.as_of)
    later = _later_than(q, starts[0], step) if variant == "rolling" else None
    rows = []
    for start in starts:
        end = _end(start, step)
        cohort = q.sets.cohort(start, end, by=by)
        if variant == "bracket":
            cells = [_bracketed(q, start, end, bound, by) for bound in BRACKETS]
        else:
            cells = _cells(q, cohort, start, step, columns, later)
        rows.append(Row(start, end, len(cohort), tuple(cells)))
    return rows


def _later_than(q: Question, start: int, step: str) -> dict[int, BitMap]:
    """Who was active in the interval that starts on the day or in any later one."""
    found: dict[int, BitMap] = {}
    later = BitMap()
    for first in reversed(_starts(start, q.as_of, step)):
        later = later | q.sets.active_over(first, min(_end(first, step), q.as_of))
        found[first] = later
    return found


def _cells(
    q: Question, cohort: BitMap, start: int, step: str, columns: int, later: dict[int, BitMap] | None
) -> list[Cell]:
    cells = []
    for _column in range(columns):
        end = _end(start, step)
        back: BitMap | None = None
        if q.has_ended(end):
            there = later[start] if later is not None else q.sets.active_over(start, end)
            back = cohort & there
        cells.append(Cell(back, len(cohort)))
        start = end + 1
    return cells


def _bracketed(q: Question, first: int, last: int, bound: Bound, by: str) -> Cell:
    """What the bracket's metric answers about the cohort."""
    cohort, back = _within(q, first, last, bound, by)
    return Cell(back if q.has_ended(last + bound[1]) else None, len(cohort))


def square(q: Question, *, by: str, step: str, start: int, column: int, variant: str = "exact") -> BitMap:
    """The people behind one cell of the triangle, exact or rolling; a bracket's are those of its metric."""
    cohort = q.sets.cohort(start, _end(start, step), by=by)
    for _column in range(column):
        start = _end(start, step) + 1
    return cohort & q.sets.active_over(start, q.as_of if variant == "rolling" else _end(start, step))


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
    """A lazy sentence with its numbers filled in when shown."""

    def __init__(self, sentence: object, **numbers: int) -> None:
        self.sentence, self.numbers = sentence, numbers

    def __str__(self) -> str:
        return str(self.sentence).format(**self.numbers)


_ROLLING: dict[str, tuple[Text, Text]] = {
    "join": (
        _("{n}日及以后留存"),
        _("期间首次入群的群成员中，在入群后第 {n} 天或之后任一天有互动的占比。"),
    ),
    "message": (
        _("首次发言{n}日及以后留存"),
        _("期间首次发言的群成员中，在首次发言后第 {n} 天或之后任一天有互动的占比。"),
    ),
}
_BRACKET: dict[str, tuple[Text, Text]] = {
    "join": (
        _("{low}–{high}日留存"),
        _("期间首次入群的群成员中，在入群后第 {low} 至 {high} 天内有互动的占比。"),
    ),
    "message": (
        _("首次发言{low}–{high}日留存"),
        _("期间首次发言的群成员中，在首次发言后第 {low} 至 {high} 天内有互动的占比。"),
    ),
}
_EXACT: dict[str, tuple[Text, Text]] = {
    "join": (
        _("{n}日留存"),
        _("期间首次入群的群成员中，在入群后第 {n} 天当天有互动的占比。当天未结束时留空。"),
    ),
    "message": (
        _("首次发言{n}日留存"),
        _("期间首次发言的群成员中，在首次发言后第 {n} 天当天有互动的占比。当天未结束时留空。"),
    ),
}
_NEXT_DAY: dict[str, Text] = {"join": _("次日留存"), "message": _("首次发言次日留存")}


def _metric(name: str, by: str, label: Text, formula: Text, ask: Callable[[Question], Answer]) -> Metric:
    key = f"retention.{name}" if by == "join" else f"retention.message.{name}"
    needs: Literal["joins", "speech"] = "joins" if by == "join" else "speech"
    return Metric(key, label, "share", "cohort", ask, formula, needs=needs, topic="retention")


def _exact(n: int, by: str) -> Metric:
    label, formula = _EXACT[by]
    name = _NEXT_DAY[by] if n == 1 else _Filled(label, n=n)
    return _metric(f"d{n}", by, name, _Filled(formula, n=n), retained((n, n), by=by))


def _bracket(low: int, high: int, by: str) -> Metric:
    label, formula = (_Filled(text, low=low, high=high) for text in _BRACKET[by])
    return _metric(f"d{low}_{high}", by, label, formula, retained((low, high), by=by))


def _later(n: int, by: str) -> Metric:
    label, formula = (_Filled(text, n=n) for text in _ROLLING[by])
    return _metric(f"rolling.d{n}", by, label, formula, rolling(n, by=by))


_NAMED = re.compile(r"retention\.(message\.)?(rolling\.)?d([1-9][0-9]{0,2})")
FURTHEST = 365


def of_any_day(key: str) -> Metric | None:
    """The metric of a day N of the asker's own choice, as retention.d14 or retention.message.rolling.d14."""
    found = _NAMED.fullmatch(key)
    if found is None or int(found[3]) > FURTHEST:
        return None
    return (_later if found[2] else _exact)(int(found[3]), "message" if found[1] else "join")


DAYS = (1, 7, 30, 60)

METRICS = tuple(
    entry
    for by in ("join", "message")
    for entry in (
        *(_exact(n, by) for n in DAYS),
        *(_bracket(low, high, by) for low, high in BRACKETS),
        *(_later(n, by) for n in DAYS),
    )
)

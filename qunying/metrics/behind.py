"""数字背后的人: the lines behind any number of a page, as many as its numerator says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from django.http import QueryDict
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.sets import Sets
from qunying.communities.duty import weekdays
from qunying.kit import days
from qunying.kit.errors import Invalid
from qunying.kit.refusals import Text
from qunying.metrics import asking, newcomers, retention
from qunying.metrics.asking import Asker
from qunying.metrics.kinds import Answer, Listed, Question, Unit
from qunying.metrics.lifecycle import streaks
from qunying.metrics.periods import Period, date_of

STICKY_DAYS = 30
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Behind:
    """What was asked and the answer, with the rule under which its people may be saved."""

    key: str
    label: Text
    formula: Text
    unit: Unit
    question: Question
    answer: Answer
    rule: dict[str, object]
    detail: str = ""

    @property
    def is_metric(self) -> bool:
        return self.key not in CELLS

    def lines(self) -> list[Listed]:
        return asking.listing(self.question, self.answer)

    def people(self) -> BitMap:
        """Member bits of the people, everybody once."""
        sets = self.question.sets
        if self.answer.bits is not None:
            return sets.people(self.answer.bits)
        members = np.array([line.member for line in self.lines()], dtype=np.int64)
        found = np.unique(sets.person_of_members(members))
        return BitMap(found[found >= 0].astype(np.uint32))


def behind(asker: Asker, given: QueryDict, period: Period) -> Behind:
    """The number an address asks for: a declared metric, or a square of a chart."""
    key, cell = given.get("metric", ""), given.get("cell", "")
    rule: dict[str, object] = {
        "metric": key,
        "from": str(period.from_day),
        "to": str(period.to_day),
        "cell": cell,
        **({"everybody": "1"} if asker.with_everybody else {}),
    }
    if key in CELLS:
        label, formula, unit, found = CELLS[key](asker, period, cell)
        return Behind(key, label, formula, unit, found[0], found[1], rule, found[2])
    entry = asking.metric(key)
    source = given.get("source", "")
    question = asker.posed(entry, period.first, period.last, source=int(source) if source.isdigit() else None)
    rule["source"] = source
    return Behind(key, entry.label, entry.formula, entry.unit, question, asker.put(entry, question), rule)


Found = tuple[Question, Answer, str]
Told = tuple[Text, Text, Unit, Found]


def _retention(asker: Asker, period: Period, cell: str) -> Told:
    """`by:step:first day:column` of a retention triangle, `:rolling` behind it in that variant."""
    exact = cell.removesuffix(":rolling")
    variant = "exact" if exact == cell else "rolling"
    by, step, start, column = _parts(exact, 4)
    if by not in ("join", "message") or step not in ("day", "week", "month"):
        raise Invalid("metrics.bad_cell", cell=cell[:40])
    begin, at = date_of(start), _number(column, 120, cell)
    question = asker.question(begin, max(begin, min(period.last, asker.as_of)))
    bits = retention.square(question, by=by, step=step, start=begin, column=at, variant=variant)
    cohort = question.sets.cohort(begin, _interval_end(begin, step, 0), by=by)
    ended = question.has_ended(_interval_end(begin, step, at))
    answer = Answer.share(bits, of=cohort) if ended else Answer.unripe()
    words = {"day": _("第 {n} 天"), "week": _("第 {n} 周"), "month": _("第 {n} 个月")}[step].format(n=at)
    who = _("{day} 这一批新入群") if by == "join" else _("{day} 这一批首次发言")
    detail = f"{who.format(day=days.date(begin).isoformat())} · {words}"
    formula = _("这一批群成员中，在所选间隔内有互动的人。")
    if variant == "rolling":
        formula = _("这一批群成员中，在所选间隔或之后有互动的人。")
    return _("留存名单"), formula, "share", (question, answer, detail)


def _interval_end(start: int, step: str, column: int) -> int:
    end = start
    for _at in range(column + 1):
        end = {"day": start, "week": start + 6, "month": days.month_end(start)}[step]
        start = end + 1
    return end


def _hours(asker: Asker, period: Period, cell: str) -> Told:
    """`weekday:hour` of the week's grid; one line per person and day in that hour, as many times as they acted."""
    weekday, hour = (_number(text, top, cell) for text, top in zip(_parts(cell, 2), (6, 23), strict=True))
    question = asker.question(period.first, period.last)
    total, bits, lines = 0, BitMap(), []
    for day, (keys, times) in question.sets.hours(period.first, period.last).items():
        if days.date(day).weekday() != weekday:
            continue
        mine = keys.astype(np.int64) % 24 == hour
        people = (keys[mine].astype(np.int64) // 24).tolist()
        bits |= BitMap(people)
        total += int(times[mine].sum())
        at = asker.brand.clock.start(day) + hour * days.HOUR_MS
        for member, often in zip(question.sets.members(people), times[mine].tolist(), strict=True):
            lines += [Listed(member, at)] * often
    name = weekdays()[weekday]
    detail = _("{name} {hour}:00–{hour}:59").format(name=name, hour=hour)
    answer = Answer.times(total, lambda: sorted(lines, key=lambda line: line.at or 0), bits=bits)
    return _("活跃时段名单"), _("期间在所选星期与钟点有互动的群成员。"), "times", (question, answer, detail)


def _sticky(asker: Asker, period: Period, cell: str) -> Told:
    """Active on exactly so many of the 30 days that end with the period."""
    often = _number(cell, STICKY_DAYS, cell)
    question = asker.question(period.last - STICKY_DAYS + 1, period.last)
    bits = exactly(question.sets, period.last, often)
    detail = _("近 {all} 天活跃 {n} 天").format(all=STICKY_DAYS, n=often)
    return (
        _("活跃天数名单"),
        _("30 天中恰好这么多天有互动的群成员。"),
        "people",
        (question, Answer.people(bits), detail),
    )


def _streak(asker: Asker, period: Period, cell: str) -> Told:
    """Active on each of the last so many days."""
    length = _number(cell, 366, cell)
    question = asker.question(period.last - length + 1, period.last)
    question.sets.load(question.first, question.last)
    bits = streaks(question, at_least=max(length, 1))
    detail = _("连续 {n} 天").format(n=length)
    return (
        _("连续活跃名单"),
        _("截至期末每天都有互动的群成员。"),
        "people",
        (question, Answer.people(bits), detail),
    )


def _quiet(asker: Asker, period: Period, _cell: str) -> Told:
    """Present in the period without a message."""
    question = asker.question(period.first, period.last)
    there = question.sets.present(period.first, period.last)
    answer = Answer.share(there - question.sets.spoke_over(period.first, period.last), of=there)
    return _("未发言名单"), _("期间在群、但没有发过消息的群成员。"), "share", (question, answer, "")


def _lost(asker: Asker, period: Period, cell: str) -> Told:
    """Newcomers who took the step before the named one and not this one."""
    places = {step.key: place for place, step in enumerate(newcomers.STEPS) if place}
    if cell not in places:
        raise Invalid("metrics.bad_cell", cell=cell[:40])
    place = places[cell]
    entry = replace(asking.metric(cell), ask=newcomers.asks(place, newcomers.stopped))
    question = asker.posed(entry, period.first, period.last)
    detail = _("没有走到“{step}”").format(step=newcomers.STEPS[place].name)
    formula = _("期间首次入群、走到了上一步、但没有走到这一步的群成员 ÷ 走到上一步的群成员。")
    return _("新人漏斗流失名单"), formula, "share", (question, asker.put(entry, question), detail)


CELLS: dict[str, Callable[[Asker, Period, str], Told]] = {
    "retention": _retention,
    "hours": _hours,
    "sticky": _sticky,
    "streak": _streak,
    "quiet": _quiet,
    "funnel": _lost,
}


def day_counts(sets: Sets, last: int, *, over: int = STICKY_DAYS) -> tuple[Ints, Ints]:
    """Bits and on how many of the days they were active, at least one."""
    sets.load(last - over + 1, last)
    parts = [
        np.array(sets.active(day).to_array(), dtype=np.int64) for day in range(last - over + 1, last + 1)
    ]
    found = (
        np.bincount(np.concatenate(parts))
        if any(len(part) for part in parts)
        else np.zeros(0, dtype=np.int64)
    )
    bits = np.flatnonzero(found)
    return bits, found[bits]


def exactly(sets: Sets, last: int, often: int) -> BitMap:
    """Who was active on exactly that many of the 30 days."""
    bits, times = day_counts(sets, last)
    return BitMap(bits[times == often].astype(np.uint32))


def _parts(cell: str, many: int) -> list[str]:
    parts = cell.split(":")
    if len(parts) != many:
        raise Invalid("metrics.bad_cell", cell=cell[:40])
    return parts


def _number(text: str, top: int, cell: str) -> int:
    if not text.isdigit() or int(text) > top:
        raise Invalid("metrics.bad_cell", cell=cell[:40])
    return int(text)

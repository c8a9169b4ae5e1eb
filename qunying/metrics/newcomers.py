"""新人漏斗 (kpi.md §3.5): of those who first joined, who spoke, who spoke again, and who of these is still there.

Steps are ordered, each with its window in whole local days, last day included; an act takes one step only. All of it is
algebra on day sets and stays. A step is blank until its window has ended for the last of the asked join days; whoever's
community is known for less long is left out of it, above and below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from qunying.kit.refusals import Text
from qunying.metrics.asking import NO_SPEECH, Asker
from qunying.metrics.flows import counting
from qunying.metrics.kinds import Answer, Metric, Question

SPEAK, AGAIN, STAY = 7, 7, 30
MONTH = 30


@dataclass(frozen=True)
class Step:
    """步骤: `reach` is how many days after the join it is decided for everybody."""

    key: str
    name: Text
    window: Text
    reach: int
    label: Text
    formula: Text


STEPS = (
    Step(
        "funnel.joined",
        _("入群"),
        _("首次入群"),
        0,
        _("新人入群人数"),
        _("期间首次入群的群成员（去重），同一个人在多个社群只算最早的一次，再次入群不算新人。"),
    ),
    Step(
        "funnel.spoke",
        _("发过言"),
        _("入群起 7 天内"),
        SPEAK,
        _("新人7日发言率"),
        _("期间首次入群的群成员中，入群当天至入群后第 7 天发过言的占比。"),
    ),
    Step(
        "funnel.again",
        _("再次发言"),
        _("首次发言后 7 天内的另一天"),
        SPEAK + AGAIN,
        _("新人再次发言率"),
        _("期间首次入群的群成员中，7 天内发过言、又在首次发言后第 1 至第 7 天再次发言的占比。"),
    ),
    Step(
        "funnel.stayed",
        _("仍在群"),
        _("入群后第 30 天结束时"),
        STAY,
        _("新人发言且30日在群率"),
        _("期间首次入群的群成员中，再次发过言、且入群后第 30 天结束时仍在群的占比；中途退群又入群的算在群。"),
    ),
)


@dataclass(frozen=True)
class Taken:
    """One step: who took it, of whom it is decided, and who of these took the step before."""

    bits: BitMap
    of: BitMap
    before: BitMap

    @property
    def lost(self) -> BitMap:
        """Who took the step before and not this one."""
        return self.before - self.bits


def walk(q: Question) -> tuple[Taken, ...]:
    """The steps of those who first joined in the period; each step's people took all those before."""
    cohorts = {day: new for day in range(q.first, q.last + 1) if (new := q.sets.cohort(day, day))}
    joined = BitMap.union(BitMap(), *cohorts.values())
    spoke, again = _speech(q, cohorts)
    found: list[Taken] = []
    before = joined
    for step, bits in zip(STEPS, (joined, spoke, again, again & _still_there(q)), strict=True):
        of = joined & _decided(q, step.reach)
        found.append(Taken(bits & of, of, before & of))
        before = bits
    return tuple(found)


def _speech(q: Question, cohorts: dict[int, BitMap]) -> tuple[BitMap, BitMap]:
    """Who spoke within SPEAK days of joining, and who of them on another day within AGAIN days of that."""
    spoke, again = BitMap(), BitMap()
    if not cohorts:
        return spoke, again
    q.sets.load(min(cohorts), min(max(cohorts) + SPEAK + AGAIN, q.as_of))
    later: dict[int, BitMap] = {}
    for joined_on, new in cohorts.items():
        silent = new
        for day in range(joined_on, min(joined_on + SPEAK, q.as_of) + 1):
            first = silent & q.sets.speakers(day)
            if not first:
                continue
            if day not in later:
                later[day] = q.sets.spoke_over(day + 1, min(day + AGAIN, q.as_of))
            spoke |= first
            again |= first & later[day]
            silent = silent - first
    return spoke, again


def _still_there(q: Question) -> BitMap:
    """Who of the period's newcomers was there when the STAY-th day after joining ended, in whichever stay."""
    columns = q.sets.columns
    stays = columns.stays
    if not len(stays.bit):
        return BitMap()
    born = q.sets.born[stays.bit if q.sets.is_single else columns.person[stays.bit]]
    due = born + STAY
    there = (born >= q.first) & (born <= q.last) & (stays.joined <= due) & (stays.left > due)
    return q.sets.scoped(BitMap(np.unique(stays.bit[counting(q.sets, there, due)]).astype(np.uint32)))


def _decided(q: Question, reach: int) -> BitMap:
    """Of whom we know all days up to `reach` after the join."""
    born = q.sets.born
    mine = (born >= q.first) & (born <= q.last) & (born + reach <= q.sets.followed_to)
    return BitMap(np.flatnonzero(mine).astype(np.uint32))


def asks(place: int, tell: Callable[[Taken], Answer]) -> Callable[[Question], Answer]:
    """What `tell` says of that step, as a metric asks it; blank until the step is due."""

    def ask(q: Question) -> Answer:
        if not q.has_ended(q.last + STEPS[place].reach):
            return Answer.unripe()
        if place and not q.sees_speech:
            return Answer.not_computed(NO_SPEECH)
        return tell(walk(q)[place])

    return ask


def _came(taken: Taken) -> Answer:
    return Answer.people(taken.bits)


def _took(taken: Taken) -> Answer:
    return Answer.share(taken.bits, of=taken.of)


def stopped(taken: Taken) -> Answer:
    """Who took the step before and not this one, of those who took the step before."""
    return Answer.share(taken.lost, of=taken.before)


def join_days(asker: Asker, first: int, last: int) -> tuple[int, int] | None:
    """The join days that a page about first..last shows: all of them where the whole funnel is due for the last; else
    those for which it is, with the days before them that make it a month. Where it is decided for nobody of these, as
    many steps as are decided for anybody, the days chosen alike. None without newcomers."""
    complete = min(asker.as_of, asker.today - 1)
    for step in reversed(STEPS):
        end = min(last, complete - step.reach)
        start = first if end == last else max(min(first, end - MONTH + 1), asker.since)
        if start > end:
            continue
        question = asker.question(start, end, ahead=asker.as_of)
        if not question.communities or not question.knows_joins:
            continue
        if question.sets.cohort(start, end) & _decided(question, step.reach):
            return start, end
    return None


METRICS = tuple(
    Metric(
        step.key,
        step.label,
        "share" if place else "people",
        "cohort",
        asks(place, _took if place else _came),
        step.formula,
        needs="joins",
        topic="retention",
    )
    for place, step in enumerate(STEPS)
)

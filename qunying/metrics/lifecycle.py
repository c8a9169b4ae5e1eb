"""Lifecycle by set algebra, stages, concentration and streaks (kpi.md §3.4, §3.12)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from qunying.audiences.contribution import nominated
from qunying.audiences.models import DayCount
from qunying.audiences.stages import KEYS, LABELS, StageBook
from qunying.metrics.activity import messages
from qunying.metrics.kinds import Answer, Change, Listed, Metric, Question
from qunying.metrics.periods import interval_before


@dataclass(frozen=True)
class Lifecycle:
    """One interval: |active| = |active before| − dormant + first + resurrecting."""

    first: BitMap
    returning: BitMap
    resurrecting: BitMap
    dormant: BitMap


def lifecycle(q: Question, start: int, end: int) -> Lifecycle:
    """The interval start..end against the one before it; `first` had never acted before `start`.

    A step by week or month stands against the calendar week or month before, so that the steps of a series add up.
    """
    now = q.sets.active_over(start, end)
    before = q.sets.active_over(*interval_before(start, end, q.step))
    ever = q.sets.ever_active(start - 1)
    return Lifecycle(
        first=now - ever, returning=now & before, resurrecting=(now & ever) - before, dormant=before - now
    )


def _part(name: str) -> Callable[[Question], Answer]:
    def ask(q: Question) -> Answer:
        bits: BitMap = getattr(lifecycle(q, q.first, q.last), name)
        return Answer.people(bits)

    return ask


def stage_bits(q: Question, stage: str) -> BitMap:
    """Who is in the stage when the period ends. Over several communities a person is in the best of theirs."""
    ranked = ("core", "active", "new", "silent", "dormant", "unobserved", "left")
    better = BitMap()
    found = BitMap()
    covered = [community for community in q.communities if community not in q.missing]
    books = [StageBook(community, q.sets_of(community)) for community in covered]
    held = [book.bitmaps(q.last) for book in books]
    for name in ranked:
        found = BitMap()
        for bits in (maps[name] for maps in held):
            found |= bits if q.sets.is_single else q.sets.scoped(bits)
        if name == stage:
            return found - better
        better |= found
    return found


def _stage(stage: str) -> Callable[[Question], Answer]:
    return lambda q: Answer.people(stage_bits(q, stage))


def core_nominated(q: Question) -> Answer:
    found = BitMap()
    for community in q.communities:
        found |= q.sets.scoped(nominated(q.sets_of(community), q.last))
    return Answer.people(found)


def concentration(q: Question) -> Answer:
    """The fewest members who together sent half of the messages, of all who sent any."""
    bits, times = q.sets.counts(DayCount.Kind.MESSAGES, q.first, q.last)
    if not len(bits):
        return Answer(None, 0, 0, "blank")
    order = np.lexsort((bits, -times.astype(np.int64)))
    total = np.cumsum(times[order].astype(np.int64))
    needed = int(np.searchsorted(total * 2, total[-1])) + 1
    few = BitMap(bits[order[:needed]])
    return Answer(needed, needed, len(bits), bits=few, of=BitMap(bits))


def top_tenth(q: Question) -> Answer:
    """The share of messages sent by the busiest tenth of speakers, rounded up to whole people."""
    bits, times = q.sets.counts(DayCount.Kind.MESSAGES, q.first, q.last)
    if not len(bits):
        return Answer(None, 0, 0, "blank")
    order = np.lexsort((bits, -times.astype(np.int64)))
    few = -(-len(bits) // 10)
    sent = times[order].astype(np.int64)
    whole = messages(q)
    busy = set(q.sets.members(BitMap(bits[order[:few]])))

    def listing() -> list[Listed]:
        return [line for line in (whole.listing() if whole.listing else []) if line.member in busy]

    return Answer(
        float(sent[:few].sum() / sent.sum()),
        int(sent[:few].sum()),
        int(sent.sum()),
        bits=BitMap(bits[order[:few]]),
        listing=listing,
    )


def streaks(q: Question, *, at_least: int) -> BitMap:
    """Members active on each of the last `at_least` days."""
    found = q.sets.active(q.last)
    for day in range(q.last - at_least + 1, q.last):
        found = found & q.sets.active(day)
    return found


CALENDAR = Change(
    dt.date(2026, 11, 29),
    _("上一周期由“等长的前一段日子”改为：整月对上一个月，整周对上一周。"),
    _("整月、整周的数值可能与以前看到的不同，各期从此首尾相接；其他日期范围不变。"),
)

METRICS = (
    Metric(
        "lifecycle.first",
        _("首次互动人数"),
        "people",
        "period",
        _part("first"),
        _("期间互动、且此前从未互动过的群成员。"),
        topic="lifecycle",
    ),
    Metric(
        "lifecycle.returning",
        _("持续活跃人数"),
        "people",
        "period",
        _part("returning"),
        _("期间与上一周期都有互动的群成员；整月与上一个月相比，整周与上一周相比。"),
        changes=(CALENDAR,),
        topic="lifecycle",
    ),
    Metric(
        "lifecycle.resurrecting",
        _("回流人数"),
        "people",
        "period",
        _part("resurrecting"),
        _("期间有互动、上一周期没有、更早有过的群成员；整月与上一个月相比，整周与上一周相比。"),
        changes=(CALENDAR,),
        topic="lifecycle",
    ),
    Metric(
        "lifecycle.dormant",
        _("流失活跃人数"),
        "people",
        "period",
        _part("dormant"),
        _("上一周期有互动、本期没有的群成员；整月与上一个月相比，整周与上一周相比。"),
        changes=(CALENDAR,),
        good="down",
        topic="lifecycle",
    ),
    *(
        Metric(
            f"stage.{key}",
            LABELS[key],
            "people",
            "day",
            _stage(key),
            _("当天结束时处于该生命周期阶段的群成员；在多个社群的取最好的阶段。"),
            good="" if key == "unobserved" else "down" if key in ("silent", "dormant", "left") else "up",
            topic="stages",
        )
        for key in KEYS[1:]
    ),
    Metric(
        "core_nominated",
        _("核心候选人数"),
        "people",
        "30 days",
        core_nominated,
        _("30 天内至少 12 天活跃、且贡献分居前 10% 的群成员（每个社群 3 至 30 位，同分并列）。"),
        topic="stages",
    ),
    Metric(
        "concentration",
        _("发言集中度"),
        "people",
        "period",
        concentration,
        _("贡献一半消息所需的最少人数；分母为发言人数。"),
        needs="speech",
        topic="speech",
    ),
    Metric(
        "top_tenth",
        _("前10%发言占比"),
        "share",
        "period",
        top_tenth,
        _("发言最多的 10% 群成员（向上取整）发出的消息 ÷ 全部消息。"),
        needs="speech",
        good="down",
        topic="speech",
    ),
    Metric(
        "streak.7",
        _("连续7天活跃人数"),
        "people",
        "7 days",
        lambda q: Answer.people(streaks(q, at_least=7)),
        _("截至当天连续 7 天每天都有互动的群成员。"),
        topic="activity",
    ),
)

"""Joins that stop, leaves that jump, and a source whose people do not stay."""

from __future__ import annotations

import numpy as np
from django.utils.translation import gettext_lazy as _

from qunying.diagnosis import chance
from qunying.diagnosis.chance import LEVEL
from qunying.diagnosis.kinds import Detector, Evidence, Line, Trace, back_above, graded, quiet_for
from qunying.diagnosis.place import Floats, Ints, Place

WEEKS, MONTH = 4, 28
FEW = 30
SPANS = (5, 7, 14)
SOON = 3
RECENT, BEFORE = (5, 10), 42


def joins_stopped(place: Place) -> list[Trace]:
    """Almost nobody joined in so many days that chance cannot do it, going by the same weekdays of four weeks."""
    usual = np.nan_to_num(chance.same_weekdays(place.joins, weeks=WEEKS))
    alarm, span = np.zeros(place.days, dtype=np.bool_), np.full(place.days, SPANS[0])
    for days in reversed(SPANS):
        now, mean = chance.rolling(place.joins, days), chance.rolling(usual, days)
        hit = (now <= 0.15 * mean) & (chance.poisson(now, mean) <= -LEVEL)
        span[hit] = days
        alarm |= hit
    week, mean = chance.rolling(place.joins, 7), chance.rolling(usual, 7)

    def evidence(day: int) -> Evidence:
        days = int(span[day])
        return {
            "days": days,
            "now": int(chance.rolling(place.joins, days)[day]),
            "usual": round(float(chance.rolling(usual, days)[day]), 1),
        }

    def people(_opened: int, _day: int) -> Ints:
        return np.zeros(0, dtype=np.int64)

    return [
        Trace(
            alarm,
            back_above(week, mean, 0.4),
            evidence,
            people,
            graded(span.astype(np.float64), bad=5, worse=14),
            Line(place.joins, usual),
        )
    ]


def leaves_spiked(place: Place) -> list[Trace]:
    """Within one to three days far more left than usual."""
    alarm, span = np.zeros(place.days, dtype=np.bool_), np.ones(place.days, dtype=np.int64)
    middle_of: dict[int, Floats] = {}
    for days in (3, 2, 1):
        now = chance.rolling(place.leaves, days)
        middle, spread = chance.usual(now, past=MONTH, gap=3)
        middle_of[days] = middle
        hit = (
            (now >= 10) & (now >= 2 * middle) & (chance.poisson(now, np.nan_to_num(middle, nan=1e9)) >= LEVEL)
        )
        hit &= now - middle > LEVEL * spread
        span[hit] = days
        alarm |= hit

    def evidence(day: int) -> Evidence:
        days = int(span[day])
        return {
            "days": days,
            "now": int(chance.rolling(place.leaves, days)[day]),
            "usual": round(float(middle_of[days][day]), 1),
            "present": int(place.present[day]),
        }

    def people(opened: int, day: int) -> Ints:
        return place.leavers(opened - int(span[opened]) + 1, day)

    share = chance.ratio(chance.rolling(place.leaves, 3), place.present)
    return [
        Trace(
            alarm,
            quiet_for(alarm, 7),
            evidence,
            people,
            graded(share, bad=0.1, worse=0.25),
            Line(place.leaves, middle_of[1]),
        )
    ]


def source_leaked(place: Place) -> list[Trace]:
    """Of those who came by one source far more left within three days than of the others and of that source
    before."""
    found = [_leak(place, source) for source in np.unique(place.stays.source).tolist() if source]
    return [trace for trace in found if trace is not None]


def _leak(place: Place, source: int) -> Trace | None:
    stays = place.stays
    told = stays.is_join_told & (stays.joined >= 0) & (stays.joined < place.days)
    mine = told & (stays.source == source)
    if mine.sum() < FEW:
        return None
    quick = stays.is_leave_told & (stays.left - stays.joined <= SOON)
    all_left, everybody = _ripe(place, told & quick, BEFORE), _ripe(place, told, BEFORE)
    alarm, span = np.zeros(place.days, dtype=np.bool_), np.full(place.days, RECENT[-1])
    share_of, parts = {}, {}
    for days in reversed(RECENT):
        left, size = _ripe(place, mine & quick, days), _ripe(place, mine, days)
        others = all_left - left, everybody - size
        share, usual = chance.ratio(left, size), chance.ratio(*others)
        hit = (size >= FEW) & (others[1] >= FEW) & (share >= 0.25) & (share >= 2 * usual)
        hit &= chance.shares(left, size, *others) >= LEVEL
        alarm, span[hit] = alarm | hit, days
        share_of[days], parts[days] = (share, usual), (left, size)

    def people(opened: int, day: int) -> Ints:
        recent = mine & (stays.joined > opened - SOON - RECENT[-1]) & (stays.joined <= day)
        return np.unique(stays.who[recent & stays.is_leave_told & (stays.left <= day)])

    def evidence(day: int) -> Evidence:
        (share, usual), (left, size) = share_of[int(span[day])], parts[int(span[day])]
        return {
            "source": place.sources.get(source, ""),
            "now": round(float(share[day]), 3),
            "usual": round(float(usual[day]), 3),
            "members": int(size[day]),
            "left": int(left[day]),
            "days": SOON,
        }

    share, usual = share_of[RECENT[-1]]
    healed = np.where(parts[RECENT[-1]][1] >= FEW // 3, share <= 1.3 * usual, quiet_for(alarm, RECENT[-1])(0))
    level, line = graded(share, bad=0.4, worse=0.7), Line(share, usual, True)
    return Trace(alarm, lambda _opened: healed, evidence, people, level, line, subject=f"source:{source}")


def _ripe(place: Place, which: np.ndarray[tuple[int], np.dtype[np.bool_]], days: int) -> Floats:
    """How many of these joined in the days that end three days before each day."""
    count = chance.rolling(place.daily(place.stays.joined[which]), days)
    return np.concatenate([np.zeros(min(SOON, place.days)), count[: max(place.days - SOON, 0)]])


DETECTORS = (
    Detector(
        "joins.stopped",
        _("不再有人入群"),
        _("近 {days} 天只有 {now} 人入群，往常同期约 {usual} 人。"),
        "joins",
        35,
        joins_stopped,
        ("entrance.check", "invite.members"),
        ("activity.fell", "silent_share.rose"),
    ),
    Detector(
        "leaves.spiked",
        _("退群激增"),
        _("{days} 天内有 {now} 人退群，往常同期约 {usual} 人；现有群人数 {present}。"),
        "leaves",
        35,
        leaves_spiked,
        ("leavers.ask", "caps.lower"),
        ("activity.fell",),
    ),
    Detector(
        "source.leaked",
        _("渠道来的人留不住"),
        _(
            "近期经“{source}”入群的 {members} 人中有 {left} 人在 {days} 天内退群，"
            "占 {now:.0%}，其他人为 {usual:.0%}。"
        ),
        "leaves",
        30,
        source_leaked,
        ("source.fix", "onboarding.week"),
        ("leaves.spiked", "newcomers.went_silent", "cohort.faded"),
    ),
)

"""Newcomers who stop coming: all of them for some time, or one cohort among healthy ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_lazy as _

from qunying.diagnosis import chance
from qunying.diagnosis.chance import LEVEL
from qunying.diagnosis.kinds import Detector, Evidence, Line, Trace, back_above, graded, quiet_for
from qunying.diagnosis.place import Floats, Ints, Place
from qunying.kit import days as calendar

FROM, UNTIL = 4, 8
"""Days after the join in which a newcomer who stays is heard of again: after the first curiosity of day 0 to 3."""
RECENT, BEFORE = 10, 56
BLOCK = 3
FEW = 30
SOME = 10
LATEST = 15


@dataclass(frozen=True)
class Cohorts:
    """Per day of joining: how many joined, how many of them were active on a day from FROM to UNTIL after."""

    size: Floats
    kept: Floats
    joined: Ints

    def over(self, days: int) -> tuple[Floats, Floats]:
        return chance.rolling(self.kept, days), chance.rolling(self.size, days)


def cohorts(place: Place) -> Cohorts:
    day, who = place.newcomers
    joined = np.full(len(place.bits), -(10**6), dtype=np.int64)
    joined[who] = day
    active_day, active_who = place.active
    after = active_day - joined[active_who]
    is_kept = np.zeros(len(place.bits), dtype=np.int64)
    is_kept[active_who[(after >= FROM) & (after <= UNTIL)]] = 1
    kept = np.bincount(day, weights=is_kept[who], minlength=place.days).astype(np.float64)[: place.days]
    return Cohorts(place.daily(day), kept, joined)


def ripe(series: Floats) -> Floats:
    """The value of the latest day of joining whose week is over, on each day."""
    return np.concatenate([np.zeros(min(UNTIL, len(series))), series[: max(len(series) - UNTIL, 0)]])


def newcomers_went_silent(place: Place) -> list[Trace]:
    """Of those who joined in ten days, whose week is over, far fewer came back after day 3 than of those
    before them."""
    held = cohorts(place)
    kept, size = held.over(RECENT)
    before_kept, before_size = (
        np.concatenate([np.zeros(RECENT), series])[: place.days] for series in held.over(BEFORE)
    )
    burst = _burst(held.size)
    kept, size, before_kept, before_size, burst = (
        ripe(x) for x in (kept, size, before_kept, before_size, burst)
    )
    share, usual = chance.ratio(kept, size), chance.ratio(before_kept, before_size)
    alarm = (size >= FEW) & (before_size >= FEW) & (share <= 0.5 * usual) & (burst <= 0.5 * size)
    alarm &= chance.shares(kept, size, before_kept, before_size) <= -LEVEL

    def people(opened: int, day: int) -> Ints:
        return _unheard(place, held.joined, opened - UNTIL - RECENT, day)

    def evidence(day: int) -> Evidence:
        return {
            "now": round(float(share[day]), 3),
            "usual": round(float(usual[day]), 3),
            "members": int(size[day]),
            "day": FROM - 1,
        }

    return [
        Trace(
            alarm,
            back_above(share, usual, 0.75),
            evidence,
            people,
            graded(1 - chance.ratio(share, usual), bad=0.7, worse=0.9),
            Line(share, usual, True),
        )
    ]


def _unheard(place: Place, joined: Ints, since: int, day: int) -> Ints:
    """Who joined after `since`, was due to be heard of by the day and was not."""
    low, high = np.searchsorted(place.active[0], [since, day + 1])
    later, who = place.active[0][low:high], place.active[1][low:high]
    heard = np.zeros(len(place.bits), dtype=np.bool_)
    heard[who[later - joined[who] >= FROM]] = True
    return np.flatnonzero((joined > since) & (joined <= day - FROM) & ~heard)


def _burst(size: Floats) -> Floats:
    """The most that joined within three of the last ten days."""
    block = chance.rolling(size, BLOCK)
    lagged = [np.concatenate([np.zeros(shift), block])[: len(block)] for shift in range(RECENT - BLOCK + 1)]
    found: Floats = np.max(lagged, axis=0)
    return found


def cohort_faded(place: Place) -> list[Trace]:
    """Those who joined within three days stayed away, while those who joined before and after them came back."""
    held = cohorts(place)
    kept, size = held.over(BLOCK)
    before_kept, before_size = (
        np.concatenate([np.zeros(BLOCK), series])[: place.days] for series in held.over(BEFORE)
    )
    usual = chance.ratio(before_kept, before_size)
    share = chance.ratio(kept, size)
    bad = (size >= FEW) & (before_size >= FEW) & (share <= 0.5 * usual)
    bad &= chance.shares(kept, size, before_kept, before_size) <= -LEVEL
    alarm, block = np.zeros(place.days, dtype=np.bool_), np.zeros(place.days, dtype=np.int64)
    totals = np.cumsum(held.kept), np.cumsum(held.size)
    for end in sorted(np.flatnonzero(bad).tolist(), key=lambda end: -share[end]):
        for day in range(end + UNTIL + BLOCK, min(end + UNTIL + LATEST, place.days)):
            later_kept, later = (total[day - UNTIL] - total[end] for total in totals)
            if later >= SOME and later_kept >= 0.6 * usual[end] * later:
                alarm[day], block[day] = True, end

    def people(_opened: int, day: int) -> Ints:
        end = block[day]
        return np.flatnonzero((held.joined > end - BLOCK) & (held.joined <= end))

    def evidence(day: int) -> Evidence:
        end = int(block[day])
        since = calendar.date(place.first + end - BLOCK + 1)
        return {
            "now": round(float(share[end]), 3),
            "usual": round(float(usual[end]), 3),
            "members": int(size[end]),
            "day": FROM - 1,
            "joined_on": since.isoformat(),
            "days": BLOCK,
        }

    level = graded(1 - chance.ratio(share, usual)[block], bad=0.7, worse=0.9)
    return [Trace(alarm, quiet_for(alarm, 1), evidence, people, level, Line(ripe(share), ripe(usual), True))]


DETECTORS = (
    Detector(
        "newcomers.went_silent",
        _("新成员很快沉默"),
        _("近期入群的 {members} 人中，第 {day} 天后还有互动的占 {now:.0%}，往常为 {usual:.0%}。"),
        "retention.d7",
        45,
        newcomers_went_silent,
        ("onboarding.week", "welcome.reset"),
        ("cohort.faded", "activity.fell"),
    ),
    Detector(
        "cohort.faded",
        _("一批新成员留存偏低"),
        _(
            "{joined_on} 起 {days} 天内入群的 {members} 人中，"
            "第 {day} 天后还有互动的占 {now:.0%}，往常为 {usual:.0%}。"
        ),
        "retention.d7",
        45,
        cohort_faded,
        ("cohort.rescue", "onboarding.week"),
        ("silent_share.rose",),
    ),
)

"""A community's year as columns: who was there when, and everything they did."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from qunying.demo.columns import DAY, HOUR, MINUTE, SECOND, Acts, Chance, Ints, Marks, Reals
from qunying.demo.plans import CommunityPlan
from qunying.demo.rhythm import midnight, seconds_of_day

LONG_AGO: Final = -1000 * DAY
BEFORE: Final = 40  # days lived before the first day, so that the first day is a day like any other
EARLY_LEAVERS: Final = 0.2
RETURNING: Final = 0.05
LEVELS: Final = np.array((0.013, 0.16, 0.46, 0.76))
CHATTINESS: Final = np.array((0.2, 0.33, 1.3, 6.5))
SHARES: Final = np.array((0.56, 0.29, 0.12, 0.03))


class Spells(NamedTuple):
    """Stays in the community, one a row: person, coming and going (ms since the first midnight)."""

    who: Ints
    came: Ints
    went: Ints


@dataclass(frozen=True)
class Life:
    """One community's whole life. Cast: the bot, then staff, then members from `first_member` on.

    Moments in `spells` and `acts` are milliseconds since `begins` (ms UTC of the first midnight); who came
    before 0 was there already. `level` is each cast member's usual share of active days. `items` are uids
    of the weekly topics and polls.
    """

    plan: CommunityPlan
    first: dt.date
    days: int
    spells: Spells
    level: Reals
    chattiness: Reals
    acts: Acts
    items: Ints

    @property
    def begins(self) -> int:
        return midnight(self.first)

    @property
    def ends(self) -> int:
        return self.days * DAY

    @property
    def cast(self) -> int:
        return len(self.level)

    @property
    def first_member(self) -> int:
        return 1 + self.plan.staff

    def came(self) -> Ints:
        """Per cast member the first coming; staff and bot were always there."""
        moments = np.full(self.cast, self.ends, dtype=np.int64)
        moments[: self.first_member] = LONG_AGO
        np.minimum.at(moments, self.spells.who, self.spells.came)
        return moments

    def present(self, since: int, until: int) -> Ints:
        """The members who are there from `since` to `until` without leaving."""
        stays = (self.spells.came <= since) & (self.spells.went > until)
        return np.unique(self.spells.who[stays])

    def by_members(self) -> Marks:
        """Rows done by members, not by staff or the bot."""
        return np.asarray(self.acts.who >= self.first_member)


def arrivals(rng: Chance, plan: CommunityPlan) -> Ints:
    """Days of joining, from BEFORE days before the first: steady, with gentle waves and a weekly rhythm."""
    day = np.arange(-BEFORE, plan.days)
    week = np.where((day % 7) >= 5, 1.1, 0.96)
    phase = rng.integers(0, 36)
    wave = np.where((day + phase) % 36 < 5, 1.25, 0.96)
    return np.repeat(day, rng.poisson(np.round(plan.joins * week * wave, 6)))


def departures(rng: Chance, came: Ints, rate: float, *, early: float) -> Ints:
    """When each leaves: the share `early` within days, everybody else at a steady rate a day."""
    steady = came + (rng.standard_exponential(len(came)) / rate * DAY).astype(np.int64)
    soon = came + (rng.standard_exponential(len(came)) * 1.6 * DAY).astype(np.int64)
    went = np.where(rng.random(len(came)) < early, np.minimum(soon, steady), steady)
    return np.maximum(went, came + 5 * MINUTE) // SECOND * SECOND


def stays(rng: Chance, plan: CommunityPlan) -> Spells:
    """Who is there when: founders, joiners, and the few who come back. Members count from 0 here."""
    joined = arrivals(rng, plan)
    rate = max(plan.joins * (1 - EARLY_LEAVERS) * 0.97, 0.01) / plan.members
    came = (joined * DAY + seconds_of_day(rng, plan.profile, len(joined))) // SECOND * SECOND
    went = departures(rng, came, rate, early=EARLY_LEAVERS)
    recent = int(((came < 0) & (went > 0)).sum())
    founders = np.zeros(max(plan.members - recent, 1), dtype=np.int64)
    went = np.concatenate((departures(rng, founders, rate, early=0.0), went))
    came = np.concatenate((founders + LONG_AGO, came))
    there = went > 0
    came, went = came[there], went[there]
    who = np.arange(len(came))
    back = (rng.random(len(who)) < RETURNING) & (went < plan.days * DAY)
    again = went[back] + 30 * HOUR + (rng.standard_exponential(int(back.sum())) * 15 * DAY).astype(np.int64)
    gone = departures(rng, again, rate, early=EARLY_LEAVERS)
    inside = again < plan.days * DAY
    return Spells(
        np.concatenate((who, who[back][inside])),
        np.concatenate((came, again[inside] // SECOND * SECOND)),
        np.concatenate((went, gone[inside])),
    )


def temperaments(rng: Chance, size: int) -> tuple[Reals, Reals]:
    """How often and how much each member talks: many lurkers, few talkers."""
    sort = np.searchsorted(np.cumsum(SHARES), rng.random(size)).clip(0, len(SHARES) - 1)
    spread = rng.uniform(0.6, 1.4, size)
    return np.round(LEVELS[sort] * spread, 6), np.round(CHATTINESS[sort] * rng.uniform(0.7, 1.3, size), 6)

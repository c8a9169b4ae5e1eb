"""The catalogue of planted faults: what each is called, how large it may be and when it shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from qunying.demo import strikes
from qunying.demo.columns import DAY, Chance, Ints, chance
from qunying.demo.life import Life
from qunying.demo.plans import BrandPlan, Fault

Strike = Callable[[Chance, Life, int, float], strikes.Struck]


@dataclass(frozen=True)
class FaultKind:
    """A fault by name, its size between `smallest` and `largest`; it shows `ripens` days after it begins."""

    name: str
    hint: str
    strike: Strike
    smallest: float
    largest: float
    ripens: int = 0


@dataclass(frozen=True)
class Planted:
    """What was planted: the members (by `Person.ref`) and the day from which the numbers show it."""

    name: str
    detector_hint: str
    community: str
    size: float
    starts_on: dt.date
    opened_from: dt.date
    members: tuple[str, ...]

    @classmethod
    def of(cls, fault: Fault, until: dt.date, members: Sequence[str]) -> Planted:
        kind = KINDS_BY_NAME[fault.name]
        starts_on = until - dt.timedelta(days=fault.days_ago)
        return cls(
            name=fault.name,
            detector_hint=kind.hint,
            community=fault.community,
            size=fault.size,
            starts_on=starts_on,
            opened_from=starts_on + dt.timedelta(days=kind.ripens),
            members=tuple(members),
        )


FAULTS: Final = (
    FaultKind("activity.fell", "daily actives well below the usual", strikes.activity_fell, 0.6, 0.75),
    FaultKind(
        "newcomers.went_silent", "D7 retention of newcomers", strikes.newcomers_went_silent, 2, 3, ripens=14
    ),
    FaultKind("cohort.faded", "D7 retention of one joining week", strikes.cohort_faded, 45, 70, ripens=9),
    FaultKind(
        "silent_share.rose",
        "share of members in stage silent",
        strikes.silent_share_rose,
        0.6,
        0.75,
        ripens=14,
    ),
    FaultKind(
        "questions.unanswered",
        "share of questions without staff reply",
        strikes.questions_unanswered,
        0.85,
        0.95,
    ),
    FaultKind("answers.slowed", "median first staff reply", strikes.answers_slowed, 4, 8),
    FaultKind(
        "talk.concentrated", "share of messages by the top talkers", strikes.talk_concentrated, 0.62, 0.72
    ),
    FaultKind("joins.stopped", "joins against the usual", strikes.joins_stopped, 1, 1),
    FaultKind("leaves.spiked", "leaves against the usual", strikes.leaves_spiked, 0.1, 0.16),
    FaultKind("crisis.broke", "complaint words by the hour", strikes.crisis_broke, 70, 140),
    FaultKind("flood.came", "near-identical messages by few accounts", strikes.flood_came, 40, 80),
    FaultKind(
        "items.missing", "days since the last topic or poll by staff", strikes.items_missing, 1, 1, ripens=8
    ),
    FaultKind(
        "forms.narrowed", "share of the commonest form of interaction", strikes.forms_narrowed, 1, 1, ripens=3
    ),
    FaultKind("staff.absent", "days since the last act by staff", strikes.staff_absent, 1, 1, ripens=3),
    FaultKind("posts.repeated", "share of staff posts said before", strikes.posts_repeated, 1, 3),
    FaultKind(
        "posts.ignored", "share of staff posts without a response", strikes.posts_ignored, 0.97, 1, ripens=1
    ),
    FaultKind("posts.sold", "share of staff posts that sell", strikes.posts_sold, 0.94, 1),
    FaultKind("source.leaked", "early leaves by join source", strikes.source_leaked, 0.7, 0.85, ripens=3),
)
KINDS_BY_NAME: Final = {kind.name: kind for kind in FAULTS}


def plant(rng: Chance, life: Life, fault: Fault) -> tuple[Life, Ints]:
    """The life with the fault from its day on, and the cast places of the members concerned."""
    start = (life.days - 1 - fault.days_ago) * DAY
    return KINDS_BY_NAME[fault.name].strike(rng, life, start, fault.size)


def with_fault(plan: BrandPlan, name: str, seed: int) -> BrandPlan:
    """The plan with a fault of this name in one community, showing at least seven days before the end."""
    rng = chance(seed, 2)
    kind = KINDS_BY_NAME[name]
    community = plan.communities[int(rng.integers(len(plan.communities)))]
    size = kind.smallest + (kind.largest - kind.smallest) * float(rng.random())
    days_ago = kind.ripens + 7 + int(rng.integers(0, 4))
    fault = Fault(name, community.name, days_ago, round(size, 3))
    return replace(plan, faults=(*plan.faults, fault))

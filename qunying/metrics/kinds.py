"""The shape of a metric, the question it is asked and the answer it gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from pyroaring import BitMap

from qunying.audiences.sets import Sets
from qunying.brands.models import Brand
from qunying.communities.models import Community
from qunying.kit import days
from qunying.kit.refusals import Text

State = Literal["ok", "blank", "unripe", "not_computed"]
Unit = Literal["people", "times", "share", "ratio", "minutes", "score"]
Window = Literal["day", "7 days", "30 days", "calendar week", "calendar month", "period", "cohort"]


@dataclass(frozen=True)
class Listed:
    """One line of the list behind a number: a member, and when or by which fact where that matters."""

    member: int
    at: int | None = None
    fact: int | None = None


@dataclass(frozen=True)
class Answer:
    """A value with both its parts. `bits` are the people of the numerator in the question's own sets; `listing`
    gives as many lines as the numerator says. A state other than `ok` has no value, and `reason` says why."""

    value: float | int | None
    numerator: int | None = None
    denominator: int | None = None
    state: State = "ok"
    reason: Text = ""
    bits: BitMap | None = None
    of: BitMap | None = None
    listing: Callable[[], Sequence[Listed]] | None = None

    @staticmethod
    def people(bits: BitMap) -> Answer:
        """How many people."""
        return Answer(len(bits), len(bits), None, bits=bits)

    @staticmethod
    def share(bits: BitMap, *, of: BitMap) -> Answer:
        """The part of `of` that is in `bits` too; nobody in `of` is blank."""
        inside = bits & of
        return Answer.ratio(len(inside), len(of), bits=inside, of=of)

    @staticmethod
    def ratio(
        numerator: int, denominator: int, *, bits: BitMap | None = None, of: BitMap | None = None
    ) -> Answer:
        """numerator ÷ denominator; 0 below is blank."""
        if not denominator:
            return Answer(None, numerator, 0, "blank", bits=bits, of=of)
        return Answer(numerator / denominator, numerator, denominator, bits=bits, of=of)

    @staticmethod
    def times(number: int, listing: Callable[[], Sequence[Listed]], *, bits: BitMap | None = None) -> Answer:
        """How many acts."""
        return Answer(number, number, None, bits=bits, listing=listing)

    def as_json(self) -> dict[str, object]:
        """Both parts, unrounded, and the state."""
        return {
            "value": self.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "state": self.state,
            "reason": str(self.reason),
        }

    @staticmethod
    def unripe() -> Answer:
        return Answer(None, state="unripe")

    @staticmethod
    def not_computed(reason: Text) -> Answer:
        return Answer(None, state="not_computed", reason=reason)


@dataclass(frozen=True)
class Question:
    """What is asked: which communities over which local days, both ends included.

    `as_of` is the last day we know of: min(today, covered to). `missing` are communities whose cover does not reach the
    period's last day: what is known of them counts, but nobody is present there any more.
    """

    brand: Brand
    sets: Sets
    first: int
    last: int
    as_of: int
    today: int
    communities: tuple[Community, ...]
    missing: tuple[Community, ...] = ()
    source: int | None = None
    terms: tuple[str, ...] = field(default=())
    step: str = ""
    """Which series it is a step of: by day, week or month; "" where it stands alone."""

    @property
    def day(self) -> int:
        """The day of a figure that is read on one day: the period's last."""
        return self.last

    @cached_property
    def knows_joins(self) -> bool:
        """Whether any source told of joins."""
        stays = self.sets.columns.stays
        return bool(((stays.basis == 1) & self.sets.stay_is_own).any())

    def sets_of(self, community: Community) -> Sets:
        """Sets of one of the communities alone."""
        return self.sets if self.sets.is_single else self.sets.of_one(community.pk)

    @property
    def sees_speech(self) -> bool:
        return any(community.sees_speech for community in self.communities)

    def has_ended(self, day: int) -> bool:
        """Whether the day is over and within what we know."""
        return day <= self.as_of and day < self.today


@dataclass(frozen=True)
class Change:
    """口径变更: on which day a metric came to mean something else, what that is, and what it does to numbers one
    has seen before."""

    on: dt.date
    text: Text
    effect: Text


@dataclass(frozen=True)
class Metric:
    """指标: `ask` answers one question. `formula` is shown on its definition page, with `changes` of the meaning,
    oldest first; `needs` says what the source must show for it to be computed."""

    key: str
    label: Text
    unit: Unit
    window: Window
    ask: Callable[[Question], Answer]
    formula: Text
    changes: tuple[Change, ...] = ()
    needs: Literal["joins", "speech", ""] = ""
    good: Literal["up", "down", ""] = "up"
    topic: str = "activity"

    @property
    def version(self) -> int:
        """1 as first defined, one more with each change."""
        return 1 + len(self.changes)

    @property
    def history(self) -> list[tuple[int, Change]]:
        """Each change with the version it made, latest first."""
        return list(enumerate(self.changes, start=2))[::-1]

    def ends(self, day: int) -> int:
        """The last day that the value read on `day` counts: later than it in a calendar week or month."""
        if self.window == "calendar week":
            return days.week_start(day) + 6
        return days.month_end(day) if self.window == "calendar month" else day

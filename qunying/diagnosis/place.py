"""What detectors look at: one community's acts and stays as columns, and the daily figures worked out of them.

Everything a figure of day d uses happened on or before d, so a past day is judged as it would have been then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qunying.communities.fact_kinds import SENT
from qunying.facts.kinds import interactions
from qunying.facts.marks import INTERACTION_ITEM, QUESTION

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
MEMBER, STAFF, NOBODY = 0, 1, 2
"""Who acted: a member who counts, staff on a day they were staff, a bot or test account."""
FOREVER = 2**24
MS = 60_000
ANSWERED = 3
"""Members who answer staff on one day before we take it that staff had asked them all."""


@dataclass(frozen=True)
class Acts:
    """What was done, in order of time, recalled messages left out. `who` and `other` are places in `Place.bits`
    (-1: nobody known), `day` counts from the first covered day, `hour` is local, `at` milliseconds UTC."""

    who: Ints
    by: Ints
    at: Ints
    day: Ints
    hour: Ints
    kind: Ints
    other: Ints
    marks: Ints
    likeness: Ints
    subject: Ints

    def where(self, keep: Mask) -> Acts:
        return Acts(**{name: getattr(self, name)[keep] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Stays:
    """Members' stays: who, first and last day counted from the first covered one (FOREVER: still there),
    whether the join and the leave were reported, and the number of the join's source."""

    who: Ints
    joined: Ints
    left: Ints
    is_join_told: Mask
    is_leave_told: Mask
    source: Ints


Texts = Callable[[int, int], Sequence[tuple[int, int, int, str]]]
"""(first, last day) → rows of (day, local hour, place of the author, text) by members, kept texts only."""


@dataclass(frozen=True)
class Post:
    """A kept text by staff: day from the first covered one, author's place, the message's number, text."""

    day: int
    who: int
    subject: int
    text: str


Posts = Callable[[int, int], Sequence[Post]]
"""(first, last day) → kept texts by staff."""


@dataclass(frozen=True)
class Place:
    """One community from its first to its last covered day, `days` of them."""

    community: int
    first: int
    days: int
    silence: int
    sees_speech: bool
    bits: Ints
    acts: Acts
    stays: Stays
    texts: Texts
    staff_texts: Posts
    sources: Mapping[int, str] = field(default_factory=dict)
    selling_limit: float = 0.3
    left_open: tuple[str, ...] = ()
    """What of purpose and audience nobody filled in."""

    @cached_property
    def own(self) -> Acts:
        """Interactions of members who count."""
        is_act = np.isin(self.acts.kind, interactions())
        return self.acts.where((self.acts.by == MEMBER) & (self.acts.who >= 0) & is_act)

    @cached_property
    def said(self) -> Acts:
        return self.own.where(self.own.kind == SENT)

    @cached_property
    def staff_acts(self) -> Acts:
        return self.acts.where(self.acts.by == STAFF)

    @cached_property
    def posts(self) -> Acts:
        """What staff say to everybody: messages that answer nobody."""
        return self.staff_acts.where((self.staff_acts.kind == SENT) & (self.staff_acts.other < 0))

    @cached_property
    def active(self) -> tuple[Ints, Ints]:
        """Distinct (day, who) with any interaction, by day."""
        return self._pairs(self.own)

    @cached_property
    def spoke(self) -> tuple[Ints, Ints]:
        return self._pairs(self.said)

    def _pairs(self, acts: Acts) -> tuple[Ints, Ints]:
        people = max(len(self.bits), 1)
        key = np.unique(acts.day * people + acts.who)
        return key // people, key % people

    @cached_property
    def dau(self) -> Floats:
        return self.daily(self.active[0])

    @cached_property
    def messages(self) -> Floats:
        return self.daily(self.said.day)

    def daily(self, day: Ints) -> Floats:
        """How many of these fall on each day."""
        return np.bincount(day, minlength=self.days).astype(np.float64)[: self.days]

    @cached_property
    def joins(self) -> Floats:
        told = self.stays.is_join_told & (self.stays.joined >= 0)
        return self.daily(self.stays.joined[told & (self.stays.joined < self.days)])

    @cached_property
    def leaves(self) -> Floats:
        return self.daily(self.stays.left[self._left_inside])

    @cached_property
    def _left_inside(self) -> Mask:
        return self.stays.is_leave_told & (self.stays.left >= 0) & (self.stays.left < self.days)

    def leavers(self, first: int, last: int) -> Ints:
        left = self.stays.left
        return np.unique(self.stays.who[self._left_inside & (left >= first) & (left <= last)])

    @cached_property
    def present(self) -> Floats:
        """Members there when each day ended."""
        return self.standing(self.stays.joined, self.stays.left)

    def standing(self, start: Ints, end: Ints) -> Floats:
        """How many half-open intervals of days hold each day."""
        marks = np.zeros(self.days + 1, dtype=np.int64)
        np.add.at(marks, np.clip(start, 0, self.days), 1)
        np.add.at(marks, np.clip(np.maximum(end, start), 0, self.days), -1)
        return np.cumsum(marks)[: self.days].astype(np.float64)

    def present_on(self, day: int) -> Mask:
        """Over people: there when the day ended."""
        found = np.zeros(len(self.bits), dtype=np.bool_)
        found[self.stays.who[(self.stays.joined <= day) & (self.stays.left > day)]] = True
        return found

    def active_between(self, first: int, last: int) -> Ints:
        """Who was active on at least one of the days."""
        low, high = np.searchsorted(self.active[0], [first, last + 1])
        return np.unique(self.active[1][low:high])

    @cached_property
    def newcomers(self) -> tuple[Ints, Ints]:
        """(day, who) of reported first joins within the cover, by day."""
        told = self.stays.is_join_told
        first = np.full(len(self.bits), FOREVER, dtype=np.int64)
        np.minimum.at(first, self.stays.who, np.where(told, self.stays.joined, -1))
        who = np.flatnonzero((first >= 0) & (first < self.days))
        order = np.argsort(first[who], kind="stable")
        return first[who][order], who[order]

    @cached_property
    def questions(self) -> Acts:
        return self.said.where((self.said.marks & QUESTION) > 0)

    @cached_property
    def waits(self) -> Floats:
        """Minutes from each question to the first answer of staff, or of anybody else while no staff are known:
        a reply to the asker where the source knows replies, else any message of theirs; infinite without
        one."""
        from_staff = bool((self.staff_acts.kind == SENT).any())
        answers = self.staff_acts.where(self.staff_acts.kind == SENT) if from_staff else self.said
        answers = answers.where(answers.other != answers.who)
        knows_replies = bool((answers.other >= 0).any())
        if not (from_staff or knows_replies):
            return np.full(len(self.questions.at), np.inf)
        if knows_replies:
            answers = answers.where(answers.other >= 0)
        span = int(self.acts.at.max(initial=0)) + 1
        keys = np.sort(answers.other * knows_replies * span + answers.at)
        key = self.questions.who * knows_replies * span + self.questions.at
        place = np.searchsorted(keys, key, side="right")
        found = np.append(keys, -1)[place]
        same = (place < len(keys)) & (found // span == key // span)
        return np.where(same, (found - key) / MS, np.inf)

    @cached_property
    def item_days(self) -> Ints:
        """Days with a staff post that asks everybody to take part: one marked as such, or one that several members
        answered."""
        posts = self.posts
        answers = self.said.where(np.isin(self.said.other, np.unique(self.staff_acts.who)))
        people = max(len(self.bits), 1)
        voices = self.daily(np.unique(answers.day * people + answers.who) // people)
        marked = posts.day[(posts.marks & INTERACTION_ITEM) > 0]
        return np.union1d(marked, np.flatnonzero(voices >= ANSWERED))

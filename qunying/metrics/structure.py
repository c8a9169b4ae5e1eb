"""How activity is spread: over days, over people, over stages of coming back (W9.5, W9.6, W9.13, C142)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.models import DayCount
from qunying.communities.scope import Scope
from qunying.metrics.behind import STICKY_DAYS, day_counts
from qunying.metrics.cards import people_url
from qunying.metrics.charts import Chart
from qunying.metrics.kinds import Question

Ints = NDArray[np.int64]
STREAKS = (3, 7, 14, 30)
BANDS = ((1, 1), (2, 5), (6, 10), (11, 20), (21, 50), (51, None))


def stickiness(scope: Scope, question: Question) -> Chart | None:
    """How many people were active on exactly k of the 30 days; k = 0 is never listed."""
    bits, times = day_counts(question.sets, question.last)
    if not len(bits):
        return None
    counts = np.bincount(times, minlength=STICKY_DAYS + 1)[1 : STICKY_DAYS + 1]
    found: Chart = {
        "x": [str(k) for k in range(1, STICKY_DAYS + 1)],
        "series": [{"name": _("群成员"), "values": counts.tolist()}],
        "axis": _("活跃天数"),
        "unit": _(" 人"),
    }
    if scope.staff.may("members.read"):
        found["hrefs"] = [
            people_url(scope, "sticky", question.last, question.last, cell=k)
            for k in range(1, STICKY_DAYS + 1)
        ]
    return found


@dataclass(frozen=True)
class Streak:
    days: int
    people: int
    url: str


def streaks_of(scope: Scope, question: Question) -> list[Streak]:
    """How many were active on each of the last 3, 7, 14, 30 days."""
    question.sets.load(question.last - max(STREAKS) + 1, question.last)
    may = scope.staff.may("members.read")
    found, still, past = [], question.sets.active(question.last), question.last
    for length in STREAKS:
        while past > question.last - length + 1:
            past -= 1
            still = still & question.sets.active(past)
        url = people_url(scope, "streak", question.last, question.last, cell=length) if may and still else ""
        found.append(Streak(length, len(still), url))
    return found


@dataclass(frozen=True)
class Spread:
    """Who says how much: the fewest who said half of it, the busiest tenth's part, those who said nothing."""

    speakers: int
    half: int | None
    tenth: float | None
    silent: int
    bands: Chart | None
    curve: Chart | None


def spread(question: Question) -> Spread:
    """Over the question's period."""
    bits, times = question.sets.counts(DayCount.Kind.MESSAGES, question.first, question.last)
    present = question.sets.present(question.first, question.last)
    silent = len(present - question.sets.spoke_over(question.first, question.last))
    if not len(bits):
        return Spread(0, None, None, silent, None, None)
    most = np.sort(times.astype(np.int64))[::-1]
    total = np.cumsum(most)
    tenth = -(-len(most) // 10)
    return Spread(
        speakers=len(most),
        half=int(np.searchsorted(total * 2, total[-1])) + 1,
        tenth=float(total[tenth - 1] / total[-1]),
        silent=silent,
        bands=_bands(most, silent),
        curve=_curve(total),
    )


def _bands(most: Ints, silent: int) -> Chart:
    """People by how many messages they sent, the silent ones first."""
    counts = [int(((most >= low) & (most <= (high or 2**40))).sum()) for low, high in BANDS]
    names = [str(low) if low == high else f"{low}–{high}" if high else f"{low}+" for low, high in BANDS]
    return {
        "x": ["0", *names],
        "series": [{"name": _("群成员"), "values": [silent, *counts]}],
        "axis": _("发言条数"),
        "unit": _(" 人"),
    }


def _curve(total: Ints) -> Chart:
    """The share of messages by the busiest tenth, two tenths, … of speakers."""
    places = [max(0, -(-len(total) * tenth // 10) - 1) for tenth in range(1, 11)]
    return {
        "x": [f"{tenth * 10}%" for tenth in range(1, 11)],
        "series": [
            {"name": _("累计发言占比"), "values": [round(float(total[at] / total[-1]), 4) for at in places]}
        ],
        "unit": "%",
        "axis": _("发言最多的群成员"),
    }


@dataclass(frozen=True)
class Ranked:
    """A member in the rank of speakers; equals share a place."""

    place: int
    member: int
    messages: int


class Ranking(Sequence[Ranked]):
    """Everybody present or speaking in a period by messages, most first; equal counts have equal places.

    Rows are made when they are asked for, so a page of a hundred thousand costs a page.
    """

    def __init__(self, question: Question, *, with_silent: bool) -> None:
        bits, times = question.sets.counts(DayCount.Kind.MESSAGES, question.first, question.last)
        everybody = BitMap(bits)
        if with_silent:
            everybody |= question.sets.present(question.first, question.last)
        self._sets = question.sets
        each = np.array(everybody.to_array(), dtype=np.int64)
        counts = np.zeros(len(each), dtype=np.int64)
        counts[np.searchsorted(each, bits)] = times
        order = np.lexsort((each, -counts))
        self.bits, self.messages = each[order], counts[order]
        """Bits of the question's sets and their messages, in rank."""
        self.places = np.searchsorted(-self.messages, -self.messages, side="left") + 1

    def __len__(self) -> int:
        return len(self.bits)

    @overload
    def __getitem__(self, at: int) -> Ranked: ...
    @overload
    def __getitem__(self, at: slice) -> list[Ranked]: ...
    def __getitem__(self, at: int | slice) -> Ranked | list[Ranked]:
        if isinstance(at, int):
            return self[at : at + 1 or None][0]
        members = self._sets.members(self.bits[at].tolist())
        rows = zip(self.places[at].tolist(), members, self.messages[at].tolist(), strict=True)
        return [Ranked(*row) for row in rows]

    def top(self, many: int) -> list[Ranked]:
        """The first `many` places with whoever ties with the last of them; nobody who said nothing."""
        if not len(self):
            return []
        cut = int(self.places[min(many, len(self)) - 1])
        return self[: int(((self.places <= cut) & (self.messages > 0)).sum())]

    @property
    def silent(self) -> int:
        """How many said nothing."""
        return int((self.messages == 0).sum())

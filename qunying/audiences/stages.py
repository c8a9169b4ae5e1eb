"""生命周期阶段: the stage of every membership on any day (kpi.md §3.4); the first rule that holds decides. Nothing is
remembered but appointments, so any past day can be worked out again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.columns import FAR
from qunying.audiences.models import Appointment
from qunying.audiences.sets import Sets
from qunying.communities.models import Community, Membership
from qunying.kit import days
from qunying.kit.refusals import Text

Ints = NDArray[np.int64]
NONE, LEFT, UNOBSERVED, CORE, NEW, DORMANT, SILENT, ACTIVE = range(8)
KEYS = ("", "left", "unobserved", "core", "new", "dormant", "silent", "active")
LABELS: dict[str, Text] = {
    "new": _("新成员"),
    "active": _("活跃"),
    "core": _("核心"),
    "silent": _("沉默"),
    "dormant": _("沉睡"),
    "unobserved": _("无互动数据"),
    "left": _("已退群"),
}
NEW_DAYS = 7
DORMANT_DAYS = 30
INTERACTION_DAYS = 7
HIGH_DAYS = 3


@dataclass(frozen=True)
class Knowledge:
    """What the rules look at, per own membership: days as numbers, -FAR for never."""

    bits: Ints
    started: Ints
    present: NDArray[np.bool_]
    ever: NDArray[np.bool_]
    last_active: Ints
    last_spoke: Ints
    core: NDArray[np.bool_]


class StageBook:
    """Stages of one community. Answers any day; walks a range of days when asked for history."""

    def __init__(self, community: Community, sets: Sets) -> None:
        self.community, self.sets = community, sets
        columns = sets.columns
        own = (columns.community == community.pk) & (columns.canon == np.arange(len(columns.canon)))
        self.bits = np.flatnonzero(own)
        self._stays = {name: getattr(columns.stays, name) for name in ("bit", "joined", "left")}
        mine = np.isin(columns.stays.bit, self.bits)
        self._stays = {name: column[mine] for name, column in self._stays.items()}
        self.place = np.full(len(columns.community) + 1, -1, dtype=np.int64)
        self.place[self.bits] = np.arange(len(self.bits))
        self._first_active = self._first_acts()
        self._appointments = self._appointed()

    def _first_acts(self) -> Ints:
        clock = self.sets.brand.clock
        rows = Membership.objects.filter(community=self.community)
        first = np.full(len(self.bits), FAR, dtype=np.int64)
        for bit, at in rows.values_list("bit", "first_active_at"):
            place = self.place[self.sets.columns.canon[bit]]
            if at is not None and place >= 0:
                first[place] = min(first[place], clock.day(at))
        return first

    def _appointed(self) -> list[tuple[int, int, int]]:
        rows = Appointment.objects.filter(membership__community=self.community)
        table = [
            (int(self.place[self.sets.columns.canon[bit]]), start, end)
            for bit, start, end in rows.values_list("membership__bit", "from_on", "until_on")
        ]
        return [
            (place, days.number(start), FAR if end is None else days.number(end))
            for place, start, end in table
            if place >= 0
        ]

    def on(self, day: int) -> Ints:
        """Stage code of each own membership (order of `bits`) when the day ended; NONE before it was known."""
        never = np.full(len(self.bits), -FAR, dtype=np.int64)
        active, spoke = never.copy(), never.copy()
        window = max(DORMANT_DAYS, self.community.silence)
        self.sets.load(day - window + 1, day)
        for past in range(day - window + 1, day + 1):
            self._mark(active, self.sets.active(past), past)
            self._mark(spoke, self.sets.speakers(past), past)
        return self._judge(self.know(day, active, spoke), day)

    def walk(self, first: int, last: int) -> Iterator[tuple[int, Ints, Knowledge]]:
        """(day, codes, what they were judged by) for each day in order."""
        never = np.full(len(self.bits), -FAR, dtype=np.int64)
        active, spoke = never.copy(), never.copy()
        window = max(DORMANT_DAYS, self.community.silence)
        self.sets.load(first - window, last)
        for day in range(first - window, last + 1):
            self._mark(active, self.sets.active(day), day)
            self._mark(spoke, self.sets.speakers(day), day)
            if day >= first:
                known = self.know(day, active, spoke)
                yield day, self._judge(known, day), known

    def _mark(self, column: Ints, bits: BitMap, day: int) -> None:
        if bits:
            places = self.place[np.array(bits.to_array(), dtype=np.int64)]
            column[places[places >= 0]] = day

    def _judge(self, known: Knowledge, day: int) -> Ints:
        return judge(known, day=day, sees=self.community.sees_speech, window=self.community.silence)

    def know(self, day: int, active: Ints, spoke: Ints) -> Knowledge:
        """The inputs of the rules at the end of the day."""
        bit, joined, left = (self._stays[name] for name in ("bit", "joined", "left"))
        begun = joined <= day
        started = np.full(len(self.bits), FAR, dtype=np.int64)
        np.minimum.at(started, self.place[bit[begun]], joined[begun])
        present = np.zeros(len(self.bits), dtype=np.bool_)
        present[self.place[bit[begun & (left > day)]]] = True
        core = np.zeros(len(self.bits), dtype=np.bool_)
        for place, start, end in self._appointments:
            if start <= day <= end:
                core[place] = True
        return Knowledge(self.bits, started, present, self._first_active <= day, active, spoke, core)

    def bitmaps(self, day: int) -> dict[str, BitMap]:
        """Stage → membership bits on the day, people who do not count left out."""
        codes = self.on(day)
        out = self.sets.excluded(day)
        return {
            key: BitMap(self.bits[codes == code].astype(np.uint32)) - out
            for code, key in enumerate(KEYS)
            if code != NONE
        }

    def highly_active(self, day: int) -> BitMap:
        """高活跃: active on at least 3 of the last 7 days."""
        times = np.zeros(len(self.bits), dtype=np.int64)
        for past in range(day - 6, day + 1):
            places = self.place[np.array(self.sets.active(past).to_array(), dtype=np.int64)]
            times[places[places >= 0]] += 1
        return BitMap(self.bits[times >= HIGH_DAYS].astype(np.uint32))


def judge(known: Knowledge, *, day: int, sees: bool, window: int) -> Ints:
    """Stage codes; the first rule that holds, in the order of kpi.md §3.4."""
    unknown = known.started == FAR
    quiet = (known.last_spoke <= day - window) & (known.last_active <= day - min(INTERACTION_DAYS, window))
    return np.select(
        [
            unknown,
            ~known.present,
            ~np.array(sees) & ~known.ever,
            known.core,
            (known.started > -FAR) & (day - known.started <= NEW_DAYS),
            known.last_active <= day - DORMANT_DAYS,
            quiet,
        ],
        [NONE, LEFT, UNOBSERVED, CORE, NEW, DORMANT, SILENT],
        default=ACTIVE,
    ).astype(np.int64)


@dataclass(frozen=True)
class Why:
    """Why one membership is in its stage on a day: the rule that held and what it looked at (days as dates, or
    None)."""

    stage: str
    rule: str
    joined_on: str | None
    last_message_on: str | None
    last_active_on: str | None
    silent_days: int


def why(book: StageBook, bit: int, day: int) -> Why:
    """The reason for one membership bit."""
    place = int(book.place[bit])
    never = np.full(len(book.bits), -FAR, dtype=np.int64)
    active, spoke = never.copy(), never.copy()
    first = min(day - DORMANT_DAYS, (book.community.covered_from or day))
    book.sets.load(first, day)
    for past in range(first, day + 1):
        book._mark(active, book.sets.active(past), past)
        book._mark(spoke, book.sets.speakers(past), past)
    known = book.know(day, active, spoke)
    code = int(judge(known, day=day, sees=book.community.sees_speech, window=book.community.silence)[place])

    def shown(value: int) -> str | None:
        return days.date(value).isoformat() if abs(value) < FAR else None

    return Why(
        KEYS[code],
        KEYS[code],
        shown(int(known.started[place])),
        shown(int(spoke[place])),
        shown(int(active[place])),
        book.community.silence,
    )

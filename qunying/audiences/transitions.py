"""Stage changes as rows: when a membership entered a stage, by which rule and on what grounds; written anew
from the log."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.blobs import load_sets
from qunying.audiences.columns import FAR
from qunying.audiences.models import DaySet, StageSpan
from qunying.audiences.sets import Sets
from qunying.audiences.stages import KEYS, NONE, Knowledge, StageBook
from qunying.brands.models import Brand
from qunying.brands.rows import insert_rows
from qunying.communities.models import Membership
from qunying.kit import days

Ints = NDArray[np.int64]
COLUMNS = ("membership_id", "stage", "from_day", "until_day", "rule", "inputs")
NOBODY = BitMap()
LOOK_BACK = 64
"""Days of the past that are read at a time."""
PART = 50_000
"""Spans held before they are written, so that memory does not grow with the past."""
Row = tuple[int, str, int, int | None, str, str]


class Past:
    """When people last did something before the days that are walked, read as far back as it takes."""

    def __init__(self, brand: Brand, *, first: int, until: int) -> None:
        self.brand, self.first, self.until = brand, first, until
        self._sets: dict[int, dict[int, BitMap]] = {kind: {} for kind in DaySet.Kind.values}
        self._read_to = dict.fromkeys(self._sets, until + 1)

    def last(self, kind: int, bit: int, sets: Sets) -> int:
        """The last day on which the bit was in the set, as `sets` sees it; -FAR if it never was."""
        for day in range(self.until, self.first - 1, -1):
            if day < self._read_to[kind]:
                self._read(kind)
            if bit in self._sets[kind].get(day, NOBODY) and bit not in sets.excluded(day):
                return day
        return -FAR

    def _read(self, kind: int) -> None:
        last = self._read_to[kind] - 1
        self._read_to[kind] = last - LOOK_BACK + 1
        self._sets[kind].update(
            load_sets(
                self.brand,
                scope=DaySet.Scope.MEMBERSHIP,
                kind=kind,
                first=self._read_to[kind],
                last=last,
            )
        )


class Journal:
    """Follows one community day by day and writes the spans between changes; `forget_spans` comes before. One that goes
    on from a day in the middle of what is known is told the stages of the day before first (`go_on`), and looks up in
    the `past` what it did not walk through."""

    def __init__(self, book: StageBook, past: Past | None = None) -> None:
        self.book, self.past, self.held = book, past, book.sets.columns
        size = len(book.bits)
        self.code = np.full(size, NONE, dtype=np.int64)
        self.since = np.zeros(size, dtype=np.int64)
        self.grounds: list[str] = [""] * size
        ids = dict(Membership.objects.filter(community=book.community).values_list("bit", "pk"))
        self.ids = [ids[bit] for bit in book.bits.tolist()]
        self.is_kept = np.zeros(size, dtype=np.bool_)
        self.rows: list[Row] = []

    def go_on(self, codes: Ints) -> None:
        """These are the stages whose spans stand, without an end, in the database."""
        self.code = codes
        self.is_kept = codes != NONE

    def turn(self, day: int, codes: Ints, known: Knowledge) -> None:
        """The stages at the day's end; whoever changed closes the old span the day before."""
        for place in np.flatnonzero(codes != self.code).tolist():
            self._close(place, day - 1)
            self.since[place] = day
            self.grounds[place] = self._grounds(known, place)
        self.code = codes
        if len(self.rows) >= PART:
            self._write()

    def finish(self) -> None:
        """Write the rest; spans that stand have no end."""
        for place in range(len(self.ids)):
            self._close(place, None)
        self._write()

    def _write(self) -> None:
        insert_rows(StageSpan, COLUMNS, sorted(self.rows))  # as the index stands, or it is written all over
        self.rows = []

    def _close(self, place: int, until: int | None) -> None:
        stage = KEYS[int(self.code[place])]
        if self.is_kept[place]:
            if until is not None:
                StageSpan.objects.filter(membership=self.ids[place], until_day=None).update(until_day=until)
                self.is_kept[place] = False
        elif stage:
            self.rows.append(
                (self.ids[place], stage, int(self.since[place]), until, stage, self.grounds[place])
            )

    def _grounds(self, known: Knowledge, place: int) -> str:
        """What the rule looked at, as JSON: days in ISO form, null for never."""
        ever = self.held
        active = self._last(DaySet.Kind.ACTIVE, known.last_active, ever.acted, place)
        spoke = self._last(DaySet.Kind.SPEAKERS, known.last_spoke, ever.spoke, place)
        joined = _quoted(int(known.started[place]))
        return (
            f'{{"joined_on":{joined},"last_active_on":{_quoted(active)},"last_message_on":{_quoted(spoke)}}}'
        )

    def _last(self, kind: int, told: Ints, first: Ints, place: int) -> int:
        day = int(told[place])
        if self.past is None or day != -FAR:
            return day
        bit = int(self.book.bits[place])
        return self.past.last(kind, bit, self.book.sets) if first[bit] <= self.past.until else day


@cache
def _quoted(day: int) -> str:
    return f'"{days.date(day).isoformat()}"' if abs(day) < FAR else "null"


def forget_spans(brand: Brand, communities: Sequence[int], *, since: int | None = None) -> None:
    """Delete the stage spans of these communities, or what of them lies on the day `since` and later; all at once and
    before any is written: PostgreSQL plans a deletion among rows of the same transaction as if there were none, and
    takes hours over it."""
    theirs = Membership.objects.filter(brand=brand, community__in=communities)
    spans = StageSpan.objects.filter(membership__in=theirs)
    if since is None:
        spans.delete()
        return
    spans.filter(from_day__gte=since).delete()
    spans.filter(until_day__gte=since - 1).update(until_day=None)

"""Stage changes as rows: when a membership entered a stage, by which rule and on what grounds; written anew
from the log."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qunying.audiences.columns import FAR
from qunying.audiences.models import StageSpan
from qunying.audiences.stages import KEYS, NONE, Knowledge, StageBook
from qunying.brands.models import Brand
from qunying.brands.rows import insert_rows
from qunying.communities.models import Membership
from qunying.kit import days

Ints = NDArray[np.int64]
COLUMNS = ("membership_id", "stage", "from_day", "until_day", "rule", "inputs")
PART = 50_000
"""Spans held before they are written, so that memory does not grow with the past."""
Row = tuple[int, str, int, int | None, str, str]


class Journal:
    """Follows one community day by day and writes the spans between changes; `forget_spans` comes before."""

    def __init__(self, book: StageBook) -> None:
        self.book = book
        size = len(book.bits)
        self.code = np.full(size, NONE, dtype=np.int64)
        self.since = np.zeros(size, dtype=np.int64)
        self.grounds: list[str] = [""] * size
        ids = dict(Membership.objects.filter(community=book.community).values_list("bit", "pk"))
        self.ids = [ids[bit] for bit in book.bits.tolist()]
        self.rows: list[Row] = []

    def turn(self, day: int, codes: Ints, known: Knowledge) -> None:
        """The stages at the day's end; whoever changed closes the old span the day before."""
        for place in np.flatnonzero(codes != self.code).tolist():
            self._close(place, day - 1)
            self.since[place] = day
            self.grounds[place] = _grounds(known, place)
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
        if stage:
            self.rows.append(
                (self.ids[place], stage, int(self.since[place]), until, stage, self.grounds[place])
            )


def _grounds(known: Knowledge, place: int) -> str:
    """What the rule looked at, as JSON: days in ISO form, null for never."""
    joined, active, spoke = (
        _quoted(int(told[place])) for told in (known.started, known.last_active, known.last_spoke)
    )
    return f'{{"joined_on":{joined},"last_active_on":{active},"last_message_on":{spoke}}}'


@cache
def _quoted(day: int) -> str:
    return f'"{days.date(day).isoformat()}"' if abs(day) < FAR else "null"


def forget_spans(brand: Brand, communities: Sequence[int]) -> None:
    """Delete the stage spans of these communities, all at once and before any is written: PostgreSQL plans a deletion
    among rows of the same transaction as if there were none, and takes hours over it."""
    theirs = Membership.objects.filter(brand=brand, community__in=communities)
    StageSpan.objects.filter(membership__in=theirs).delete()

"""Daily figures from counts and stages, as arrays [row, day] like the board's: the last row is the brand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from qunying.audiences.blobs import load_counts
from qunying.audiences.columns import Columns, columns
from qunying.audiences.models import DayCount
from qunying.audiences.sets import Sets
from qunying.audiences.stages import DORMANT_DAYS, KEYS, StageBook
from qunying.audiences.transitions import Journal, Past, forget_spans
from qunying.brands.models import Brand
from qunying.communities.models import Community
from qunying.metrics.board import Keep, spread, union

Ints = NDArray[np.int64]


class Spans(Enum):
    """Whether the stage spans are written too: those of the whole history, or its latest days, before which all spans
    stand as they are."""

    NONE = 0
    WHOLE = 1
    LATEST = 2


RANKED = [KEYS.index(key) for key in ("core", "active", "new", "silent", "dormant", "unobserved", "left")]
"""Stages from the best to the worst."""
RANK = np.zeros(len(KEYS), dtype=np.int8)
RANK[RANKED] = np.arange(len(RANKED), 0, -1)
PART = 32
"""Days read at a time, so that memory does not grow with the years."""


def daily_counts(
    brand: Brand, places: Sequence[int], first: int, last: int, *, with_everybody: bool = False
) -> dict[str, Ints]:
    """`messages`, `valid_messages` and `interactions` of each day, and `present_any`, who was there at any
    moment of the day."""
    held = columns(brand, with_everybody=with_everybody)
    keep = Keep(held, places)
    return {
        "messages": _sums(brand, keep, len(places), (first, last), DayCount.Kind.MESSAGES),
        "valid_messages": _sums(brand, keep, len(places), (first, last), DayCount.Kind.VALID),
        "interactions": _sums(brand, keep, len(places), (first, last), DayCount.Kind.HOURS),
        "present_any": present_any(held, keep, len(places), first, last),
    }


def _sums(brand: Brand, keep: Keep, rows: int, span: tuple[int, int], kind: int) -> Ints:
    first, last = span
    found = np.zeros((rows + 1, last - first + 1), dtype=np.int64)
    for start in range(first, last + 1, PART):
        held_days = load_counts(brand, kind=kind, first=start, last=min(start + PART - 1, last))
        for day, (keys, times) in held_days.items():
            bits = keys // 24 if kind == DayCount.Kind.HOURS else keys
            mine = keep.on(day).own[bits]
            row = keep.row[bits[mine]]
            sums = np.bincount(row, weights=times[mine], minlength=rows).astype(np.int64)
            found[:rows, day - first] = sums
            found[rows, day - first] = sums.sum()
    return found


def present_any(held: Columns, keep: Keep, rows: int, first: int, last: int) -> Ints:
    """In the community at any moment of the day: stays that touch it, staff of the day left out."""
    days = last - first + 1
    found = np.zeros((rows + 1, days + 1), dtype=np.int64)
    stays = held.stays
    row = keep.row[stays.bit] if len(stays.bit) else stays.bit
    person = held.person[stays.bit] if len(stays.bit) else stays.bit
    own = (row < keep.rows) & ~keep.out[person]
    lines = np.zeros(max(len(held.community), 1), dtype=np.int64)
    lines[stays.bit[own]] = row[own]
    for who, whole in ((stays.bit[own], False), (person[own], True)):
        key, begun, ended = union(who, stays.joined[own], stays.left[own] + 1)
        at = np.full(len(key), rows, dtype=np.int64) if whole else lines[key]
        spread(found, at, begun - first, ended - first, days, 1)
        persons = key if whole else held.person[key]
        for staff, since, until in held.staff_spans:
            mine = persons == staff
            low, high = np.maximum(begun[mine], since), np.minimum(ended[mine], until + 1)
            spread(found, at[mine], low - first, np.maximum(low, high) - first, days, -1)
    return np.cumsum(found, axis=1)[:, :days]


def daily_stages(
    brand: Brand,
    places: Sequence[int],
    first: int,
    last: int,
    *,
    with_spans: Spans = Spans.NONE,
    with_everybody: bool = False,
) -> dict[str, Ints]:
    """`stage.<key>` counts at each day's end; in the brand's row a person stands in the best of their
    stages. `with_spans` writes the spans of the same walk."""
    days = last - first + 1
    held = columns(brand, with_everybody=with_everybody)
    best = np.zeros((days, len(held.member_of_bit)), dtype=np.int8)
    counts = np.zeros((len(KEYS), len(places) + 1, days), dtype=np.int64)
    goes_on = with_spans is Spans.LATEST
    if with_spans is not Spans.NONE:
        forget_spans(brand, places, since=first if goes_on else None)
    rows = list(Community.objects.filter(pk__in=places).order_by("pk"))
    past = _past(brand, rows, first) if goes_on else None
    for line, community in enumerate(rows):
        book = StageBook(community, Sets(brand, (community.pk,), with_everybody=with_everybody))
        journal = Journal(book, past) if with_spans is not Spans.NONE else None
        person = held.person[book.bits]
        out = _out(held, person)
        for day, judged, known in book.walk(first - goes_on, min(last, community.covered_to or 0)):
            if journal and day < first:
                journal.go_on(judged)
                continue
            if journal:
                journal.turn(day, judged, known)
            codes = np.where(out(day), 0, judged)
            counts[:, line, day - first] = np.bincount(codes, minlength=len(KEYS))
            np.maximum.at(best[day - first], person, RANK[codes])
        if journal:
            journal.finish()
    for place in range(days):
        counts[RANKED, len(places), place] = np.bincount(best[place], minlength=len(KEYS))[RANK[RANKED]]
    return {f"stage.{key}": counts[code] for code, key in enumerate(KEYS) if code}


def _past(brand: Brand, places: Sequence[Community], first: int) -> Past:
    """All that a walk through the whole history would have seen before the day."""
    begin = min((row.covered_from or first) - max(DORMANT_DAYS, row.silence) for row in places)
    return Past(brand, first=begin, until=first - 1)


def _out(held: Columns, person: Ints) -> Callable[[int], NDArray[np.bool_]]:
    """Which of these people do not count, by day."""
    always = np.isin(person, np.array(held.left_out.to_array(), dtype=np.int64))
    spans = [(person == bit, start, end) for bit, start, end in held.staff_spans]

    def on(day: int) -> NDArray[np.bool_]:
        out = always
        for mine, start, end in spans:
            if start <= day <= end:
                out = out | mine
        return out

    return on

"""The board: daily figures of all communities and of the brand at once, straight from the day sets (performance.md §2).

One pass over the days. A rolling figure is a running sum: an act on day d covers days d..d+w-1, less what the member's
last act before covered already, so no union is ever made. Nothing is cached; reading a year takes a fraction of
a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.blobs import load_sets
from qunying.audiences.columns import FAR, Columns, columns
from qunying.audiences.models import DaySet
from qunying.brands.models import Brand

Ints = NDArray[np.int64]
WINDOWS = (7, 30)
LONG = max(WINDOWS)


@dataclass(frozen=True)
class Board:
    """Arrays [row, day]; row i is `communities[i]`, the last row everybody once. `retention` is [row, cohort day, k]:
    of those whose cohort day it is, who was active k days later; -1 where that lies outside the board."""

    first: int
    communities: tuple[int, ...]
    dau: Ints
    wau: Ints
    mau: Ints
    speakers: Ints
    retention: Ints | None = None


Blobs = dict[tuple[int, int, int], Ints]


@dataclass(frozen=True)
class Loaded:
    """A brand's columns and the membership sets of some days, read once."""

    held: Columns
    sets: Blobs


class Keep:
    """Which bits count on a day: own communities, no bots or tests, no staff while they are staff."""

    def __init__(self, held: Columns, communities: Sequence[int]) -> None:
        self.held = held
        row_of = np.full(
            max([*communities, int(held.community.max(initial=0))], default=0) + 1, -1, dtype=np.int64
        )
        row_of[list(communities)] = np.arange(len(communities))
        self.row = row_of[held.community]
        self.whole = len(communities) == len(set(held.community[held.community > 0].tolist()))
        self.out = np.zeros(len(held.member_of_bit), dtype=np.bool_)
        self.out[np.array(held.left_out.to_array(), dtype=np.int64)] = True
        self._by_staff: dict[tuple[int, ...], tuple[Ints, NDArray[np.bool_]]] = {}

    def staff(self, day: int) -> tuple[int, ...]:
        """Member bits of those who are staff that day."""
        return tuple(sorted({bit for bit, start, end in self.held.staff_spans if start <= day <= end}))

    def on(self, day: int) -> tuple[Ints, NDArray[np.bool_]]:
        """(row of each membership bit or -1, whether each member bit counts) on the day."""
        staff = self.staff(day)
        if staff not in self._by_staff:
            out = self.out.copy()
            out[list(staff)] = True
            self._by_staff[staff] = (np.where(out[self.held.person], -1, self.row), ~out)
        return self._by_staff[staff]


class Rolling:
    """Distinct actives of windows, kept by the last day each bit was seen."""

    def __init__(self, rows: int, bits: int, days: int) -> None:
        self.rows = rows
        self.last = np.full(bits, -LONG - 1, dtype=np.int32)
        self.change = {window: np.zeros((rows, days + LONG + 1), dtype=np.int64) for window in WINDOWS}
        self.daily = np.zeros((rows, days), dtype=np.int64)

    def add(self, day: int, bits: Ints, row: Ints) -> None:
        """These bits, of these rows, were active on the day (counted from the start)."""
        gap = np.minimum(day - self.last[bits], LONG)
        self.last[bits] = day
        hist = np.bincount(row * (LONG + 1) + gap, minlength=self.rows * (LONG + 1)).reshape(
            self.rows, LONG + 1
        )
        total = hist.sum(axis=1)
        self.daily[:, day] = total
        for window, change in self.change.items():
            seen = np.concatenate([hist[:, 1:window], hist[:, window:].sum(axis=1, keepdims=True)], axis=1)
            change[:, day : day + window] += seen[:, ::-1]
            change[:, day + window] -= total

    def distinct(self, window: int, start: int, days: int) -> Ints:
        found: Ints = np.cumsum(self.change[window], axis=1)[:, start : start + days]
        return found


def board(
    brand: Brand,
    communities: Sequence[int],
    first: int,
    last: int,
    *,
    triangle: int = 0,
    loaded: Loaded | None = None,
    with_everybody: bool = False,
) -> Board:
    """Figures of the days first..last. `triangle` asks for retention up to that many days after each cohort day. Those
    who ask about many parts of a brand hand in what is `loaded` of it."""
    held = loaded.held if loaded else columns(brand, with_everybody=with_everybody)
    rows, days = len(communities), last - first + 1
    keep = Keep(held, communities)
    if days == 1 and not triangle and not loaded:
        return _column(brand, keep, tuple(communities), first)
    lead = LONG - 1
    own = Rolling(rows, len(held.community), days + lead)
    people = Rolling(1, len(held.member_of_bit), days + lead)
    spoke = np.zeros((rows + 1, days), dtype=np.int64)
    corner = _Corner(held, keep, rows, first, days, triangle) if triangle else None
    sets = loaded.sets if loaded else _load(brand, keep.whole, first - lead, last)
    for place in range(days + lead):
        day = first - lead + place
        row_of, counts = keep.on(day)
        mine, row, persons = _split(sets, DaySet.Kind.ACTIVE, day, row_of, counts, held)
        own.add(place, mine, row)
        people.add(place, persons, np.zeros(len(persons), dtype=np.int64))
        if day < first:
            continue
        if corner:
            corner.add(day, mine, row, persons)
        mine, row, persons = _split(sets, DaySet.Kind.SPEAKERS, day, row_of, counts, held)
        spoke[:rows, day - first] = np.bincount(row, minlength=rows)
        spoke[rows, day - first] = len(persons)
    both = [np.concatenate([own.daily, people.daily])[:, lead:]]
    both += [np.concatenate([own.distinct(w, lead, days), people.distinct(w, lead, days)]) for w in WINDOWS]
    retention = corner.cells if corner else None
    return Board(first, tuple(communities), both[0], both[1], both[2], spoke, retention)


def _column(brand: Brand, keep: Keep, communities: tuple[int, ...], day: int) -> Board:
    """The board of one day: unions of whole sets, which for so few days is faster than going through their bits."""
    kind, scope = DaySet.Kind, DaySet.Scope
    found = []
    for of, window in ((kind.ACTIVE, 1), *((kind.ACTIVE, window) for window in WINDOWS), (kind.SPEAKERS, 1)):
        first = day - window + 1
        own = load_sets(brand, scope=scope.MEMBERSHIP, kind=of, first=first, last=day)
        people = load_sets(brand, scope=scope.MEMBER, kind=of, first=first, last=day) if keep.whole else None
        found.append(_distinct(keep, own, people, len(communities)))
    return Board(day, communities, *found)


def _distinct(keep: Keep, own: dict[int, BitMap], people: dict[int, BitMap] | None, rows: int) -> Ints:
    """Distinct bits over the days as one column: by row of the community, the last one everybody once."""
    alike: dict[tuple[int, ...], list[int]] = {}
    for day in own:
        alike.setdefault(keep.staff(day), []).append(day)
    bits, persons = BitMap(), BitMap()
    for days in alike.values():
        row_of, counts = keep.on(days[0])
        bits |= BitMap.union(*(own[day] for day in days)) - BitMap(
            np.flatnonzero(row_of < 0).astype(np.uint32)
        )
        if people is not None:
            gone = BitMap(np.flatnonzero(~counts).astype(np.uint32))
            persons |= BitMap.union(BitMap(), *(people[day] for day in days if day in people)) - gone
    mine = np.frombuffer(bits.to_array(), dtype=np.uint32)
    whole = len(persons) if people is not None else len(np.unique(keep.held.person[mine]))
    return np.append(np.bincount(keep.row[mine], minlength=rows), whole).astype(np.int64)[:, None]


def load(brand: Brand, first: int, last: int) -> Loaded:
    """What boards of any part of the brand over these days are made from."""
    return Loaded(columns(brand), _load(brand, False, first - LONG + 1, last))


def _load(brand: Brand, whole: bool, first: int, last: int) -> Blobs:
    """(scope, kind, day) → sorted bits. Member bits are read only where they hold exactly the asked communities."""
    found: Blobs = {}
    scopes = [DaySet.Scope.MEMBERSHIP, DaySet.Scope.MEMBER] if whole else [DaySet.Scope.MEMBERSHIP]
    for scope in scopes:
        for kind in DaySet.Kind.values:
            for day, bits in load_sets(brand, scope=scope, kind=kind, first=first, last=last).items():
                found[int(scope), kind, day] = np.frombuffer(bits.to_array(), dtype=np.uint32)
    return found


_NONE = np.zeros(0, dtype=np.uint32)


def _split(
    sets: Blobs, kind: int, day: int, row_of: Ints, counts: NDArray[np.bool_], held: Columns
) -> tuple[Ints, Ints, Ints]:
    """Counting membership bits of the day, their rows, and counting member bits."""
    bits = sets.get((int(DaySet.Scope.MEMBERSHIP), kind, day), _NONE)
    row = row_of[bits]
    mine = row >= 0
    bits, row = bits[mine].astype(np.int64), row[mine]
    whole = sets.get((int(DaySet.Scope.MEMBER), kind, day))
    persons = np.unique(held.person[bits]) if whole is None else whole[counts[whole]]
    return bits, row, persons


class _Corner:
    """The retention triangle of the board: community rows by membership cohort, the last row by person cohort."""

    def __init__(self, held: Columns, keep: Keep, rows: int, first: int, days: int, depth: int) -> None:
        self.first, self.days, self.depth, self.rows = first, days, depth, rows
        self.cells = np.zeros((rows + 1, days, depth + 1), dtype=np.int64)
        known = (held.basis == 1) & (keep.row >= 0)
        self.born = np.where(known, held.cohort, FAR) - first
        self.person = np.full(len(held.member_of_bit), FAR, dtype=np.int64)
        np.minimum.at(self.person, held.person[known], held.cohort[known])
        self.person -= first

    def add(self, day: int, bits: Ints, row: Ints, persons: Ints) -> None:
        self._count(day - self.first, self.born[bits], row)
        self._count(day - self.first, self.person[persons], np.full(len(persons), self.rows, dtype=np.int64))

    def _count(self, day: int, born: Ints, row: Ints) -> None:
        fits = (born >= max(0, day - self.depth)) & (born <= day)
        key = row[fits] * (self.depth + 1) + (day - born[fits])
        counted = np.bincount(key, minlength=(self.rows + 1) * (self.depth + 1)).reshape(
            self.rows + 1, self.depth + 1
        )
        ks = np.arange(min(self.depth, day) + 1)
        self.cells[:, day - ks, ks] += counted[:, ks]


def stays_board(
    brand: Brand,
    communities: Iterable[int],
    first: int,
    last: int,
    *,
    loaded: Loaded | None = None,
    with_everybody: bool = False,
) -> dict[str, Ints]:
    """Arrays [row, day] of `present` (at the day's end), `joins` and `leaves`; the last row is the brand, where nobody
    is present twice."""
    held = loaded.held if loaded else columns(brand, with_everybody=with_everybody)
    places = tuple(communities)
    keep = Keep(held, places)
    stays = held.stays
    row = keep.row[stays.bit] if len(stays.bit) else stays.bit
    person = held.person[stays.bit] if len(stays.bit) else stays.bit
    own = (row >= 0) & ~keep.out[person]
    days = last - first + 1
    spans = _staffed(held, person)
    came = own & (stays.basis == 1) & ~_while_staff(spans, person, stays.joined)
    went = own & stays.is_left_asserted & ~_while_staff(spans, person, stays.left)
    return {
        "joins": _flow(row, stays.joined, came, first, days, len(places)),
        "leaves": _flow(row, stays.left, went, first, days, len(places)),
        "present": _present(held, row, person, own, (first, days, len(places))),
    }


def _staffed(held: Columns, person: Ints) -> list[tuple[int, int, int]]:
    members = set(person.tolist())
    return [span for span in held.staff_spans if span[0] in members]


def _while_staff(spans: list[tuple[int, int, int]], person: Ints, day: Ints) -> NDArray[np.bool_]:
    out = np.zeros(len(person), dtype=np.bool_)
    for bit, start, end in spans:
        out |= (person == bit) & (day >= start) & (day <= end)
    return out


def _flow(row: Ints, day: Ints, which: NDArray[np.bool_], first: int, days: int, rows: int) -> Ints:
    inside = which & (day >= first) & (day < first + days)
    key = row[inside] * days + (day[inside] - first)
    own = np.bincount(key, minlength=rows * days).reshape(rows, days)
    return np.concatenate([own, own.sum(axis=0, keepdims=True)]).astype(np.int64)


def _present(
    held: Columns, row: Ints, person: Ints, own: NDArray[np.bool_], frame: tuple[int, int, int]
) -> Ints:
    """Present at each day's end, per row and overall: unions of stays, less the days on which they were staff."""
    first, days, rows = frame
    found = np.zeros((rows + 1, days + 1), dtype=np.int64)
    bit, start, end = held.stays.bit[own], held.stays.joined[own], held.stays.left[own]
    lines = np.full(max(len(held.community), 1), rows, dtype=np.int64)
    lines[held.stays.bit[own]] = row[own]
    for who, line in ((bit, lines), (person[own], None)):
        key, begun, ended = union(who, start, end)
        at = np.full(len(key), rows, dtype=np.int64) if line is None else line[key]
        persons = key if line is None else held.person[key]
        spread(found, at, begun - first, ended - first, days, 1)
        for staff, since, until in held.staff_spans:
            mine = persons == staff
            low, high = np.maximum(begun[mine], since), np.minimum(ended[mine], until + 1)
            spread(found, at[mine], low - first, np.maximum(high, low) - first, days, -1)
    return np.cumsum(found, axis=1)[:, :days]


def spread(found: Ints, at: Ints, low: Ints, high: Ints, days: int, sign: int) -> None:
    """Mark day intervals [low, high) on rows `at`; a running sum turns the marks into counts."""
    np.add.at(found, (at, np.clip(low, 0, days)), sign)
    np.add.at(found, (at, np.clip(high, 0, days)), -sign)


def union(key: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """Half-open intervals per key, merged where they touch: keys, starts and ends, disjoint within a key."""
    real = start < end
    order = np.lexsort((start[real], key[real]))
    key, start, end = key[real][order], start[real][order], end[real][order]
    if not len(key):
        return key, start, end
    lift = (np.cumsum(np.append(True, np.diff(key) != 0)) - 1) * (8 * FAR)
    reach = np.maximum.accumulate(end + lift)
    opens = np.append(True, (start + lift)[1:] > reach[:-1])
    begins = np.flatnonzero(opens)
    closes = np.append(begins[1:], len(key)) - 1
    return key[begins], start[begins], (reach - lift)[closes]

"""The board: daily figures of all communities and of the brand at once, straight from the day sets (performance.md §2).

One pass over the days. A rolling figure is a running sum: an act on day d covers days d..d+w-1, less what the member's
last act before covered already, so no union is ever made. Nothing is cached; reading a year takes a fraction of
a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

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
    of those whose cohort day it is, who was active k days later; 0 where that lies outside the board."""

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


@dataclass(frozen=True)
class Counting:
    """Whether each membership bit and each member bit counts on a day; and whether all of them do."""

    own: NDArray[np.bool_]
    people: NDArray[np.bool_]
    is_all: bool


class Keep:
    """Which bits count on a day: own communities, no bots or tests, no staff while they are staff. `row` says which of
    the communities a membership bit is of, `rows` where it is of none."""

    def __init__(self, held: Columns, communities: Sequence[int]) -> None:
        self.held, self.rows = held, len(communities)
        row_of = np.full(
            max([*communities, int(held.community.max(initial=0))], default=0) + 1, self.rows, dtype=np.int64
        )
        row_of[list(communities)] = np.arange(self.rows)
        self.row = row_of[held.community]
        self.whole = self.rows == np.count_nonzero(np.bincount(held.community)[1:])
        self.out = np.zeros(len(held.member_of_bit), dtype=np.bool_)
        self.out[np.array(held.left_out.to_array(), dtype=np.int64)] = True
        self._by_staff: dict[tuple[int, ...], Counting] = {}

    def staff(self, day: int) -> tuple[int, ...]:
        """Member bits of those who are staff that day."""
        return tuple(sorted({bit for bit, start, end in self.held.staff_spans if start <= day <= end}))

    def on(self, day: int) -> Counting:
        """What counts on the day."""
        staff = self.staff(day)
        if staff not in self._by_staff:
            people = ~self.out
            people[list(staff)] = False
            own = people[self.held.person] & (self.row < self.rows)
            self._by_staff[staff] = Counting(own, people, bool(own.all() and people.all()))
        return self._by_staff[staff]


class _Line:
    """Bits of one kind, memberships or people, counted by row day after day; for the retention triangle also by the age
    of their cohort. What is known of a bit lies side by side and is small: half of the time goes into looking it up."""

    def __init__(self, row: Ints, rows: int, born: Ints, days: int, depth: int) -> None:
        self.row, self.rows, self.depth = row, rows, depth
        size = 2 if max(rows, days) < 2**15 else 4
        self.unsigned = np.dtype(f"u{size}")
        self.known = np.full((len(row), 4), -LONG, dtype=f"i{size}")
        """Last seen, born, row, and a fourth, as four together are read at once."""
        self.known[:, 1] = np.clip(born, -depth - 1, days)  # beyond it nobody is of an age that is asked for
        self.known[:, 2] = row
        self.daily, self.spoke = (np.zeros((days, rows), dtype=np.int64) for _ in range(2))
        self.change = {window: np.zeros((days + LONG + 1, rows), dtype=np.int64) for window in WINDOWS}
        self.cells = np.zeros((days, depth + 1, rows), dtype=np.int64)

    def walk(self, active: Callable[[int, int], Ints], start: int, lead: int) -> None:
        """Go through the days: `active` says which bits were in a kind of set on a day. The first `lead` days only tell
        who was active before."""
        for place in range(len(self.daily)):
            found = self._active(place, active(DaySet.Kind.ACTIVE, start + place), is_shown=place >= lead)
            self.daily[place] = total = found.sum(axis=0)
            for window, change in self.change.items():
                change[place] += found[window:].sum(axis=0)
                change[place + 1 : place + window] += found[window - 1 : 0 : -1]
                change[place + window] -= total
            if place >= lead:
                row = self.row.take(active(DaySet.Kind.SPEAKERS, start + place))
                self.spoke[place] = np.bincount(row, minlength=self.rows)

    def _active(self, place: int, bits: Ints, *, is_shown: bool) -> Ints:
        """[days since they were seen last, row] of those active on the place-th day."""
        last, born, row, _spare = self.known.take(bits, axis=0).T
        self.known[:, 0][bits] = place
        row = row.astype(np.int64)
        if is_shown and self.depth:
            age = (place - born).view(self.unsigned)  # who is not born yet is very old
            found = self._count(np.minimum(age, self.depth + 1), row, self.depth + 1)
            ks = np.arange(min(self.depth, place) + 1)
            self.cells[place - ks, ks] += found[ks]
        return self._count(np.minimum(place - last, LONG), row, LONG)

    def _count(self, what: Ints, row: Ints, most: int) -> Ints:
        """How many there are of each number 0..most and row."""
        if self.rows > 1:
            what = what.astype(np.int64)
            what *= self.rows
            what += row
        return np.bincount(what, minlength=(most + 1) * self.rows).reshape(most + 1, self.rows)

    def distinct(self, window: int, lead: int) -> Ints:
        """[row, day] from the lead-th day on."""
        found: Ints = np.cumsum(self.change[window], axis=0)[lead : len(self.daily)].T
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
    lead, days = LONG - 1, last - first + 1
    keep = Keep(held, communities)
    if days == 1 and not triangle and not loaded:
        return _column(brand, keep, tuple(communities), first)
    start = first - lead
    sets = loaded.sets if loaded else _load(brand, keep.whole, start, last)
    lines = _lines(held, keep, start, days + lead, triangle)
    readers = (partial(_memberships, sets, keep), partial(_people, sets, keep))
    for line, reader in zip(lines, readers, strict=True):
        line.walk(reader, start, lead)
    daily = np.concatenate([line.daily[lead:].T for line in lines])
    spoke = np.concatenate([line.spoke[lead:].T for line in lines])
    wau, mau = (np.concatenate([line.distinct(window, lead) for line in lines]) for window in WINDOWS)
    cells = (
        np.concatenate([line.cells[lead:] for line in lines], axis=2).transpose(2, 0, 1) if triangle else None
    )
    return Board(first, tuple(communities), daily, wau, mau, spoke, cells)


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
        counting = keep.on(days[0])
        bits |= BitMap.union(*(own[day] for day in days)) - BitMap(
            np.flatnonzero(~counting.own).astype(np.uint32)
        )
        if people is not None:
            gone = BitMap(np.flatnonzero(~counting.people).astype(np.uint32))
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


def _memberships(sets: Blobs, keep: Keep, kind: int, day: int) -> Ints:
    """Membership bits of the day that count."""
    counting = keep.on(day)
    bits = sets.get((int(DaySet.Scope.MEMBERSHIP), kind, day), _NONE).astype(np.int64)
    return bits if counting.is_all else bits[counting.own.take(bits)]


def _people(sets: Blobs, keep: Keep, kind: int, day: int) -> Ints:
    """Member bits of the day that count."""
    whole = sets.get((int(DaySet.Scope.MEMBER), kind, day))
    if whole is None:
        return np.unique(keep.held.person[_memberships(sets, keep, kind, day)])
    counting, bits = keep.on(day), whole.astype(np.int64)
    return bits if counting.is_all else bits[counting.people.take(bits)]


def _lines(held: Columns, keep: Keep, start: int, days: int, depth: int) -> tuple[_Line, _Line]:
    """Memberships by the row of their community, and people in one row; for the triangle only who counts and whose
    cohort day is known."""
    known = (held.basis == 1) & (keep.row < keep.rows)
    person = np.full(len(held.member_of_bit), FAR, dtype=np.int64)
    np.minimum.at(person, held.person[known], held.cohort[known])
    own = _Line(keep.row, keep.rows, np.where(known, held.cohort, FAR) - start, days, depth)
    return own, _Line(np.zeros(len(person), dtype=np.int64), 1, person - start, days, depth)


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
    own = (row < keep.rows) & ~keep.out[person]
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

"""Shares over whole periods, exact and fast enough for a page: each day's sets are read once, people are united once.

Gives what `asking` gives; a test compares them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.blobs import load_sets
from qunying.audiences.columns import FAR
from qunying.audiences.models import DaySet
from qunying.audiences.sets import ASSERTED, Sets
from qunying.brands.models import Brand

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Share:
    """A numerator and its base; no base is blank."""

    above: int
    below: int

    @property
    def value(self) -> float | None:
        return self.above / self.below if self.below else None


class Spans:
    """Unions of day sets over any part of first..last, as people of the communities."""

    def __init__(
        self, brand: Brand, places: Sequence[int], first: int, last: int, *, with_everybody: bool = False
    ) -> None:
        self.brand, self.places, self.first, self.last = brand, tuple(places), first, last
        self.sets = Sets(brand, places, with_everybody=with_everybody)
        self._days: dict[int, dict[int, BitMap]] = {}

    def _held(self, kind: int) -> dict[int, BitMap]:
        if kind not in self._days:
            scope = int(DaySet.Scope.MEMBERSHIP)
            self._days[kind] = load_sets(self.brand, scope=scope, kind=kind, first=self.first, last=self.last)
        return self._days[kind]

    @cached_property
    def _own(self) -> NDArray[np.bool_]:
        return np.isin(self.sets.columns.community, self.places)

    @cached_property
    def _size(self) -> int:
        columns = self.sets.columns
        return len(columns.community) if self.sets.is_single else len(columns.member_of_bit)

    def _marked(self, bits: Ints) -> BitMap:
        """Own membership bits as this scope's bits."""
        mask = np.zeros(self._size, dtype=np.bool_)
        own = bits[self._own[bits]]
        mask[own if self.sets.is_single else self.sets.columns.person[own]] = True
        return BitMap(np.flatnonzero(mask).astype(np.uint32))

    def united(self, kind: int, first: int, last: int) -> BitMap:
        """Who is in the set on any of the days, people left out on a day not counting for that day."""
        held = self._held(kind)
        by_exclusion: dict[int, tuple[BitMap, list[BitMap]]] = {}
        for day in range(first, last + 1):
            if day in held:
                out = self.sets.excluded(day)
                by_exclusion.setdefault(id(out), (out, []))[1].append(held[day])
        found = BitMap()
        for out, parts in by_exclusion.values():
            found |= self._marked(_array(BitMap.union(BitMap(), *parts))) - out
        return found

    def active(self, first: int, last: int) -> BitMap:
        return self.united(int(DaySet.Kind.ACTIVE), first, last)

    def spoke(self, first: int, last: int) -> BitMap:
        return self.united(int(DaySet.Kind.SPEAKERS), first, last)

    def present(self, first: int, last: int) -> BitMap:
        """In the communities at any moment of the days."""
        stays = self.sets.columns.stays
        return self._marked(stays.bit[(stays.joined <= last) & (stays.left >= first)]) - self.sets.excluded(
            last
        )

    def retained(self, first: int, last: int, after: int) -> Share:
        """Of those who first joined on the days, who was active exactly `after` days after the own day."""
        born, cohort, back = self._born, 0, 0
        active = self._held(int(DaySet.Kind.ACTIVE))
        for day in range(first, last + 1):
            people = BitMap(np.flatnonzero(born == day).astype(np.uint32)) - self.sets.excluded(day)
            cohort += len(people)
            if people and day + after in active:
                there = self._marked(_array(active[day + after])) - self.sets.excluded(day + after)
                back += len(people & there)
        return Share(back, cohort)

    @cached_property
    def _born(self) -> Ints:
        """The day of the first reported join of each bit; FAR where it is not known by a join."""
        columns = self.sets.columns
        mine = np.flatnonzero(self._own & (columns.canon == np.arange(len(columns.canon))))
        at = mine if self.sets.is_single else columns.person[mine]
        born = np.full(self._size, FAR, dtype=np.int64)
        np.minimum.at(born, at, columns.cohort[mine])
        earliest = columns.cohort[mine] == born[at]
        told = np.zeros(self._size, dtype=np.bool_)
        told[at[earliest & (columns.basis[mine] == ASSERTED)]] = True
        return np.where(told, born, FAR)


def _array(bits: BitMap) -> Ints:
    return np.array(bits.to_array(), dtype=np.int64)

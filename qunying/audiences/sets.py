"""Sets of people of some communities, ready for algebra: who was active, spoke, joined, left, was there.

For one community the bits are membership bits, for several they are member bits, so nobody counts twice. Bots and test
accounts are left out always, staff on the days they were staff.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.blobs import Counts, add_up, load_counts, load_sets
from qunying.audiences.columns import FAR, Columns, columns
from qunying.audiences.models import DayCount, DaySet
from qunying.brands.models import Brand
from qunying.communities.models import Membership

Mask = NDArray[np.bool_]
ASSERTED = int(Membership.Basis.ASSERTED)


class Sets:
    """Sets over `communities` of one brand; days are read once and kept, so one object serves one page or one run."""

    def __init__(self, brand: Brand, communities: Sequence[int], *, with_everybody: bool = False) -> None:
        self.brand = brand
        self.communities = tuple(sorted(communities))
        self.is_single = len(self.communities) == 1
        self.with_everybody = with_everybody
        self._days: dict[tuple[int, int], BitMap] = {}
        self._out: dict[tuple[int, ...], BitMap] = {}
        self._ones: dict[int, Sets] = {}

    @cached_property
    def columns(self) -> Columns:
        return columns(self.brand)

    @cached_property
    def _own(self) -> BitMap:
        """Membership bits of the communities."""
        return self.columns.bits_of(self.communities)

    @cached_property
    def _is_own(self) -> Mask:
        own: Mask = np.isin(self.columns.community, self.communities)
        return own

    def of_one(self, community: int) -> Sets:
        """The same over one of the communities; kept, so its days are read once."""
        if community not in self._ones:
            self._ones[community] = Sets(self.brand, (community,), with_everybody=self.with_everybody)
        return self._ones[community]

    # -- days ---------------------------------------------------------------------------------------------------

    def load(self, first: int, last: int) -> None:
        """Read the sets of these days in one go; asking day by day works too, only slower."""
        for kind in DaySet.Kind.values:
            missing = [day for day in range(first, last + 1) if (kind, day) not in self._days]
            if missing:
                held = load_sets(
                    self.brand, scope=DaySet.Scope.MEMBERSHIP, kind=kind, first=missing[0], last=missing[-1]
                )
                for day in missing:
                    self._days[kind, day] = self._mine(held.get(day), day)

    def _mine(self, bits: BitMap | None, day: int) -> BitMap:
        if bits is None:
            return BitMap()
        return self.scoped(bits & self._own) - self.excluded(day)

    def scoped(self, bits: BitMap) -> BitMap:
        """Membership bits as this object's bits."""
        if self.is_single or not bits:
            return bits
        return BitMap(np.unique(self.columns.person[_array(bits)]).astype(np.uint32))

    def active(self, day: int) -> BitMap:
        return self._day(int(DaySet.Kind.ACTIVE), day)

    def speakers(self, day: int) -> BitMap:
        return self._day(int(DaySet.Kind.SPEAKERS), day)

    def _day(self, kind: int, day: int) -> BitMap:
        if (kind, day) not in self._days:
            self.load(day, day)
        return self._days[kind, day]

    def active_over(self, first: int, last: int) -> BitMap:
        """Active on at least one of the days."""
        self.load(first, last)
        return BitMap.union(BitMap(), *(self.active(day) for day in range(first, last + 1)))

    def spoke_over(self, first: int, last: int) -> BitMap:
        self.load(first, last)
        return BitMap.union(BitMap(), *(self.speakers(day) for day in range(first, last + 1)))

    def ever_active(self, day: int) -> BitMap:
        """Who had interacted by the end of the day, at any time before, whether they counted then or not."""
        column = self._by_person(self.columns.acted)
        return BitMap(np.flatnonzero(column <= day).astype(np.uint32))

    def excluded(self, day: int) -> BitMap:
        """Who is left out on the day: bots, tests, and staff whose span holds the day."""
        if self.with_everybody:
            return BitMap()
        staff = tuple(bit for bit, start, end in self.columns.staff_spans if start <= day <= end)
        if staff not in self._out:
            people = self.columns.left_out | BitMap(staff)
            self._out[staff] = self._bits_of_people(people) if self.is_single else people
        return self._out[staff]

    def _bits_of_people(self, people: BitMap) -> BitMap:
        if not people:
            return BitMap()
        mine = self._is_own & np.isin(self.columns.person, _array(people))
        return BitMap(np.flatnonzero(mine).astype(np.uint32))

    # -- stays --------------------------------------------------------------------------------------------------

    @cached_property
    def stay_is_own(self) -> Mask:
        stays = self.columns.stays
        return self._is_own[stays.bit] if len(stays.bit) else np.zeros(0, dtype=np.bool_)

    def _stayers(self, which: Mask, day: int) -> BitMap:
        bits = np.unique(self.columns.stays.bit[which & self.stay_is_own])
        return self.scoped(BitMap(bits.astype(np.uint32))) - self.excluded(day)

    def joined(self, first: int, last: int, *, source: int | None = None) -> BitMap:
        """Whose join was reported on one of the days, from this source if one is given (0: none was named)."""
        stays = self.columns.stays
        which = (stays.basis == ASSERTED) & (stays.joined >= first) & (stays.joined <= last)
        return self._stayers(which if source is None else which & (stays.source == source), last)

    def left(self, first: int, last: int) -> BitMap:
        """Whose leave or removal was reported on one of the days."""
        stays = self.columns.stays
        return self._stayers(stays.is_left_asserted & (stays.left >= first) & (stays.left <= last), last)

    def present(self, first: int, last: int) -> BitMap:
        """In the communities at any moment of the days."""
        stays = self.columns.stays
        return self._stayers((stays.joined <= last) & (stays.left >= first), last)

    def present_at_end(self, day: int) -> BitMap:
        """In the communities when the day ended."""
        stays = self.columns.stays
        return self._stayers((stays.joined <= day) & (stays.left > day), day)

    # -- cohorts ------------------------------------------------------------------------------------------------

    def cohort(self, first: int, last: int, *, by: str = "join") -> BitMap:
        """Whose first join was reported (`join`), or who first sent a message (`message`), on one of the days."""
        column = self.born if by == "join" else self._spoke
        which = (column >= first) & (column <= last)
        if by == "join":
            which &= self._basis == ASSERTED
        return BitMap(np.flatnonzero(which).astype(np.uint32)) - self.excluded(last)

    @cached_property
    def born(self) -> NDArray[np.int64]:
        """Day on which each bit's first stay began (FAR: never)."""
        return self._by_person(self.columns.cohort)

    @cached_property
    def _spoke(self) -> NDArray[np.int64]:
        return self._by_person(self.columns.spoke)

    @cached_property
    def followed_to(self) -> NDArray[np.int64]:
        """Last covered day of the community in which each bit was born; of several born in at once, the earliest."""
        stays, mine = self.columns.stays, np.flatnonzero(self._counting)
        cover = np.zeros(len(self.columns.community), dtype=np.int64)
        cover[stays.bit] = stays.known_to
        bits = mine if self.is_single else self.columns.person[mine]
        own = self.columns.cohort[mine] == self.born[bits]
        found = np.full(len(self.born), FAR, dtype=np.int64)
        np.minimum.at(found, bits[own], cover[mine[own]])
        return found

    @cached_property
    def _basis(self) -> NDArray[np.int64]:
        """How each bit's cohort is known; for people, the basis of their earliest membership."""
        mine = np.flatnonzero(self._counting)
        basis: NDArray[np.int64]
        if self.is_single:
            basis = np.full(len(self.columns.community), 9, dtype=np.int64)
            basis[mine] = self.columns.basis[mine]
            return basis
        person, cohort = self.columns.person[mine], self.columns.cohort[mine]
        basis = np.full(len(self.columns.member_of_bit), 9, dtype=np.int64)
        earliest = cohort == self.born[person]
        np.minimum.at(basis, person[earliest], self.columns.basis[mine][earliest])
        return basis

    @cached_property
    def _counting(self) -> Mask:
        """Own memberships that stand for themselves, not for a merged one."""
        counting: Mask = self._is_own & (self.columns.canon == np.arange(len(self.columns.canon)))
        return counting

    def _by_person(self, column: NDArray[np.int64]) -> NDArray[np.int64]:
        """The column over this object's bits: own memberships, or each person's earliest."""
        mine = np.flatnonzero(self._counting)
        size = len(self.columns.community) if self.is_single else len(self.columns.member_of_bit)
        least = np.full(size, FAR, dtype=np.int64)
        np.minimum.at(least, mine if self.is_single else self.columns.person[mine], column[mine])
        return least

    # -- counts -------------------------------------------------------------------------------------------------

    def counts(self, kind: int, first: int, last: int) -> Counts:
        """How often each member did it over the days: sorted bits of this object and counts. HOURS is per act."""
        held = load_counts(self.brand, kind=kind, first=first, last=last)
        return add_up([self._own_counts(kind, day, counts) for day, counts in sorted(held.items())])

    def counts_by_day(self, kind: int, first: int, last: int) -> dict[int, Counts]:
        held = load_counts(self.brand, kind=kind, first=first, last=last)
        return {day: add_up([self._own_counts(kind, day, counts)]) for day, counts in held.items()}

    def _own_counts(self, kind: int, day: int, counts: Counts) -> Counts:
        keys, times = counts
        every = (keys // 24 if kind == DayCount.Kind.HOURS else keys).astype(np.int64)
        mine = self._is_own[every]
        bits, times = every[mine], times[mine]
        if not self.is_single:
            bits = self.columns.person[bits]
        out = self.excluded(day)
        if out:
            kept = ~np.isin(bits, _array(out))
            bits, times = bits[kept], times[kept]
        return bits.astype(np.uint32), times

    def hours(self, first: int, last: int) -> dict[int, Counts]:
        """Day → keys bit * 24 + hour of this object's members and how often they acted in that hour."""
        found = {}
        for day, (keys, times) in load_counts(
            self.brand, kind=DayCount.Kind.HOURS, first=first, last=last
        ).items():
            wide = keys.astype(np.int64)
            mine = self._is_own[wide // 24]
            wide, kept = wide[mine], times[mine]
            bits = wide // 24 if self.is_single else self.columns.person[wide // 24]
            stay = ~np.isin(bits, _array(self.excluded(day)))
            found[day] = add_up([((bits[stay] * 24 + wide[stay] % 24).astype(np.uint32), kept[stay])])
        return found

    # -- people -------------------------------------------------------------------------------------------------

    def members(self, bits: Iterable[int]) -> list[int]:
        """Ids of the members behind the bits, in bit order."""
        array = np.fromiter(bits, dtype=np.int64)
        people = self.columns.person[array] if self.is_single and len(array) else array
        found: list[int] = self.columns.member_of_bit[people].tolist() if len(array) else []
        return found

    def person_of_members(self, members: NDArray[np.int64]) -> NDArray[np.int64]:
        """Member bit of the root of each member id; -1 for an id the brand does not have."""
        order = np.argsort(self.columns.member_of_bit)
        known = self.columns.member_of_bit[order]
        if not len(known):
            return np.full(len(members), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(known, members), len(known) - 1)
        return np.where(known[place] == members, self.columns.root[order[place]], -1)

    def people(self, bits: BitMap) -> BitMap:
        """The same people as member bits of the brand, whatever this object's bits are."""
        if not self.is_single or not bits:
            return bits
        return BitMap(np.unique(self.columns.person[_array(bits)]).astype(np.uint32))


def _array(bits: BitMap) -> NDArray[np.int64]:
    return np.array(bits.to_array(), dtype=np.int64)

"""What sets are joined with: for each membership bit its community, person and cohort; who is left out; who was
present.

Read by a few SELECTs and kept per process until the brand's `columns` version moves."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import numpy as np
from django.db.models import F
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.brands.models import Brand
from qunying.communities.models import Community, Membership, Spell
from qunying.communities.queries import counted
from qunying.kit import days
from qunying.members.models import Member, StaffSpan

Ints = NDArray[np.int64]
FAR = 2**24
"""A day that never comes, for stays without an end."""


@dataclass(frozen=True)
class Stays:
    """All stays of a brand as columns. `joined` is the first covered day where nobody told when, `left` the day after
    the last covered one (`known_to`) while present."""

    bit: Ints
    joined: Ints
    left: Ints
    basis: Ints
    is_left_asserted: NDArray[np.bool_]
    source: Ints
    inviter: Ints
    known_to: Ints


@dataclass(frozen=True)
class Columns:
    """Arrays over membership bits (0 where no membership has the bit, community 0) and over member bits. `key` is
    the community and member of each membership as one number (`key_of`), sorted, and `bit_of_key` the bit of each.

    `canon` is the membership bit that counts after merges, `person` the member bit of the root. Over member
    bits: `root` of each, `member_of_bit` its id. `cohort` is the earliest cohort day over merged memberships
    (FAR: none), `basis` how it is known; `spoke` the first day a message was sent, `acted` the first day of any
    interaction (FAR: never).
    """

    version: int
    community: Ints
    home: Ints
    canon: Ints
    person: Ints
    key: Ints
    bit_of_key: Ints
    cohort: Ints
    basis: Ints
    spoke: Ints
    acted: Ints
    member_of_bit: Ints
    root: Ints
    stays: Stays
    left_out: BitMap
    staff_spans: tuple[tuple[int, int, int], ...]
    """(member bit, from day, until day inclusive)."""

    def bits(self, community: Ints, member: Ints) -> Ints:
        """The membership bit that counts for each community and member; -1 where there is none."""
        wanted = key_of(community, member)
        if not len(self.key):
            return np.full(len(wanted), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)
        return np.where(self.key[place] == wanted, self.canon[self.bit_of_key[place]], -1)

    def bits_of(self, communities: tuple[int, ...]) -> BitMap:
        """Membership bits of these communities."""
        return BitMap(np.flatnonzero(np.isin(self.community, communities)).astype(np.uint32))


_kept: dict[tuple[int, int], Columns] = {}
_lock = threading.Lock()


def columns(brand: Brand, *, with_everybody: bool = False) -> Columns:
    """The brand's columns as of now; `with_everybody` as if nobody were a bot, a test account or staff."""
    version = Brand.objects.values_list("columns", flat=True).get(pk=brand.pk)
    with _lock:
        found = _kept.get((brand.pk, version))
    if found is None:
        found = _load(brand, version)
        with _lock:
            for key in [key for key in _kept if key[0] == brand.pk]:
                del _kept[key]
            _kept[brand.pk, version] = found
    return replace(found, left_out=BitMap(), staff_spans=()) if with_everybody else found


def _load(brand: Brand, version: int) -> Columns:
    members = list(
        Member.objects.filter(brand=brand)
        .annotate(root=F("merged_into__bit"))
        .values_list("bit", "root", "pk", "is_bot", "is_test", "erased_at")
    )
    size = max((row[0] for row in members), default=-1) + 1
    root = np.arange(size, dtype=np.int64)
    member_of_bit = np.zeros(size, dtype=np.int64)
    left_out = BitMap()
    for bit, above, pk, is_bot, is_test, _erased in members:
        root[bit] = bit if above is None else above
        member_of_bit[bit] = pk
        if is_bot or is_test:
            left_out.add(int(root[bit]))
    rows = Membership.objects.filter(brand=brand).values_list(
        "bit",
        "community_id",
        "member__bit",
        "cohort_day",
        "cohort_basis",
        "first_message_day",
        "first_active_at",
    )
    day = brand.clock.day
    table = np.array(
        [
            (*(FAR if value is None else value for value in row[:6]), FAR if row[6] is None else day(row[6]))
            for row in rows
        ],
        dtype=np.int64,
    )
    return _arrange(brand, version, table.reshape(-1, 7), root, member_of_bit, left_out)


def _arrange(
    brand: Brand, version: int, table: Ints, root: Ints, member_of_bit: Ints, left_out: BitMap
) -> Columns:
    size = int(table[:, 0].max()) + 1 if len(table) else 0
    bit = table[:, 0]
    community, home, cohort, basis, spoke, acted = (np.zeros(size, dtype=np.int64) for _ in range(6))
    cohort[:] = spoke[:] = acted[:] = FAR
    community[bit], home[bit], cohort[bit], basis[bit], spoke[bit], acted[bit] = table[:, 1:7].T
    person = root[home] if size else home
    key = key_of(community[bit], member_of_bit[home[bit]]) if size else bit
    order = np.argsort(key)
    canon = _canon(community, home, person)
    for column in (cohort, spoke, acted):
        least = np.full(size, FAR, dtype=np.int64)
        np.minimum.at(least, canon, column)
        column[:] = least[canon]
    best = np.full(size, 9, dtype=np.int64)
    own = table[:, 3] == cohort[bit]
    np.minimum.at(best, canon[bit[own]], basis[bit[own]])
    return Columns(
        version=version,
        community=community,
        home=home,
        key=key[order],
        bit_of_key=bit[order],
        canon=canon,
        person=person,
        cohort=cohort,
        basis=best[canon] if size else best,
        spoke=spoke,
        acted=acted,
        member_of_bit=member_of_bit,
        root=root,
        stays=_stays(brand, canon),
        left_out=left_out,
        staff_spans=_staff_spans(brand, root),
    )


def key_of(community: Ints, member: Ints) -> Ints:
    """One number for a community and a member."""
    return community * 2**40 + member


def _canon(community: Ints, home: Ints, person: Ints) -> Ints:
    """The bit that counts for each membership: the root's own in that community, else the smallest."""
    canon = np.arange(len(community), dtype=np.int64)
    if not (home != person).any():
        return canon
    order = np.lexsort((canon, home != person, person, community))
    starts = np.append(True, (np.diff(community[order]) != 0) | (np.diff(person[order]) != 0))
    leaders = order[np.flatnonzero(starts)]
    canon[order] = leaders[np.cumsum(starts) - 1]
    return canon


def _stays(brand: Brand, canon: Ints) -> Stays:
    """The stays, cut to what their communities cover: beyond it nobody is known to be present."""
    cover = {
        row.pk: (row.covered_from or 0, row.covered_to or 0)
        for row in Community.objects.filter(brand=brand).exclude(covered_to=None)
    }
    rows = Spell.objects.filter(brand=brand).values_list(
        "membership__bit",
        "joined_day",
        "left_day",
        "basis",
        "is_left_asserted",
        "source_id",
        "inviter",
        "membership__community",
    )
    table = np.array(
        [
            (
                bit,
                cover[place][0] if joined is None else joined,
                cover[place][1] + 1 if left is None else left,
                basis,
                asserted,
                source or 0,
                inviter or 0,
                cover[place][1],
            )
            for bit, joined, left, basis, asserted, source, inviter, place in rows
            if place in cover
        ],
        dtype=np.int64,
    ).reshape(-1, 8)
    bit = canon[table[:, 0]] if len(table) else table[:, 0]
    asserted = table[:, 4].astype(np.bool_)
    return Stays(bit, table[:, 1], table[:, 2], table[:, 3], asserted, table[:, 5], table[:, 6], table[:, 7])


def _staff_spans(brand: Brand, root: Ints) -> tuple[tuple[int, int, int], ...]:
    """Merged accounts may both be staff on a day; a person is left out once."""
    rows = StaffSpan.objects.filter(member__brand=brand).values_list("member__bit", "from_on", "until_on")
    spans = sorted(
        (int(root[bit]), days.number(start), FAR if end is None else days.number(end))
        for bit, start, end in rows
    )
    found: list[tuple[int, int, int]] = []
    for person, start, end in spans:
        if found and found[-1][0] == person and start <= found[-1][2] + 1:
            found[-1] = (person, found[-1][1], max(found[-1][2], end))
        else:
            found.append((person, start, end))
    return tuple(found)


def real_communities(brand: Brand) -> list[Community]:
    """Leaves of the tree that count: no tests and nothing below one."""
    return list(counted(brand).order_by("pk"))

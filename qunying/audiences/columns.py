"""What sets are joined with: for each membership bit its community, person and cohort; who is left out; who was
present.

Read by a few SELECTs and kept per process until the brand's `columns` version moves."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import numpy as np
from django.db.models import BigIntegerField, F, IntegerField, Q
from django.db.models.functions import Cast, Coalesce
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.brands.models import Brand
from qunying.brands.rows import table
from qunying.communities.models import Community, Membership, Spell
from qunying.communities.queries import counted
from qunying.kit import days
from qunying.members.models import Member, StaffSpan

Ints = NDArray[np.int64]
FAR = 2**24
"""A day that never comes, for stays without an end."""
NEVER = 2**62
"""A moment that never comes."""


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
    members = Member.objects.filter(brand=brand)
    bit, above, pk = table(members.values_list("bit", Coalesce("merged_into__bit", "bit"), "pk"), 3).T
    size = int(bit.max(initial=-1)) + 1
    root, member_of_bit = np.arange(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    root[bit], member_of_bit[bit] = above, pk
    odd = members.filter(Q(is_bot=True) | Q(is_test=True)).values_list("bit", flat=True)
    left_out = BitMap(root[list(odd)].astype(np.uint32))
    rows = Membership.objects.filter(brand=brand).values_list(
        "bit",
        "community_id",
        "member__bit",
        Coalesce("cohort_day", FAR),
        Coalesce("cohort_basis", FAR),
        Coalesce("first_message_day", FAR),
        Coalesce("first_active_at", NEVER, output_field=BigIntegerField()),
    )
    held = table(rows, 7).T
    acted = held[6] != NEVER
    held[6, acted], held[6, ~acted] = local(brand, held[6, acted]) // days.DAY_MS, FAR
    return _arrange(brand, version, held, root, member_of_bit, left_out)


def local(brand: Brand, at: Ints) -> Ints:
    """Milliseconds of the brand's local clock at each moment; each quarter of an hour has its offset asked once."""
    quarters, place = np.unique(at // days.QUARTER_MS, return_inverse=True)
    offsets = [brand.clock.offset(quarter * days.QUARTER_MS) for quarter in quarters.tolist()]
    return at + np.array(offsets, dtype=np.int64)[place] if len(at) else at


def _arrange(
    brand: Brand, version: int, held: Ints, root: Ints, member_of_bit: Ints, left_out: BitMap
) -> Columns:
    bit = held[0]
    size = int(bit.max(initial=-1)) + 1
    community, home, cohort, basis, spoke, acted = (np.zeros(size, dtype=np.int64) for _ in range(6))
    cohort[:] = spoke[:] = acted[:] = FAR
    community[bit], home[bit], cohort[bit], basis[bit], spoke[bit], acted[bit] = held[1:]
    person = root[home] if size else home
    key = key_of(community[bit], member_of_bit[home[bit]]) if size else bit
    order = np.argsort(key)
    canon = _canon(community, home, person)
    for column in (cohort, spoke, acted):
        least = np.full(size, FAR, dtype=np.int64)
        np.minimum.at(least, canon, column)
        column[:] = least[canon]
    best = np.full(size, 9, dtype=np.int64)
    own = held[3] == cohort[bit]
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
    until = Coalesce("left_day", F("membership__community__covered_to") + 1)
    rows = Spell.objects.filter(brand=brand).exclude(membership__community__covered_to=None)
    told = rows.values_list(
        "membership__bit",
        Coalesce("joined_day", "membership__community__covered_from", 0),
        until,
        "basis",
        Cast("is_left_asserted", IntegerField()),
        Coalesce("source_id", 0),
        Coalesce("inviter", 0),
        "membership__community__covered_to",
    )
    bit, joined, left, basis, asserted, source, inviter, known_to = table(told, 8).T
    bit = canon[bit] if len(bit) else bit
    return Stays(bit, joined, left, basis, asserted.astype(np.bool_), source, inviter, known_to)


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

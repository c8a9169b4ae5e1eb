"""Stages and recency of every membership of a brand at once: what a list of people shows and filters by.

Gives what `StageBook` gives for each community (a test compares them), reading each day's sets once for all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.blobs import add_up, load_counts, load_sets
from qunying.audiences.columns import FAR, Columns
from qunying.audiences.keeping import Shelf
from qunying.audiences.models import Appointment, DayCount, DaySet
from qunying.audiences.stages import DORMANT_DAYS, KEYS, NONE, Knowledge, judge
from qunying.brands.models import Brand
from qunying.communities.models import Community, Membership
from qunying.kit import days
from qunying.members.models import Member

Ints = NDArray[np.int64]
RANKED = ("core", "active", "new", "silent", "dormant", "unobserved", "left")
"""A person in several communities stands in the best of their stages."""
RANK = np.zeros(len(KEYS), dtype=np.int64)
RANK[[KEYS.index(key) for key in RANKED]] = np.arange(len(RANKED), 0, -1)
MESSAGES_OVER = 30


@dataclass(frozen=True)
class Standing:
    """Arrays over membership bits as of a day: stage code (0 unknown or not their own), last interaction in ms (0
    never), messages of 30 days; and the member bits that were erased."""

    day: int
    stage: Ints
    last_at: Ints
    said: Ints
    erased: BitMap


_shelf: Shelf[Standing] = Shelf(16)


def standing(brand: Brand, held: Columns, day: int, *, position: int) -> Standing:
    """As of the day's end; kept until the log, the columns or the rules' settings move."""
    return _shelf.get((bytes(brand.key), held.version, position, day), lambda: _worked_out(brand, held, day))


def forget() -> None:
    """Drop what is kept."""
    _shelf.clear()


def _worked_out(brand: Brand, held: Columns, day: int) -> Standing:
    size = len(held.community)
    last_at = np.zeros(size, dtype=np.int64)
    rows = (
        Membership.objects.filter(brand=brand)
        .exclude(last_active_at=None)
        .values_list("bit", "last_active_at")
    )
    table = np.array(list(rows), dtype=np.int64).reshape(-1, 2)
    np.maximum.at(last_at, held.canon[table[:, 0]], table[:, 1])
    erased = Member.objects.filter(brand=brand).exclude(erased_at=None).values_list("bit", flat=True)
    return Standing(day, _stages(brand, held, day), last_at, _said(brand, held, day), BitMap(list(erased)))


def _said(brand: Brand, held: Columns, day: int) -> Ints:
    parts = load_counts(brand, kind=DayCount.Kind.MESSAGES, first=day - MESSAGES_OVER + 1, last=day)
    bits, times = add_up(list(parts.values()))
    found = np.zeros(len(held.community), dtype=np.int64)
    np.add.at(found, held.canon[bits], times)
    return found


def _stages(brand: Brand, held: Columns, day: int) -> Ints:
    communities = list(Community.objects.filter(brand=brand, level=Community.Level.COMMUNITY))
    known = _know(brand, held, day, max([DORMANT_DAYS, *(row.silence for row in communities)]))
    own = held.canon == np.arange(len(held.canon))
    found = np.zeros(len(held.community), dtype=np.int64)
    for row in communities:
        bits = np.flatnonzero(own & (held.community == row.pk))
        end = min(day, row.covered_to if row.covered_to is not None else day)
        mine = known if end == day else _know(brand, held, end, max(DORMANT_DAYS, row.silence))
        found[bits] = judge(_part(mine, bits), day=end, sees=row.sees_speech, window=row.silence)
    found[_left_out(held, day)] = NONE
    return found


def _know(brand: Brand, held: Columns, day: int, window: int) -> Knowledge:
    """The rules' inputs for all membership bits at the end of the day."""
    size = len(held.community)
    stays = held.stays
    begun = stays.joined <= day
    started = np.full(size, FAR, dtype=np.int64)
    np.minimum.at(started, stays.bit[begun], stays.joined[begun])
    present = np.zeros(size, dtype=np.bool_)
    present[stays.bit[begun & (stays.left > day)]] = True
    return Knowledge(
        bits=np.arange(size),
        started=started,
        present=present,
        ever=held.acted <= day,
        last_active=_last_day(brand, held, DaySet.Kind.ACTIVE, day, window),
        last_spoke=_last_day(brand, held, DaySet.Kind.SPEAKERS, day, window),
        core=_core(brand, held, day),
    )


def _part(known: Knowledge, bits: Ints) -> Knowledge:
    names = ("started", "present", "ever", "last_active", "last_spoke", "core")
    return Knowledge(bits=bits, **{name: getattr(known, name)[bits] for name in names})


def _last_day(brand: Brand, held: Columns, kind: int, day: int, window: int) -> Ints:
    """The last of the window's days on which each bit was in the set and counted; -FAR for none of them."""
    found = np.full(len(held.community), -FAR, dtype=np.int64)
    first = day - window + 1
    sets = load_sets(brand, scope=int(DaySet.Scope.MEMBERSHIP), kind=int(kind), first=first, last=day)
    for past in sorted(sets):
        bits = np.array(sets[past].to_array(), dtype=np.int64)
        staff = [bit for bit, start, end in held.staff_spans if start <= past <= end]
        found[bits[~np.isin(held.person[bits], staff)] if staff else bits] = past
    return found


def _core(brand: Brand, held: Columns, day: int) -> NDArray[np.bool_]:
    found = np.zeros(len(held.community), dtype=np.bool_)
    rows = Appointment.objects.filter(membership__brand=brand)
    for bit, start, end in rows.values_list("membership__bit", "from_on", "until_on"):
        if days.number(start) <= day and (end is None or day <= days.number(end)):
            found[held.canon[bit]] = True
    return found


def _left_out(held: Columns, day: int) -> NDArray[np.bool_]:
    """Memberships of people who do not count on the day: bots, tests, staff."""
    people = np.zeros(len(held.member_of_bit), dtype=np.bool_)
    people[np.array(held.left_out.to_array(), dtype=np.int64)] = True
    people[[bit for bit, start, end in held.staff_spans if start <= day <= end]] = True
    return people[held.person]

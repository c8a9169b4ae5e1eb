"""Readings after live facts: only the days that what is new can have touched are read again.

A reading of a day is made of what is known of that day and of days before it, so if nothing that readings are made of
differs before a day, neither do they. What they are made of is compared with what they were made of last, which the
process remembers; where it does not, or somebody else has written since, all days are read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Max
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.columns import FAR, Columns, Stays, columns
from qunying.audiences.models import Appointment
from qunying.brands.actions import lock
from qunying.brands.models import Brand
from qunying.communities.fact_kinds import RECALLED, SENT
from qunying.facts.models import Fact
from qunying.facts.projectors import position
from qunying.kit import days
from qunying.metrics.models import Reading
from qunying.metrics.readings import bring_up_to_date, covered_communities, span_of

Ints = NDArray[np.int64]
EVERYTHING = -1
"""A day before all others."""
MANY, FEW = 50_000, 500
"""New facts, and recalls among them, beyond which reading all days costs no more than looking."""


@dataclass(frozen=True)
class Ground:
    """What the readings of a brand were made of, and the newest of them."""

    position: int
    last: int
    held: Columns
    places: dict[int, tuple[int, int, int, bool]]
    """Community → first and last covered day, days until silent, whether its speech is seen."""
    appointed: frozenset[tuple[int, int, int]]
    """Membership, first and last day of each core appointment."""
    newest: int = 0


_grounds: dict[int, Ground] = {}


def catch_up(brand: Brand, *, at: dt.datetime) -> int:
    """What `bring_up_to_date` does, for the days alone that changed since this process last wrote; answers how many
    readings were written. Not to be called within a transaction that may be taken back."""
    with transaction.atomic():
        lock(brand)
        ground = _ground(brand, at)
        before = _grounds.pop(brand.pk, None)
        since = EVERYTHING if before is None else touched(brand, before, ground)
        count = 0
        if since <= ground.last or before is None:
            count = bring_up_to_date(brand, at=at, since=None if since == EVERYTHING else since)
        fresh = Ground(**{**vars(ground), "newest": _newest(brand)})
    _grounds[brand.pk] = fresh
    return count


def _ground(brand: Brand, at: dt.datetime) -> Ground:
    places = covered_communities(brand)
    appointed = Appointment.objects.filter(membership__brand=brand)
    return Ground(
        position=position(brand),
        last=span_of(brand, places, at)[1] if places else EVERYTHING,
        held=columns(brand),
        places={
            row.pk: (row.covered_from or 0, row.covered_to or 0, row.silence, row.sees_speech)
            for row in places
        },
        appointed=frozenset(
            (membership, days.number(start), FAR if end is None else days.number(end))
            for membership, start, end in appointed.values_list("membership_id", "from_on", "until_on")
        ),
    )


def _newest(brand: Brand) -> int:
    """Changes whenever anybody writes readings."""
    newest: int | None = Reading.objects.filter(brand=brand).aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def touched(brand: Brand, before: Ground, now: Ground) -> int:
    """The first day whose readings may differ; FAR if none does."""
    if before.newest != _newest(brand) or now.position < before.position or not before.places:
        return EVERYTHING
    return min(
        _by_facts(brand, before.position),
        _by_cover(before, now),
        min((start for _who, start, _end in before.appointed ^ now.appointed), default=FAR),
        _by_columns(before.held, now.held),
    )


def _by_facts(brand: Brand, after: int) -> int:
    """The first day of a new fact, or of a message that one takes back."""
    new = Fact.objects.filter(brand=brand.pk, pk__gt=after).order_by("pk")
    rows = list(new.values_list("day", "kind", "subject")[: MANY + 1])
    back = [subject for _day, kind, subject in rows if kind == RECALLED]
    if len(rows) > MANY or len(back) > FEW:
        return EVERYTHING
    said = Fact.objects.filter(brand=brand.pk, kind=SENT, subject__in=back) if back else Fact.objects.none()
    return min([*(day for day, _kind, _subject in rows), *said.values_list("day", flat=True)], default=FAR)


def _by_cover(before: Ground, now: Ground) -> int:
    """The first day on which other communities count, are covered or are judged in another way."""
    found = FAR if before.last == now.last else min(before.last + 1, now.last)
    for place in before.places.keys() | now.places.keys():
        was, has = before.places.get(place), now.places.get(place)
        if was is None or has is None:
            found = min(found, (was or has or (EVERYTHING,))[0])
        elif was[2:] != has[2:] or was[0] != has[0]:
            found = min(found, was[0], has[0])
        elif was[1] != has[1]:
            found = min(found, min(was[1], has[1]) + 1)
    return found


def _by_columns(was: Columns, now: Columns) -> int:
    """The first day on which other people are there; whoever becomes somebody else, or counts no more, does so on all
    days."""
    if was.version == now.version:
        return FAR
    places, people = len(was.community), len(was.root)
    if len(now.community) < places or len(now.root) < people:
        return EVERYTHING
    known = BitMap(range(people))
    spans = tuple(span for span in now.staff_spans if span[0] < people)
    alike = [
        np.array_equal(getattr(was, name), getattr(now, name)[:places])
        for name in ("community", "canon", "person")
    ]
    alike += [
        np.array_equal(was.root, now.root[:people]),
        was.left_out == now.left_out & known,
        was.staff_spans == spans,
    ]
    if not all(alike):
        return EVERYTHING
    acted = np.minimum(was.acted, now.acted[:places])[was.acted != now.acted[:places]]
    return min(
        int(acted.min(initial=FAR)),
        int(now.acted[places:].min(initial=FAR)),
        _by_stays(was.stays, now.stays),
    )


def _by_stays(was: Stays, now: Stays) -> int:
    """The first day on which stays differ: one that only ends on another day is the same until the earlier end."""
    old, new = _rows(was), _rows(now)
    if np.array_equal(old, new):
        return FAR
    rows, place = np.unique(np.concatenate([old, new]), axis=0, return_inverse=True)
    times = np.bincount(
        place.reshape(-1), weights=np.repeat([1.0, -1.0], [len(old), len(new)]), minlength=len(rows)
    )
    changed, times = rows[times != 0], times[times != 0]
    if not len(changed):
        return FAR  # in another order
    _keys, group = np.unique(changed[:, :3], axis=0, return_inverse=True)
    group = group.reshape(-1)
    balance = np.bincount(group, weights=times)
    from_end = np.minimum.reduceat(
        changed[np.argsort(group, kind="stable"), 3], np.searchsorted(np.sort(group), np.arange(len(balance)))
    )
    starts = _keys[:, 1]
    return int(np.where(balance == 0, from_end, starts).min())


def _rows(stays: Stays) -> Ints:
    """Bit, first day, basis, end and whether it was told, of each stay."""
    return np.stack(
        [stays.bit, stays.joined, stays.basis, stays.left, stays.is_left_asserted], axis=1
    ).astype(np.int64)

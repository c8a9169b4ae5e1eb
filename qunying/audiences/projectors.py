"""Keeps day sets and day counts in step with the log."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.blobs import Counts, add_up, load_counts, load_sets, save_counts, save_sets
from qunying.audiences.columns import columns, local
from qunying.audiences.models import DayCount, DaySet
from qunying.brands.models import Brand
from qunying.communities.fact_kinds import REACTED, RECALLED, SENT
from qunying.facts import log
from qunying.facts.kinds import interactions
from qunying.facts.marks import VALID
from qunying.facts.projectors import Projector
from qunying.kit.days import DAY_MS, HOUR_MS

Ints = NDArray[np.int64]
SCOPE, SET, COUNT = DaySet.Scope, DaySet.Kind, DayCount.Kind


def follow(brand: Brand, facts: log.Facts) -> None:
    """Add the run's acts to their days; days that lost a message to a recall are made anew."""
    stale = _days_of(brand, facts.subject[facts.kind == RECALLED], before=int(facts.id[0]))
    fresh = facts.where(~np.isin(facts.day, stale)) if len(stale) else facts
    _write(brand, tally(brand, fresh), is_whole=False)
    restate(brand, stale.tolist(), upto=int(facts.id[-1]))


def restate(brand: Brand, days: Collection[int], *, upto: int | None = None) -> None:
    """Make the sets and counts of these days anew from the log, up to the fact `upto` where the cursor stands."""
    wanted = sorted(set(days))
    for start in range(0, len(wanted), 32):
        some = wanted[start : start + 32]
        parts = list(log.read_days(brand, some, upto=upto))
        whole = Tally()
        for part in parts:
            whole.merge(tally(brand, part))
        whole.days.update(some)
        _write(brand, whole, is_whole=True)


def _days_of(brand: Brand, subjects: Ints, *, before: int) -> Ints:
    """Days whose sets already hold these messages; one that comes in this very run is never counted at all."""
    found: set[int] = set()
    wanted = sorted(set(subjects.tolist()))
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        places = ", ".join(["%s"] * len(part))
        found.update(
            log.read(
                brand, f"id < %s AND kind = {SENT} AND subject IN ({places})", [before, *part]
            ).day.tolist()
        )
    return np.array(sorted(found), dtype=np.int64)


class Tally:
    """Acts added up by day: sets as sorted unique bits, counts as sorted keys and counts."""

    def __init__(self) -> None:
        self.days: set[int] = set()
        self.counts: dict[tuple[int, int], Counts] = {}
        self.people: dict[tuple[int, int], Ints] = {}

    def merge(self, other: Tally) -> None:
        self.days |= other.days
        for key, counts in other.counts.items():
            self.counts[key] = add_up([self.counts[key], counts]) if key in self.counts else counts
        for key, bits in other.people.items():
            self.people[key] = np.union1d(self.people[key], bits) if key in self.people else bits


def tally(brand: Brand, facts: log.Facts) -> Tally:
    """Count the run's acts per day and membership. Messages that were taken back count nowhere."""
    gone = log.recalled(brand, RECALLED)
    facts = facts.where(~((facts.kind == SENT) & np.isin(facts.subject, gone)))
    found = Tally()
    held = columns(brand)
    own = held.bits(facts.community, facts.member)
    is_act = np.isin(facts.kind, interactions()) & (own >= 0)
    sent = is_act & (facts.kind == SENT)
    hours = local(brand, facts.at) % DAY_MS // HOUR_MS
    _count(found, COUNT.HOURS, facts.day[is_act], own[is_act] * 24 + hours[is_act])
    _count(found, COUNT.MESSAGES, facts.day[sent], own[sent])
    valid = sent & ((facts.marks & VALID) > 0)
    _count(found, COUNT.VALID, facts.day[valid], own[valid])
    reacted = is_act & (facts.kind == REACTED)
    _count(found, COUNT.REACTIONS, facts.day[reacted], own[reacted])
    answered = np.flatnonzero(sent & (facts.other > 0) & (facts.other != facts.member))
    author = held.bits(facts.community[answered], facts.other[answered])
    _count(found, COUNT.REPLIED_TO, facts.day[answered][author >= 0], author[author >= 0])
    _people(brand, found)
    return found


def _count(found: Tally, kind: int, days: Ints, keys: Ints) -> None:
    if not len(days):
        return
    both, counts = np.unique(days * 2**36 + keys, return_counts=True)
    day = both >> 36
    starts = np.flatnonzero(np.append(True, np.diff(day) != 0))
    for start, end in zip(starts.tolist(), np.append(starts[1:], len(day)).tolist(), strict=True):
        keys_of_day = (both[start:end] & (2**36 - 1)).astype(np.uint32)
        found.counts[kind, int(day[start])] = (keys_of_day, counts[start:end].astype(np.uint32))
        found.days.add(int(day[start]))


def _people(brand: Brand, found: Tally) -> None:
    """The same days by person: member bits of the brand."""
    person = columns(brand).person
    for (kind, day), (keys, _counts) in list(found.counts.items()):
        if kind == COUNT.HOURS:
            found.people[SET.ACTIVE, day] = np.unique(person[keys // 24])
        elif kind == COUNT.MESSAGES:
            found.people[SET.SPEAKERS, day] = np.unique(person[keys])


def _write(brand: Brand, found: Tally, *, is_whole: bool) -> None:
    """Write the tally: in place of what the days held (`is_whole`), or added to it."""
    if not found.days:
        return
    first, last = min(found.days), max(found.days)
    counts = []
    for kind in COUNT.values:
        held = {} if is_whole else load_counts(brand, kind=kind, first=first, last=last)
        for day in sorted(found.days):
            mine = found.counts.get((kind, day))
            if mine is None:
                if is_whole:
                    counts.append((kind, day, (np.zeros(0, np.uint32), np.zeros(0, np.uint32))))
                continue
            counts.append((kind, day, add_up([held[day], mine]) if day in held else mine))
    save_counts(brand, counts)
    _write_sets(brand, found, first, last, is_whole=is_whole)


def _write_sets(brand: Brand, found: Tally, first: int, last: int, *, is_whole: bool) -> None:
    rows = []
    for scope, kind in ((scope, kind) for scope in SCOPE.values for kind in SET.values):
        held = {} if is_whole else load_sets(brand, scope=scope, kind=kind, first=first, last=last)
        for day in sorted(found.days):
            bits = _fresh_bits(found, scope, kind, day)
            if bits is None and not is_whole:
                continue
            mine = BitMap(bits if bits is not None else [])
            rows.append((scope, kind, day, mine | held[day] if day in held else mine))
    save_sets(brand, rows)


def _fresh_bits(found: Tally, scope: int, kind: int, day: int) -> NDArray[np.uint32] | None:
    if scope == SCOPE.MEMBER:
        people = found.people.get((kind, day))
        return None if people is None else people.astype(np.uint32)
    counted = found.counts.get((COUNT.HOURS if kind == SET.ACTIVE else COUNT.MESSAGES, day))
    if counted is None:
        return None
    return np.unique(counted[0] // 24) if kind == SET.ACTIVE else counted[0]


PROJECTORS = (Projector("audiences.days", follow),)

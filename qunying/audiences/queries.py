"""Reads of saved audiences and of one member's history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import BigIntegerField, Case, Count, Max, Q, QuerySet, When
from pyroaring import BitMap

from qunying.audiences.columns import Columns, columns
from qunying.audiences.models import Appointment, Audience
from qunying.brands.models import Brand, Staff
from qunying.communities.fact_kinds import INVITED, JOINED, LEFT, RECALLED, REMOVED, SENT
from qunying.communities.models import Community
from qunying.facts import log
from qunying.facts.kinds import by_number, interactions
from qunying.facts.models import Fact
from qunying.kit.errors import Missing
from qunying.kit.refusals import Text
from qunying.members.models import Member

MOVES = (JOINED, LEFT, REMOVED, INVITED)


def audience(brand: Brand, pk: int) -> Audience:
    """The brand's audience with this number; Missing otherwise."""
    found = Audience.objects.select_related("community", "staff__account").filter(brand=brand, pk=pk).first()
    if found is None:
        raise Missing("audiences.not_found")
    return found


def held_by(staff: Staff) -> QuerySet[Audience]:
    """Those a staff member may dispose of: all of the brand's; with a limited data scope those of its communities, and
    one's own. Of the others only the people within the scope are shown."""
    rows = Audience.objects.filter(brand=staff.brand)
    return rows if staff.reach is None else rows.filter(Q(community__in=staff.reach) | Q(staff=staff))


def people_of(saved: Audience) -> BitMap:
    """Member bits of those frozen in it, merged people once, erased people gone."""
    gone = Member.objects.filter(brand=saved.brand).exclude(erased_at=None).values_list("bit", flat=True)
    return roots_of(saved, columns(saved.brand)) - BitMap(list(gone))


def roots_of(saved: Audience, held: Columns) -> BitMap:
    """Member bits of those frozen in it, merged people once."""
    bits = np.array(BitMap.deserialize(bytes(saved.blob)).to_array(), dtype=np.int64)
    return BitMap(np.unique(held.root[bits]).astype(np.uint32)) if len(bits) else BitMap()


def standing_appointment(members: Sequence[int], community: Community) -> Appointment | None:
    """The appointment to core of one of these members that has no end."""
    rows = Appointment.objects.select_related("membership__community", "staff__account")
    return rows.filter(membership__community=community, membership__member__in=members, until_on=None).first()


def member(brand: Brand, pk: int) -> Member:
    """The member who stands for this one (its root); Missing for another brand's or an erased one."""
    found = Member.objects.select_related("merged_into").filter(brand=brand, pk=pk).first()
    root = found.merged_into or found if found else None
    if root is None or root.erased_at is not None:
        raise Missing("members.not_found")
    return root


Key = tuple[int, int, int]


@dataclass(frozen=True)
class Moment:
    """One line of a member's history. `key` is its moment, kind and community as numbers: it names the line and says
    where it stands."""

    key: Key
    at: dt.datetime
    kind: str
    label: Text
    community: str
    times: int
    is_move: bool


def history(
    brand: Brand, members: Sequence[int], places: Mapping[int, str], *, many: int, after: Key | None = None
) -> list[Moment]:
    """The latest acts of these members in these communities, newest first, or those that stand after the line with this
    key; alike acts of one day are one line, moves are told one by one."""
    move = Case(When(kind__in=MOVES, then="happened_at"), default=0, output_field=BigIntegerField())
    rows = (
        Fact.objects.filter(brand=brand.pk, day__in=log.days_of(brand), member__in=members)
        .filter(community__in=list(places), kind__in=list(by_number()))
        .values("kind", "community", "day", move=move)
        .annotate(last=Max("happened_at"), times=Count("pk"))
        .order_by("-last", "kind", "community")
    )
    if after is not None:
        last, kind, place = after
        same = Q(kind__gt=kind) | Q(kind=kind, community__gt=place)
        rows = rows.filter(Q(last__lt=last) | Q(last=last) & same)
    return [
        _moment(brand, (last, kind, place), places[place], times)
        for last, kind, place, times in rows.values_list("last", "kind", "community", "times")[:many]
        if place is not None  # nothing of no community was asked for
    ]


def _moment(brand: Brand, key: Key, community: str, times: int) -> Moment:
    last, number, _place = key
    kind = by_number()[number]
    return Moment(
        key, brand.clock.local(last), kind.name, kind.label, community, times, is_move=number in MOVES
    )


@dataclass(frozen=True)
class Acts:
    """What one member did in one community up to a day: days of any interaction and of messages."""

    active: frozenset[int]
    spoke: frozenset[int]
    messages: int


def acts(brand: Brand, members: Sequence[int], communities: Sequence[int], upto: int) -> dict[int, Acts]:
    """Per community, read from the log; recalled messages are left out."""
    kinds = (*interactions(), RECALLED)
    rows = Fact.objects.filter(
        brand=brand.pk,
        day__in=[day for day in log.days_of(brand) if day <= upto],
        member__in=members,
        community__in=communities,
        kind__in=kinds,
    )
    table = list(rows.values_list("community", "kind", "day", "subject"))
    recalled = {subject for _community, kind, _day, subject in table if kind == RECALLED}
    kept = [row for row in table if row[1] != RECALLED and not (row[1] == SENT and row[3] in recalled)]
    return {
        place: Acts(
            frozenset(day for community, _kind, day, _subject in kept if community == place),
            frozenset(day for community, kind, day, _subject in kept if community == place and kind == SENT),
            sum(1 for community, kind, _day, _subject in kept if community == place and kind == SENT),
        )
        for place in communities
    }

"""Verbs of audiences: save people under a name, combine saved ones, delete and bring back; appoint core members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from pyroaring import BitMap

from qunying.audiences.blobs import pack_set
from qunying.audiences.card import Person
from qunying.audiences.contribution import nominated
from qunying.audiences.models import Appointment, Audience
from qunying.audiences.queries import standing_appointment
from qunying.audiences.sets import Sets
from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.brands.reasons import reason_given
from qunying.communities.models import Community, Membership
from qunying.kit import days
from qunying.kit.errors import Invalid, Missing, Refused
from qunying.members.actions import restate_later, traces_of
from qunying.members.erasing import Traces, blacked
from qunying.members.models import Member

MEANS = {"and": BitMap.intersection, "or": BitMap.union, "minus": BitMap.difference}


@dataclass(frozen=True)
class Source:
    """Where a saved audience comes from: kind of origin, what was asked, over which community (None: all)."""

    origin: str
    rule: dict[str, object]
    community: Community | None = None


@transaction.atomic
def save_audience(
    brand: Brand, *, name: str, people: BitMap, source: Source, as_of_on: dt.date, at: dt.datetime, by: Staff
) -> Audience:
    """Freeze these member bits under the name; saving the same people under the same name again changes nothing."""
    name = name.strip()[:80]
    if not name:
        raise Invalid("audiences.no_name")
    blob = pack_set(BitMap(people))
    standing = Audience.objects.filter(brand=brand, name=name).first()
    if standing is not None:
        if bytes(standing.blob) == blob and standing.as_of_on == as_of_on:
            return standing
        raise Refused("audiences.name_taken", name=name)
    saved = Audience.objects.create(
        brand=brand,
        name=name,
        origin=source.origin,
        rule=source.rule,
        community=source.community,
        blob=blob,
        size=len(people),
        as_of_on=as_of_on,
        staff=by,
        created_at=at,
    )
    log(
        brand,
        by=by,
        deed="audience.saved",
        about=f"audience:{saved.pk}",
        at=at,
        after={"name": name, "size": saved.size},
    )
    return saved


def combine(parts: Sequence[BitMap], how: str) -> BitMap:
    """The parts' intersection (`and`), union (`or`), or the first without the others (`minus`)."""
    if how not in MEANS or len(parts) < 2:
        raise Invalid("audiences.bad_combination", how=how)
    found: BitMap = MEANS[how](*parts)
    return found


@transaction.atomic
def delete_audience(audience: Audience, *, at: dt.datetime, by: Staff) -> dict[str, object]:
    """Delete it; answers what `restore_audience` needs to bring it back. The people themselves are untouched."""
    kept: dict[str, object] = {
        "pk": audience.pk,
        "name": audience.name,
        "origin": audience.origin,
        "rule": audience.rule,
        "community": audience.community_id,
        "blob": bytes(audience.blob).hex(),
        "size": audience.size,
        "as_of_on": audience.as_of_on.isoformat(),
        "staff": audience.staff_id,
        "created_at": audience.created_at.isoformat(),
    }
    log(
        by.brand,
        by=by,
        deed="audience.deleted",
        about=f"audience:{audience.pk}",
        at=at,
        before={"name": audience.name},
    )
    audience.delete()
    return kept


@transaction.atomic
def restore_audience(brand: Brand, *, kept: dict[str, object], at: dt.datetime, by: Staff) -> Audience:
    """Bring back what was deleted, under its own number; a second time answers the one that stands."""
    standing = Audience.objects.filter(brand=brand, pk=int(str(kept["pk"]))).first()
    if standing is not None:
        return standing
    name = str(kept["name"])
    if Audience.objects.filter(brand=brand, name=name).exists():
        raise Refused("audiences.name_taken", name=name)
    back = Audience.objects.create(
        pk=int(str(kept["pk"])),
        brand=brand,
        name=name,
        origin=str(kept["origin"]),
        rule=kept["rule"],
        community=Community.objects.filter(brand=brand, pk=_number(kept["community"])).first(),
        blob=bytes.fromhex(str(kept["blob"])),
        size=int(str(kept["size"])),
        as_of_on=dt.date.fromisoformat(str(kept["as_of_on"])),
        staff=Staff.objects.filter(brand=brand, pk=_number(kept["staff"])).first(),
        created_at=dt.datetime.fromisoformat(str(kept["created_at"])),
    )
    log(brand, by=by, deed="audience.restored", about=f"audience:{back.pk}", at=at, after={"name": name})
    return back


def _number(kept: object) -> int:
    """An id as it was kept; 0, which no row has, for none."""
    return int(str(kept)) if kept is not None else 0


def _free(row: Audience, name: str) -> str:
    """The name, with the audience's number behind it where another one is called so."""
    taken = Audience.objects.filter(brand=row.brand_id, name=name).exclude(pk=row.pk).exists()
    return f"{name[:70]} {row.pk}" if taken else name


@transaction.atomic
def forget_person(member: Member, traces: Traces) -> int:
    """Take the erased person out of every saved audience, its people and what it was searched by; answers how many
    held them."""
    bits = BitMap(Member.objects.filter(pk__in=traces.members).values_list("bit", flat=True))
    touched = 0
    for row in Audience.objects.filter(brand=member.brand_id):
        held = BitMap.deserialize(bytes(row.blob))
        left = held - bits
        name = blacked(row.name, traces)
        rule = blacked(row.rule, traces)
        if len(left) < len(held) or (name, rule) != (row.name, row.rule):
            Audience.objects.filter(pk=row.pk).update(
                blob=pack_set(left), size=len(left), name=_free(row, name), rule=rule
            )
            touched += 1
    return touched


@transaction.atomic
def appoint_core(
    memberships: Sequence[Membership], *, from_on: dt.date, at: dt.datetime, by: Staff | None
) -> list[Appointment]:
    """Make members of one brand, whom the rule nominates at the end of `from_on`, core in their communities from that
    day on; the figures since then are worked out again, once for all. Who is core already stays so."""
    if not memberships:
        return []
    brand = memberships[0].brand
    lock(brand)
    made = [_appoint(row, from_on=from_on, at=at, by=by) for row in memberships]
    restate_later(brand, members=[], at=at, by=by)  # nobody's acts count otherwise: stages alone
    return made


def _appoint(membership: Membership, *, from_on: dt.date, at: dt.datetime, by: Staff | None) -> Appointment:
    brand, community = membership.brand, membership.community
    standing = standing_appointment([membership.member_id], community)
    if standing is not None:
        return standing
    if membership.bit not in nominated(Sets(brand, (community.pk,)), days.number(from_on)):
        raise Refused("audiences.not_nominated", community=community.name)
    about = f"member:{membership.member_id}"
    told = {"community": community.name, "from_on": from_on.isoformat()}
    log(brand, by=by, deed="core.appointed", about=about, at=at, after=told)
    return Appointment.objects.create(membership=membership, from_on=from_on, staff=by)


@transaction.atomic
def end_core(appointment: Appointment, *, until_on: dt.date, at: dt.datetime, by: Staff) -> None:
    """Let the appointment end with this day. One that has ended stays as it is."""
    if not Appointment.objects.filter(pk=appointment.pk, until_on=None).update(until_on=until_on):
        return
    membership = appointment.membership
    restate_later(by.brand, members=[], at=at, by=by)
    about = f"member:{membership.member_id}"
    told = {"community": membership.community.name, "until_on": until_on.isoformat()}
    log(by.brand, by=by, deed="core.ended", about=about, at=at, after=told)


@transaction.atomic
def disclose(one: Person, *, what: str, reason: str, at: dt.datetime) -> str:
    """The masked text with this key in full, for the staff member who looks at the person. Each look is an entry in
    the log, which says what kind it was, which field and why, and never the text nor the person's names; Missing for
    a key under which nothing is masked, Invalid without a reason."""
    field = next((field for field in one.fields() if field.key == what), None)
    found = field.hidden if field else None
    if field is None or found is None:
        raise Missing("audiences.nothing_hidden")
    after = {"field": field.called or field.key, "reason": nameless(reason_given(reason), one.root)}
    about = f"member:{one.root.pk}"
    log(
        one.scope.brand, by=one.scope.staff, deed=f"member.{found.kind}_seen", about=about, at=at, after=after
    )
    return field.text


def nameless(reason: str, member: Member) -> str:
    """The reason without names and accounts of the person it is about: the log could not be cleared of them."""
    return blacked(reason, traces_of(member))

"""Operations about members and saved audiences."""

from __future__ import annotations

from typing import TypedDict

from django.db.models import Exists, OuterRef

from qunying.api.cursors import cut, read, sized, write
from qunying.api.places import scope_for
from qunying.audiences.card import CoreShown, Person, person
from qunying.audiences.explaining import Reason
from qunying.audiences.masking import Field, OnScreen, Shown
from qunying.audiences.models import Appointment, Audience
from qunying.audiences.queries import Moment, held_by, history
from qunying.audiences.queries import member as one_member
from qunying.brands.access import BrandRequest
from qunying.communities.models import Membership
from qunying.kit.errors import Missing
from qunying.members.models import Identity, Member, MemberTag
from qunying.members.sealing import Sealing


class People(TypedDict):
    """A page of people and the cursor of what follows."""

    items: list[dict[str, object]]
    next: str | None


def members(
    request: BrandRequest, brand: str, cursor: str = "", limit: int = 100, community: str = ""
) -> dict[str, object]:
    """Members within the data scope, by number; merged and erased ones are left out. With members.personal names and
    attributes are shown, phones, mails and the like masked as on pages; POST members/disclosures answers them in
    full."""
    found = listed(request, OnScreen(request.staff), cursor=cursor, limit=limit, community=community)
    return {**found}


def listed(request: BrandRequest, shown: Shown, *, cursor: str, limit: int, community: str) -> People:
    scope = scope_for(request, community)
    rows = Member.objects.filter(brand=request.brand, merged_into=None, erased_at=None)
    if not scope.is_brand:
        inside = Membership.objects.filter(member=OuterRef("pk"), community__in=scope.communities)
        rows = rows.filter(Exists(inside))
    found, following = cut(rows, cursor=cursor, limit=limit)
    sealing = Sealing(request.brand)
    return {"items": [brief(row, shown, sealing) for row in found], "next": following}


def brief(row: Member, shown: Shown, sealing: Sealing) -> dict[str, object]:
    told = sealing.all_known(row.attributes)
    fields = {name: Field("", name, value, is_account=False) for name, value in told.items()}
    attributes = {name: shown.attribute(field) for name, field in fields.items()} if shown.is_open else {}
    return {"id": row.pk, "name": shown.name(row.name), "is_bot": row.is_bot, "attributes": attributes}


def member(request: BrandRequest, brand: str, member_id: int) -> dict[str, object]:
    """One member with communities, stays, stages, tags and accounts; a merged one answers as its root. With
    members.personal names, attributes and accounts are shown, phones, mails and the like masked as on pages; POST
    members/{id}/disclosures answers them in full."""
    found = person(scope_for(request, ""), one_member(request.brand, member_id))
    return card(found, OnScreen(request.staff))


def card(found: Person, shown: Shown) -> dict[str, object]:
    return {**brief(found.root, shown, found.sealing), **_card(found, shown)}


def _card(found: Person, shown: Shown) -> dict[str, object]:
    accounts = Identity.objects.filter(member__in=found.ids).order_by("pk")
    tags = MemberTag.objects.filter(member__in=found.ids).order_by("tag__name").distinct()
    changes = found.stage_changes()
    numbers = {name: pk for pk, name in found.names_of_places.items()}
    return {
        "communities": [row.pk for row in found.places],
        "tags": list(tags.values_list("tag__name", flat=True)),
        "stages": [
            {"community": numbers[place], "stage": str(stage), "on": on.isoformat()}
            for on, place, stage in changes
        ],
        "stays": [
            {
                "community": stay.community.pk,
                "joined_at": stay.joined,
                "left_at": stay.left,
                "source": stay.source,
                "is_asserted": stay.is_sure,
            }
            for stay in found.stays()
        ],
        "accounts": [
            {
                "scheme": row.scheme,
                "value": shown.account(found.sealing.known(row.value), row.scheme),
                "name": shown.name(row.name),
            }
            for row in accounts
        ],
    }


def timeline(
    request: BrandRequest, brand: str, member_id: int, cursor: str = "", limit: int = 100
) -> dict[str, object]:
    """What the member did, newest first, in the communities of the data scope; alike acts of one day are one line at
    the latest of them."""
    one = person(scope_for(request, ""), one_member(request.brand, member_id))
    size, after = sized(limit), None
    if cursor:
        last, kind, place = read(cursor, 3)
        after = (last, kind, place)
    found = history(request.brand, one.ids, one.names_of_places, many=size + 1, after=after)
    following = write(*found[size - 1].key) if len(found) > size else None
    return {"items": [_moment(row) for row in found[:size]], "next": following}


def _moment(row: Moment) -> dict[str, object]:
    told = {"at": row.at, "kind": row.kind, "label": str(row.label)}
    return {**told, "community": row.key[2], "times": row.times}


def stages(request: BrandRequest, brand: str, member_id: int) -> dict[str, object]:
    """Why the member is in the stage of each community: the rules in their order up to the one that decided, what would
    change it, and whether the member is core or nominated for it."""
    one = person(scope_for(request, ""), one_member(request.brand, member_id))
    core = {row.community.pk: row for row in one.core()}
    return {
        "items": [
            _reason(place.pk, why, core.get(place.pk))
            for place, why in zip(one.places, one.reasons(), strict=True)
        ]
    }


def _reason(community: int, why: Reason, core: CoreShown | None) -> dict[str, object]:
    rules = [
        {
            "stage": rule.stage,
            "label": str(rule.label),
            "asks": rule.asks,
            "found": rule.found,
            "holds": rule.holds,
        }
        for rule in why.rules
    ]
    return {
        "community": community,
        "stage": why.stage,
        "label": str(why.label),
        "is_highly_active": why.highly_active,
        "rules": rules,
        "ahead": list(why.ahead),
        "next_on": why.next_on,
        "core": _core(core.appointment) if core else None,
    }


def _core(held: Appointment | None) -> dict[str, object]:
    if held is None:
        return {"is_appointed": False, "from_on": None, "by": None}
    return {"is_appointed": True, "from_on": held.from_on, "by": held.staff.name if held.staff else None}


def audiences(request: BrandRequest, brand: str, cursor: str = "", limit: int = 100) -> dict[str, object]:
    """Saved audiences; a limited data scope sees those of its own communities and one's own."""
    found, following = cut(held_by(request.staff).defer("blob"), cursor=cursor, limit=limit)
    return {"items": [_audience(row) for row in found], "next": following}


def audience(request: BrandRequest, brand: str, audience_id: int) -> dict[str, object]:
    found = held_by(request.staff).filter(pk=audience_id).first()
    if found is None:
        raise Missing("audiences.not_found")
    return _audience(found)


def _audience(row: Audience) -> dict[str, object]:
    return {
        "id": row.pk,
        "name": row.name,
        "size": row.size,
        "as_of_on": row.as_of_on,
        "community": row.community_id,
        "created_at": row.created_at,
    }

"""Put tags on members, take them off, and put back what was taken off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from qunying.brands.actions import log
from qunying.brands.models import Brand, Staff
from qunying.members.models import Member, MemberTag, Tag

PART = 500


@dataclass(frozen=True)
class Tagging:
    """A tag on one member as it stood: from where and since when."""

    member: int
    origin: str
    created_at: dt.datetime


@transaction.atomic
def tag_many(
    brand: Brand, *, name: str, members: Collection[int], origin: str, at: dt.datetime, by: Staff
) -> list[Tagging]:
    """Put the tag on these members; those who have it keep it. Answers what is new."""
    return _put(brand, name, [Tagging(pk, origin, at) for pk in members], at=at, by=by)


@transaction.atomic
def untag_many(
    brand: Brand,
    *,
    name: str,
    members: Collection[int],
    at: dt.datetime,
    by: Staff,
    put_at: dt.datetime | None = None,
) -> list[Tagging]:
    """Take the tag off these members, or with `put_at` off those of them who got it at that moment; answers what was
    taken."""
    rows = MemberTag.objects.filter(tag__brand=brand, tag__name=name, member__in=members)
    rows = rows.filter(created_at=put_at) if put_at is not None else rows
    gone = [Tagging(*row) for row in rows.values_list("member_id", "origin", "created_at")]
    rows.delete()
    log(brand, by=by, deed="members.untagged", about=f"tag:{name}", at=at, after={"members": len(gone)})
    return gone


@transaction.atomic
def put_back(brand: Brand, *, name: str, taggings: Sequence[Tagging], at: dt.datetime, by: Staff) -> int:
    """Put the tag back as it stood; who has it again keeps it, who was erased stays without. Answers how many."""
    return len(_put(brand, name, taggings, at=at, by=by))


def _put(
    brand: Brand, name: str, taggings: Sequence[Tagging], *, at: dt.datetime, by: Staff
) -> list[Tagging]:
    tag, _ = Tag.objects.get_or_create(brand=brand, name=name)
    fresh: list[Tagging] = []
    for start in range(0, len(taggings), PART):
        part = taggings[start : start + PART]
        ours = Member.objects.filter(brand=brand, pk__in=[row.member for row in part], erased_at=None)
        free = set(ours.exclude(tags__tag=tag).values_list("pk", flat=True))
        fresh += [row for row in part if row.member in free]
    MemberTag.objects.bulk_create(
        [
            MemberTag(tag=tag, member_id=row.member, origin=row.origin, created_at=row.created_at)
            for row in fresh
        ],
        batch_size=PART,
    )
    log(brand, by=by, deed="members.tagged", about=f"tag:{tag.pk}", at=at, after={"members": len(fresh)})
    return fresh

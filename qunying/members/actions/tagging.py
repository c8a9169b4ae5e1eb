"""Put tags on members, take them off, and put back what was taken off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from qunying.brands.actions import log
from qunying.brands.models import Brand, Staff
from qunying.members.models import Member, MemberTag, Tag, TagWrite

PART = 500


@dataclass(frozen=True)
class Tagging:
    """A tag on one member as it stood: from where and since when."""

    member: int
    origin: str
    created_at: dt.datetime


@transaction.atomic
def name_tag(brand: Brand, *, name: str) -> Tag:
    """The brand's tag of this name, made when it is not there yet."""
    return Tag.objects.get_or_create(brand=brand, name=name)[0]


@transaction.atomic
def tag_many(
    brand: Brand, *, name: str, members: Collection[int], origin: str, at: dt.datetime, by: Staff | None
) -> list[Tagging]:
    """Put the tag on these members; those who have it keep it. Answers what is new."""
    return _put(brand, name, [Tagging(pk, origin, at) for pk in members], at=at, by=by, origin=origin)


@transaction.atomic
def untag_many(
    brand: Brand,
    *,
    name: str,
    members: Collection[int],
    at: dt.datetime,
    by: Staff | None,
    put_at: dt.datetime | None = None,
    origin: str = "",
) -> list[Tagging]:
    """Take the tag off these members, or with `put_at` off those of them who got it at that moment; answers what was
    taken."""
    rows = MemberTag.objects.filter(tag__brand=brand, tag__name=name, member__in=members)
    rows = rows.filter(created_at=put_at) if put_at is not None else rows
    gone = [Tagging(*row) for row in rows.values_list("member_id", "origin", "created_at")]
    rows.delete()
    if gone:
        tag = Tag.objects.get(brand=brand, name=name)
        _write(tag, [row.member for row in gone], is_on=False, at=at, by=by, origin=origin)
    log(brand, by=by, deed="members.untagged", about=f"tag:{name}", at=at, after={"members": len(gone)})
    return gone


@transaction.atomic
def put_back(brand: Brand, *, name: str, taggings: Sequence[Tagging], at: dt.datetime, by: Staff) -> int:
    """Put the tag back as it stood; who has it again keeps it, who was erased stays without. Answers how many."""
    return len(_put(brand, name, taggings, at=at, by=by))


def _put(
    brand: Brand,
    name: str,
    taggings: Sequence[Tagging],
    *,
    at: dt.datetime,
    by: Staff | None,
    origin: str = "",
) -> list[Tagging]:
    tag = name_tag(brand, name=name)
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
    _write(tag, [row.member for row in fresh], is_on=True, at=at, by=by, origin=origin)
    log(brand, by=by, deed="members.tagged", about=f"tag:{tag.pk}", at=at, after={"members": len(fresh)})
    return fresh


def _write(
    tag: Tag, members: Sequence[int], *, is_on: bool, at: dt.datetime, by: Staff | None, origin: str
) -> None:
    """Note who changed what, one by one: others have to be told of it."""
    rows = [TagWrite(tag=tag, member_id=pk, is_on=is_on, at=at, by=by, origin=origin[:60]) for pk in members]
    TagWrite.objects.bulk_create(rows, batch_size=PART)

"""Count several members as one person, and take that back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from qunying.brands.actions import bump_columns, lock, log
from qunying.brands.models import Brand, Staff
from qunying.jobs.actions import start
from qunying.jobs.models import Job
from qunying.kit.errors import Refused
from qunying.members.models import Member, Merge


@transaction.atomic
def merge(
    root: Member, *, member: Member, evidence: str, at: dt.datetime, by: Staff | None = None, score: int = 100
) -> Merge:
    """Count two members as one person from the first day on; merging again answers the standing merge.

    Whoever was merged into `member` goes along, so `merged_into` always names the root.
    """
    lock(root.brand)
    root.refresh_from_db(fields=["merged_into", "erased_at"])
    member.refresh_from_db(fields=["merged_into", "erased_at"])
    if root.brand_id != member.brand_id or not root.is_root or root.pk == member.pk:
        raise Refused("members.not_mergeable", root=root.pk, member=member.pk)
    if root.erased_at or member.erased_at:
        raise Refused("members.erased", member=member.pk)
    standing = Merge.objects.filter(root=root, member=member, undone_at=None).first()
    if standing is not None:
        return standing
    if not member.is_root:
        raise Refused("members.merged_elsewhere", member=member.pk)
    done = Merge.objects.create(root=root, member=member, evidence=evidence, score=score, merged_at=at)
    Member.objects.filter(pk=member.pk).update(merged_into=root)
    Member.objects.filter(merged_into=member).update(merged_into=root)
    restate_later(root.brand, members=[root.pk, member.pk], at=at, by=by)
    log(
        root.brand,
        by=by,
        deed="members.merged",
        about=f"member:{root.pk}",
        at=at,
        after={"member": member.pk, "score": score},
    )
    return done


@transaction.atomic
def unmerge(done: Merge, *, at: dt.datetime, by: Staff | None = None) -> list[int]:
    """Take the merge back; answers the members who stand for themselves again. Undoing twice changes nothing."""
    brand = done.root.brand
    lock(brand)
    if not Merge.objects.filter(pk=done.pk, undone_at=None).update(undone_at=at):
        return []
    back = [done.member_id, *_below(done.member_id)]
    Member.objects.filter(pk__in=back[1:]).update(merged_into=done.member_id)
    Member.objects.filter(pk=done.member_id).update(merged_into=None)
    restate_later(brand, members=[done.root_id, *back], at=at, by=by)
    log(
        brand,
        by=by,
        deed="members.unmerged",
        about=f"member:{done.root_id}",
        at=at,
        after={"member": done.member_id},
    )
    return back


def restate_later(brand: Brand, *, members: Sequence[int], at: dt.datetime, by: Staff | None) -> Job:
    """Say that these members count differently from now on; a job works the past days out again."""
    bump_columns(brand)
    return start(brand, kind="metrics.restate", args={"members": list(members)}, at=at, staff=by)


def _below(member: int) -> list[int]:
    """Members merged, at any depth, into this one by merges that stand."""
    found: list[int] = []
    edge = [member]
    while edge:
        edge = list(Merge.objects.filter(root__in=edge, undone_at=None).values_list("member_id", flat=True))
        found.extend(edge)
    return found

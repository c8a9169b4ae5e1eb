"""Pictures that show what was done by hand: kept with the item, gone by age and with a person who is erased."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction

from qunying.brands.actions import log
from qunying.brands.models import Brand, Staff
from qunying.kit.errors import Invalid, Missing
from qunying.members.erasing import Traces, blacked
from qunying.members.models import Member
from qunying.outbox.models import Draft, Evidence, Todo
from qunying.outbox.shelf import MOST_BYTES, Shelf, checked

SHELF = Shelf("evidence")


def keep(item: Draft | Todo, *, data: bytes, by: Staff, at: dt.datetime) -> Evidence:
    """The picture is kept with the item in place of an earlier one; anything but a picture is refused. Inside the
    caller's transaction, which holds the item."""
    too_big = Invalid("outbox.picture_too_big", limit=MOST_BYTES >> 20)
    seen = checked(data, too_big=too_big, strange=Invalid("outbox.not_a_picture"))
    of = {"draft" if isinstance(item, Draft) else "todo": item}
    digest = hashlib.sha256(data).hexdigest()
    held = Evidence.objects.filter(**of).first()
    if held is not None and held.digest == digest and SHELF.holds(held.name):
        return held
    if held is not None:
        _remove(held)
    return Evidence.objects.create(
        brand=item.brand,
        name=SHELF.put(data, form=seen.form),
        form=seen.form,
        width=seen.width,
        height=seen.height,
        digest=digest,
        staff=by,
        at=at,
        **of,
    )


@transaction.atomic
def open_picture(item: Draft | Todo, *, by: Staff, at: dt.datetime) -> tuple[Evidence, bytes]:
    """The picture and what is in it; who opened it is written down beside what it is about, every time."""
    row = Evidence.objects.filter(**{"draft" if isinstance(item, Draft) else "todo": item}).first()
    if row is None or not SHELF.holds(row.name):
        raise Missing("outbox.no_picture")
    name = item._meta.model_name
    told = {"evidence": row.digest[:12]}
    log(item.brand, by=by, deed=f"{name}.evidence_opened", about=f"{name}:{item.pk}", at=at, after=told)
    return row, (SHELF.home / row.name).read_bytes()


def _remove(row: Evidence) -> None:
    """The file goes only once its row is gone for good."""
    path = SHELF.home / row.name
    row.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


@transaction.atomic
def forget_evidence(brand: Brand, *, at: dt.datetime, keep_days: int) -> int:
    """Delete pictures older than they are kept, and files left behind; what was done stays done. Answers how many."""
    old = list(Evidence.objects.filter(brand=brand, at__lt=at - dt.timedelta(days=keep_days)))
    for row in old:
        _remove(row)
    SHELF.sweep(set(Evidence.objects.values_list("name", flat=True)))
    return len(old)


@transaction.atomic
def forget_pictures(member: Member, traces: Traces) -> int:
    """Delete the pictures of whatever names the person: nobody can black out a name inside them. Answers how many."""
    rows = Evidence.objects.filter(brand=member.brand_id).select_related("todo__sending", "draft")
    theirs = [row for row in rows if (words := _words(row)) != blacked(words, traces)]
    for row in theirs:
        _remove(row)
    return len(theirs)


def _words(row: Evidence) -> str:
    """Everything that is written about what the picture shows."""
    if row.draft is not None:
        return row.draft.text
    todo = row.todo
    if todo is None or todo.sending is None:
        return todo.text if todo else ""
    return "\n".join([todo.text, todo.sending.target, *map(str, todo.sending.params.values())])

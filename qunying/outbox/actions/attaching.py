"""Pictures that go out with a message: handed in while it is written, kept once, gone by age and with a person who is
erased."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from qunying.brands.actions import lock
from qunying.brands.models import Brand, Staff
from qunying.kit.errors import Invalid, Missing
from qunying.kit.picture_notes import without_notes
from qunying.kit.pictures import Picture as Seen
from qunying.members.erasing import Traces, blacked
from qunying.members.models import Member
from qunying.outbox.models import OPEN_STATES, Picture, Sending
from qunying.outbox.shelf import MOST_BYTES, Shelf, checked

SHELF = Shelf("pictures")
MOST = 9
UNSENT = dt.timedelta(days=1)
"""So long a picture waits that was handed in for a message nobody has sent."""


@dataclass(frozen=True)
class Handed:
    """A file as it came, with the name it had; nothing of either is believed."""

    name: str
    data: bytes


@transaction.atomic
def hand_in(files: Sequence[Handed], *, by: Staff, at: dt.datetime) -> list[Picture]:
    """The pictures, each kept once; the same one again is the same row. One file that is none, and nothing is kept of
    any."""
    seen = [_plain(each) for each in files]
    lock(by.brand)
    rows = []
    for what, data in seen:
        digest = hashlib.sha256(data).hexdigest()
        row = Picture.objects.filter(brand=by.brand, digest=digest).first() or Picture(
            brand=by.brand, digest=digest, form=what.form, width=what.width, height=what.height
        )
        if row.pk is None or not SHELF.holds(row.name):
            row.name, row.size = SHELF.put(data, form=what.form), len(data)
        row.at = at
        row.save()
        row.handed_in_by.add(by)
        rows.append(row)
    return rows


def _plain(file: Handed) -> tuple[Seen, bytes]:
    """What picture it is, and the picture without what a phone wrote beside it: nobody's home goes out to a group."""
    strange = Invalid("outbox.file_not_a_picture", file=file.name)
    too_big = Invalid("outbox.file_too_big", file=file.name, limit=MOST_BYTES >> 20)
    what = checked(file.data, too_big=too_big, strange=strange)
    plain = without_notes(file.data, form=what.form)
    if plain is None:
        raise strange
    return what, plain


@transaction.atomic
def take_along(pictures: Sequence[int], *, by: Staff, until: dt.datetime) -> None:
    """They go out with a message of the staff member's at that time. Only what they handed in themselves; Invalid where
    one has gone meanwhile."""
    rows = Picture.objects.filter(brand=by.brand, handed_in_by=by, pk__in=pictures)
    if len(rows) != len(set(pictures)):
        raise Invalid("outbox.picture_gone")
    for row in rows:
        row.used_at = max(until, row.used_at or until)
        row.save(update_fields=["used_at"])


def contents(sending: Sending) -> list[tuple[Picture, bytes]]:
    """Its pictures and what is in them, in their order; Missing where one has gone."""
    rows = Picture.objects.filter(brand=sending.brand_id).in_bulk(sending.pictures)
    if len(rows) != len(set(sending.pictures)):
        raise Missing("outbox.picture_gone")
    return [(rows[each], content(rows[each])) for each in sending.pictures]


def content(row: Picture) -> bytes:
    if not SHELF.holds(row.name):
        raise Missing("outbox.picture_gone")
    return (SHELF.home / row.name).read_bytes()


@transaction.atomic
def forget_attached(brand: Brand, *, at: dt.datetime, keep_days: int) -> int:
    """Delete pictures whose last message went out longer ago than they are kept, those nobody sent, and files left
    behind; what has still to leave keeps its own. Answers how many."""
    lock(brand)
    open_ = Sending.objects.filter(brand=brand, state__in=OPEN_STATES)
    needed = {picture for sending in open_.only("params") for picture in sending.pictures}
    rows = Picture.objects.filter(brand=brand)
    unsent = rows.filter(used_at=None, at__lt=at - UNSENT)
    sent = rows.filter(used_at__lt=at - dt.timedelta(days=keep_days), at__lt=at - UNSENT)
    gone = [row for row in unsent.union(sent) if row.pk not in needed]
    _remove(gone)
    SHELF.sweep(set(Picture.objects.values_list("name", flat=True)))
    return len(gone)


@transaction.atomic
def forget_attached_to(member: Member, traces: Traces) -> int:
    """Delete the pictures of messages that name the person: nobody can black out a face or a name inside them. Answers
    how many."""
    theirs = {
        picture
        for sending in Sending.objects.filter(brand=member.brand_id)
        if sending.pictures and blacked(sending.params, traces) != sending.params
        for picture in sending.pictures
    }
    gone = list(Picture.objects.filter(brand=member.brand_id, pk__in=theirs))
    _remove(gone)
    return len(gone)


def _remove(rows: Sequence[Picture]) -> None:
    """The files go only once their rows are gone for good."""
    Picture.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:
        transaction.on_commit(partial((SHELF.home / row.name).unlink, missing_ok=True))

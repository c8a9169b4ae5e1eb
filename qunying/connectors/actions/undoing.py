"""Undo one import, make projections anew, take a brand away."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from django.conf import settings
from django.db import transaction

from qunying.audiences.models import DayCount, DaySet
from qunying.audiences.projectors import restate
from qunying.brands.actions import log as audit
from qunying.brands.erasing import erase_brand
from qunying.brands.models import Brand, Staff
from qunying.communities.models import Channel, Membership
from qunying.communities.projectors import restate_pairs
from qunying.connectors import rounds
from qunying.connectors.actions.taking import files_of, take_in
from qunying.connectors.actions.withdrawing import settle, withdraw_batch
from qunying.connectors.incoming import Duplicates
from qunying.connectors.looking_again import look_again
from qunying.connectors.models import ImportBatch, PushSession
from qunying.connectors.naming import holds, needles
from qunying.connectors.tidings import UNDONE
from qunying.facts.models import Fact
from qunying.facts.projectors import drive
from qunying.kit.errors import Refused
from qunying.members.erasing import Traces, blacked
from qunying.members.models import Member
from qunying.webhooks.actions import Told, tell


@transaction.atomic
def undo(batch: ImportBatch, *, at: dt.datetime, by: Staff | None = None) -> None:
    """Take one import back as if it had never been; what other imports brought too is read again from their files."""
    if batch.state == ImportBatch.State.UNDONE:
        return
    if batch.keep_until is None or at > batch.keep_until:
        raise Refused("connectors.undo_window_over", name=batch.name)
    others = _overlapping(batch)
    gone = [other.name for other in others if not files_of(other)]
    if gone:
        raise Refused("connectors.overlap_without_files", name=batch.name, others="、".join(gone))
    touched = withdraw_batch(batch, at=at)
    for other in others:
        take_in(other, at=other.created_at)
    drive(batch.brand)
    settle(batch.brand, touched)
    look_again(batch.brand, at=at)
    ImportBatch.objects.filter(pk=batch.pk).update(state=ImportBatch.State.UNDONE, path="", summary={})
    if batch.path:
        shutil.rmtree(Path(settings.HOME) / batch.path, ignore_errors=True)
    audit(batch.brand, by=by, deed="import.undone", about=f"import:{batch.pk}", at=at)
    tell(batch.brand, [Told(UNDONE, f"import:{batch.pk}:undone", {"import": batch.pk})])


def _overlapping(batch: ImportBatch) -> list[ImportBatch]:
    """Other imports of the same chats, those that list people of the same communities, and later ones that left people
    out if this one brought anybody; oldest first."""
    rest = ImportBatch.objects.filter(brand=batch.brand, state=ImportBatch.State.DONE).exclude(pk=batch.pk)
    rows = Channel.objects.filter(brand=batch.brand).values_list("platform", "key", "community")
    homes = {f"{platform}|{key}|": community for platform, key, community in rows}
    mine = _chats(batch)
    mine_at = {homes.get(chat) for chat in mine} - {None}
    brought = Member.objects.filter(brand=batch.brand, batch=batch.pk).exists()
    return [
        other
        for other in rest.order_by("pk")
        if mine & _chats(other)
        or (_lists_people(other) and any(homes.get(chat) in mine_at for chat in _chats(other)))
        or (brought and other.pk > batch.pk and _left_out(other))
    ]


def _chats(batch: ImportBatch) -> set[str]:
    return set(batch.summary.get("chats", ()))


def _lists_people(batch: ImportBatch) -> bool:
    """Whether the import brought members who may have done nothing, so that only its file tells of them."""
    total = batch.summary["total"]
    return bool(total["members"] > total["speakers"])


def _left_out(batch: ImportBatch) -> bool:
    """Whether the import skipped rows of people who were known before it."""
    skips = batch.options.get("duplicates") == Duplicates.SKIP
    return skips and bool(batch.summary["total"]["known_people"])


@transaction.atomic
def rebuild(brand: Brand, *, at: dt.datetime) -> None:
    """Make memberships' stays, day sets, day counts and readings anew from the log; nothing else changes."""
    drive(brand)
    restate_pairs(brand, set(Membership.objects.filter(brand=brand).values_list("community_id", "member_id")))
    held = set(DaySet.objects.filter(brand=brand).values_list("day", flat=True).distinct())
    held |= set(DayCount.objects.filter(brand=brand).values_list("day", flat=True).distinct())
    held |= set(Fact.objects.filter(brand=brand.pk).values_list("day", flat=True).distinct())
    restate(brand, held)
    look_again(brand, at=at)


def remove_brand(brand: Brand) -> None:
    """Take a brand away with all its rows and kept files; other brands are untouched."""
    kept = ImportBatch.objects.filter(brand=brand).exclude(path="").values_list("path", flat=True)
    homes = [Path(settings.HOME) / path for path in kept]
    homes += [rounds.folder_of(row) for row in PushSession.objects.filter(brand=brand).exclude(folder="")]
    erase_brand(brand)
    for home in homes:
        shutil.rmtree(home, ignore_errors=True)


@transaction.atomic
def forget_expired(brand: Brand, *, at: dt.datetime) -> list[str]:
    """Let go of the files whose undo window is over; answers their folders, which the caller deletes."""
    over = ImportBatch.objects.filter(brand=brand, keep_until__lt=at).exclude(path="")
    homes = list(over.values_list("path", flat=True))
    over.update(path="")
    return homes


@transaction.atomic
def forget_files(member: Member, traces: Traces) -> int:
    """Delete the kept files of every import this person stands in, and the lines kept from them; those imports can no
    longer be undone. Where an import's own name tells of the person, that is blacked out. Answers how many imports."""
    facts = Fact.objects.filter(brand=member.brand_id, member__in=traces.members).exclude(batch=None)
    named = {batch for batch in facts.values_list("batch", flat=True).distinct() if batch}
    brought = Member.objects.filter(pk__in=traces.members).values_list("batch", flat=True)
    named.update(batch for batch in brought if batch)
    named.update(_naming(member.brand, traces))
    touched = 0
    for batch in ImportBatch.objects.filter(brand=member.brand, pk__in=named):
        if batch.path:
            shutil.rmtree(Path(settings.HOME) / batch.path, ignore_errors=True)
        for file in batch.summary.get("files", ()):
            file["unknown"] = []
        told = {"name": batch.name, "summary": batch.summary}
        ImportBatch.objects.filter(pk=batch.pk).update(path="", **blacked(told, traces))
        touched += 1
    for batch in ImportBatch.objects.filter(brand=member.brand).exclude(pk__in=named):
        if (name := blacked(batch.name, traces)) != batch.name:
            ImportBatch.objects.filter(pk=batch.pk).update(name=name)
            touched += 1
    return touched


def _naming(brand: Brand, traces: Traces) -> set[int]:
    """Imports one of whose kept files holds a name or account, packed or not."""
    found: set[int] = set()
    wanted = needles(traces.words)
    for batch in ImportBatch.objects.filter(brand=brand).exclude(path=""):
        for path in (Path(settings.HOME) / batch.path).rglob("*"):
            if path.is_file() and holds(path, wanted):
                found.add(batch.pk)
    return found

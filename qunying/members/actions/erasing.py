"""Take a person out of every store."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping

from django.db import OperationalError, connection, transaction

from qunying.brands.actions import bump_columns, lock, log
from qunying.brands.models import Staff
from qunying.jobs.actions import start
from qunying.jobs.models import Job
from qunying.kit import catalog
from qunying.kit.sensitive import sensitive
from qunying.members.actions.opting_out import forget_words
from qunying.members.actions.people import fingerprint
from qunying.members.erasing import Traces
from qunying.members.models import Identity, Member, MemberTag, Merge, Suppression, TagWrite
from qunying.members.queries import homes_of
from qunying.members.sealing import Sealing

NAMING, SHORTEST = ("phone", "email", "id_number", "bank_card"), 6
WIPE_ATTEMPTS = 3
"""Each waits as long as the connection waits for a lock (20 s)."""


def traces_of(member: Member) -> Traces:
    """Everything the person is known by, gathered before anything is removed."""
    homes = homes_of(member.brand, [member.pk])
    words: set[str] = set()
    sealing = Sealing(member.brand)
    for row in Identity.objects.filter(member__in=homes):
        words.update((sealing.known(row.value), row.name, *row.aliases))
    for name, attributes in Member.objects.filter(pk__in=homes).values_list("name", "attributes"):
        words.update((name, *_telling(sealing.all_known(attributes))))
    return Traces(
        tuple(homes), tuple(sorted((word for word in words if len(word) > 1), key=len, reverse=True))
    )


def _telling(attributes: Mapping[str, str]) -> Iterator[str]:
    """What of it names nobody else wherever it stands: numbers and mails, no addresses."""
    for called, value in attributes.items():
        found = sensitive(called, value)
        if found and found.is_whole and found.kind in NAMING and len(value) >= SHORTEST:
            yield value


@transaction.atomic
def order_erasure(member: Member, *, at: dt.datetime, by: Staff) -> Job:
    """Put the erasure in line; a second order while one waits or runs answers that one."""
    lock(member.brand)
    mine = Job.objects.filter(brand=member.brand, kind="members.erase", args__member=member.pk)
    going = mine.filter(state__in=[Job.State.WAITING, Job.State.RUNNING]).first()
    return going or start(member.brand, kind="members.erase", args={"member": member.pk}, at=at, staff=by)


def erase(member: Member, *, at: dt.datetime, by: Staff | None) -> dict[str, int]:
    """Remove the person from every store, top floor first, each in its own transaction; answers the receipt.

    Numbers stand: the rows become tombstones without name, account or text. A later import does not bring the person
    back. Erasing again finds nothing more.
    """
    traces = traces_of(member)
    receipt: dict[str, int] = {}
    for eraser in reversed(catalog.collect("erasers")):
        with transaction.atomic():
            receipt[eraser.key] = eraser.erase(member, traces)
    log(member.brand, by=by, deed="member.erased", about=f"member:{member.pk}", at=at, after=receipt)
    _wipe_pages()
    return receipt


def _wipe_pages() -> None:
    """SQLite leaves deleted bytes in free pages and in its log; write the file anew without them. A reader that
    holds on to the old log is waited for."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            for _attempt in range(WIPE_ATTEMPTS):
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                if not cursor.fetchone()[0]:
                    return
                time.sleep(1)
        raise OperationalError("a reader holds on to SQLite's old log")  # the job comes back for it


@transaction.atomic
def become_tombstones(member: Member, traces: Traces, *, at: dt.datetime) -> int:
    """Drop accounts, names, tags and attributes of the person's rows, and notes on consent; remember the accounts by
    salted hash only."""
    brand, sealing = member.brand, Sealing(member.brand)
    noted = forget_words(member, traces)
    for row in Identity.objects.filter(member__in=traces.members):
        digest = fingerprint(brand, (row.scheme, row.scope, sealing.known(row.value)))
        Suppression.objects.get_or_create(brand=brand, digest=digest, defaults={"member_id": row.member_id})
    gone, _ = Identity.objects.filter(member__in=traces.members).delete()
    MemberTag.objects.filter(member__in=traces.members).delete()
    TagWrite.objects.filter(member__in=traces.members).delete()
    Merge.objects.filter(member__in=traces.members).update(evidence="")
    touched = Member.objects.filter(pk__in=traces.members).update(name="", attributes={}, erased_at=at)
    bump_columns(brand)
    return noted + gone + touched

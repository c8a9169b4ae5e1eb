"""拒收名单: who gets nothing unsolicited, known people and such as may still come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q

from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.kit.blacking import BLACKED
from qunying.kit.errors import Invalid, Refused
from qunying.members.consent import as_written, cleaned, digest_of, digests, opt_outs_of
from qunying.members.erasing import Traces, blacked
from qunying.members.models import Consent, Identity, Member, OptOut
from qunying.members.queries import homes_of
from qunying.members.sealing import Sealing, like_of

PART = 500
LEAST = 4
"""Letters of an account; shorter ones are slips."""
LONGEST = 200
_Line = tuple[bytes, int | None, str, str]
"""Hash, whose it is, the account as written, and why."""
DEED = "member.opted_out"


@dataclass(frozen=True)
class Unwanted:
    """拒收的账号: an account, phone or mail as somebody wrote it, and why."""

    value: str
    reason: str = ""


@transaction.atomic
def opt_out(member: Member, *, reason: str, via: str, at: dt.datetime, by: Staff | None) -> list[OptOut]:
    """Put the person on the list by all accounts they are known by; answers what is new, nothing the second time."""
    brand = member.brand
    lock(brand)
    member.refresh_from_db(fields=["merged_into", "erased_at"])
    if member.erased_at is not None:
        raise Refused("members.nobody_left", member=member.pk)
    root = member.merged_into_id or member.pk
    found = {digest: (home, value) for digest, home, value in digests(brand, homes_of(brand, [root]))}
    rows = _put(
        brand,
        [(digest, home, value, _reason(reason)) for digest, (home, value) in found.items()],
        via=via,
        at=at,
        by=by,
    )
    if rows:
        log(brand, by=by, deed=DEED, about=f"member:{root}", at=at, after={"count": len(rows)})
    return rows


@transaction.atomic
def opt_out_many(
    brand: Brand, entries: Sequence[Unwanted], *, reason: str, via: str, at: dt.datetime, by: Staff | None
) -> list[OptOut]:
    """Put accounts and phones on the list, known or not, each for its own reason or else the given one; answers what
    is new."""
    lock(brand)
    kept = [entry for entry in entries if len(as_written(entry.value)) >= LEAST]
    if not kept:
        raise Invalid("members.no_accounts", least=LEAST)
    homes = _homes(brand, {cleaned(entry.value) for entry in kept})
    wanted = [
        (
            digest_of(brand, entry.value),
            homes.get(cleaned(entry.value)),
            entry.value,
            _reason(cleaned(entry.reason) or reason),
        )
        for entry in kept
    ]
    rows = _put(brand, wanted, via=via, at=at, by=by)
    if rows:
        log(brand, by=by, deed="opt_outs.added", about="opt_outs", at=at, after={"count": len(rows)})
    return rows


def _reason(text: str) -> str:
    if not cleaned(text):
        raise Invalid("members.opt_out_reason")
    return cleaned(text)[:LONGEST]


def _homes(brand: Brand, values: Iterable[str]) -> dict[str, int]:
    """Account → whose it is, where somebody is known by it."""
    found: dict[str, int] = {}
    wanted, sealing = sorted(values), Sealing(brand)
    accounts = Identity.objects.filter(brand=brand).exclude(scheme="name")
    for start in range(0, len(wanted), PART):
        part = wanted[start : start + PART]
        found.update(accounts.filter(value__in=part).values_list("value", "member_id"))
        sealed = {begin: value for value in part if (begin := sealing.found(value))}
        begins = [Q(value__startswith=begin) for begin in sealed]
        if begins:
            rows = accounts.filter(reduce(or_, begins)).values_list("value", "member_id")
            found.update((sealed[like_of(kept)], member) for kept, member in rows)
    return found


def _put(
    brand: Brand,
    wanted: Sequence[_Line],
    *,
    via: str,
    at: dt.datetime,
    by: Staff | None,
) -> list[OptOut]:
    fresh = {line[0]: line for line in wanted}
    for start in range(0, len(wanted), PART):
        part = [digest for digest, *_rest in wanted[start : start + PART]]
        standing = OptOut.objects.filter(brand=brand, ended_at=None, digest__in=part)
        for digest in standing.values_list("digest", flat=True):
            fresh.pop(bytes(digest), None)
    rows = [
        OptOut(
            brand=brand,
            digest=digest,
            hint=hint_of(value),
            member_id=home,
            reason=reason,
            via=via,
            at=at,
            by=by,
        )
        for digest, home, value, reason in fresh.values()
    ]
    return OptOut.objects.bulk_create(rows, batch_size=PART)


def hint_of(value: str) -> str:
    """The first and last letters, by which whoever put it there knows it again."""
    text = as_written(value)
    return f"{text[:3]}****{text[-4:]}" if len(text) > 10 else f"{text[:1]}****{text[-1:]}"


@transaction.atomic
def end_opt_out(
    entry: OptOut, *, reason: str, at: dt.datetime, by: Staff, person: Member | None = None
) -> int:
    """Take the entry off the list, and with it all that hold for the same person, who is `person` or whose it was known
    to be; answers how many, 0 the second time."""
    brand = entry.brand
    lock(brand)
    words = _reason(reason)
    rows = OptOut.objects.filter(brand=brand, pk=entry.pk)
    whose = person.pk if person else entry.member_id
    if whose is not None:
        rows = rows | opt_outs_of(brand, homes_of(brand, [whose]))
    ended = OptOut.objects.filter(pk__in=list(rows.values_list("pk", flat=True)), ended_at=None)
    count = ended.update(ended_at=at, ended_by=by, ended_reason=words)
    if count:
        about = f"member:{whose}" if whose else f"opt_out:{entry.pk}"
        log(brand, by=by, deed="member.opt_out_ended", about=about, at=at, after={"count": count})
    return count


def forget_words(member: Member, traces: Traces) -> int:
    """What was noted of the person's consents and on the list goes, the ledger and the hashes stay: they hold nothing
    one is known by, and go on keeping words from the person. Others' notes lose the person's names."""
    brand = member.brand
    mine = opt_outs_of(brand, traces.members) | OptOut.objects.filter(brand=brand, member__in=traces.members)
    gone = OptOut.objects.filter(pk__in=list(mine.values_list("pk", flat=True)))
    touched = gone.update(hint=BLACKED, reason=BLACKED, ended_reason="")
    touched += Consent.objects.filter(member__in=traces.members).exclude(evidence="").update(evidence="")
    for row in Consent.objects.filter(brand=brand).exclude(evidence="").iterator():
        if (words := blacked(row.evidence, traces)) != row.evidence:
            touched += Consent.objects.filter(pk=row.pk).update(evidence=words[:LONGEST])
    for entry in OptOut.objects.filter(brand=brand).iterator():
        told = {
            "reason": blacked(entry.reason, traces),
            "ended_reason": blacked(entry.ended_reason, traces),
        }
        if told != {"reason": entry.reason, "ended_reason": entry.ended_reason}:
            touched += OptOut.objects.filter(pk=entry.pk).update(**told)
    return touched

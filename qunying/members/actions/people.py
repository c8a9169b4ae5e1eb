"""Make people from accounts, mark staff as a source tells."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from qunying.brands.actions import bump_columns, take_bits
from qunying.brands.models import Brand
from qunying.brands.rows import as_text, insert_rows
from qunying.members.actions.marks import is_set_by_hand
from qunying.members.actions.tellings import Said, retell, tell
from qunying.members.models import Identity, Member, StaffSpan, Suppression, Telling
from qunying.members.sealing import Sealing

PART = 500
Key = tuple[str, str, str]
"""Scheme, scope and value of an account."""


@dataclass(frozen=True)
class Account:
    """One platform account as a source names it; `key` is the identity, the rest is how it looked there."""

    scheme: str
    scope: str
    value: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    is_bot: bool = False
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What fits into the database, which seals a phone, mail or the like."""
        return (self.scheme[:40], self.scope[:120], self.value[:200])


def fingerprint(brand: Brand, key: tuple[str, str, str]) -> bytes:
    """Salted hash by which an erased account is recognised without being known."""
    return hmac.new(
        bytes(brand.key), "\x1f".join(("erased", *key)).encode("utf-8", "replace"), hashlib.sha256
    ).digest()


@transaction.atomic
def meet(
    brand: Brand, accounts: Sequence[Account], *, batch: int | None, at: dt.datetime, fills: bool = False
) -> dict[Key, int]:
    """The home member of each account; unknown accounts become new members, in the given order. An account that stands
    there several times is told of as often; what is only to be filled in `fills`.

    An erased account answers its tombstone's id negated, so the caller can leave its acts out.
    """
    sealing = Sealing(brand)
    accounts = [_sealed(sealing, account) for account in accounts]
    found = _known(brand, [account.key for account in accounts], sealing)
    found |= _erased(brand, [account.key for account in accounts if account.key not in found])
    fresh = [
        account
        for account in {account.key: account for account in accounts}.values()
        if account.key not in found
    ]
    homes = found | (_make(brand, fresh, sealing, batch=batch, at=at) if fresh else {})
    heard = [account for account in accounts if homes[account.key] > 0]
    _hear(brand, heard, fresh, sealing, batch=batch, fills=fills)
    return homes


def _sealed(sealing: Sealing, account: Account) -> Account:
    """With what is told of the person as it is kept; the account itself is still known by its key."""
    told = account.attributes
    return replace(account, attributes=tuple(sealing.attributes(told).items())) if told else account


def _hear(
    brand: Brand,
    accounts: Sequence[Account],
    fresh: Sequence[Account],
    sealing: Sealing,
    *,
    batch: int | None,
    fills: bool,
) -> None:
    """Keep what is said of these accounts; those that were known already or come several times are shown anew."""
    rows = _rows(brand, [account.key for account in accounts], sealing)
    said: dict[int, list[Said]] = defaultdict(list)
    for account in accounts:
        told = (account.name[:200], account.aliases, dict(account.attributes))
        said[rows[account.key][0]].append(told)
    new = {rows[account.key][0] for account in fresh}
    tell(said, batch=batch, fills=fills, new=new)
    retell(brand, said.keys() - {identity for identity in new if len(said[identity]) == 1})


def _make(
    brand: Brand, fresh: Sequence[Account], sealing: Sealing, *, batch: int | None, at: dt.datetime
) -> dict[Key, int]:
    """New members, one for each account, in order."""
    start, _ = take_bits(brand, members=len(fresh))
    insert_rows(
        Member,
        ("brand_id", "bit", "name", "is_bot", "is_test", "attributes", "batch", "created_at"),
        [
            (
                brand.pk,
                bit,
                account.name[:200],
                account.is_bot,
                False,
                as_text(dict(account.attributes)),
                batch,
                at,
            )
            for bit, account in enumerate(fresh, start=start)
        ],
    )
    made = Member.objects.filter(brand=brand, bit__gte=start).order_by("bit").values_list("pk", flat=True)
    homes = dict(zip((account.key for account in fresh), made, strict=True))
    insert_rows(
        Identity,
        ("brand_id", "scheme", "scope", "value", "member_id", "name", "aliases", "batch"),
        [
            (
                brand.pk,
                *_kept(account.key, sealing),
                homes[account.key],
                account.name[:200],
                as_text(account.aliases),
                batch,
            )
            for account in fresh
        ],
    )
    return homes


def _kept(key: Key, sealing: Sealing) -> Key:
    return (key[0], key[1], sealing.account(key[0], key[2]))


def _erased(brand: Brand, keys: Sequence[Key]) -> dict[Key, int]:
    """Erased accounts among the keys, with their tombstone's id negated."""
    if not Suppression.objects.filter(brand=brand).exists():
        return {}
    prints = {fingerprint(brand, key): key for key in keys}
    known = list(prints)
    found = {}
    for start in range(0, len(known), PART):
        rows = Suppression.objects.filter(brand=brand, digest__in=known[start : start + PART])
        for digest, member in rows.values_list("digest", "member_id"):
            found[prints[bytes(digest)]] = -member
    return found


def known_before(brand: Brand, keys: Sequence[Key], *, batch: int | None) -> dict[Key, int]:
    """The home members of those among these accounts whom somebody else than this import or a later one brought."""
    found = _known(brand, keys, Sealing(brand))
    homes = list(found.values())
    later: set[int] = set()
    for start in range(0, len(homes) if batch is not None else 0, PART):
        rows = Member.objects.filter(pk__in=homes[start : start + PART], batch__gte=batch)
        later.update(rows.values_list("pk", flat=True))
    return {key: member for key, member in found.items() if member not in later}


def _known(brand: Brand, keys: Sequence[Key], sealing: Sealing) -> dict[Key, int]:
    return {key: member for key, (_identity, member) in _rows(brand, keys, sealing).items()}


def _rows(brand: Brand, keys: Sequence[Key], sealing: Sealing) -> dict[Key, tuple[int, int]]:
    """Identity and home member of each account that is known, whether it is sealed or not yet."""
    found: dict[Key, tuple[int, int]] = {}
    wanted = {key: key for key in keys}
    wanted |= {_kept(key, sealing): key for key in keys}
    values = sorted({key[2] for key in wanted})
    for start in range(0, len(values), PART):
        rows = Identity.objects.filter(brand=brand, value__in=values[start : start + PART])
        for scheme, scope, value, *row in rows.values_list("scheme", "scope", "value", "pk", "member_id"):
            if (scheme, scope, value) in wanted:
                found[wanted[scheme, scope, value]] = row[0], row[1]
    return found


@transaction.atomic
def mark_staff(
    member: Member, *, from_on: dt.date, until_on: dt.date | None = None, batch: int | None = None
) -> None:
    """The member acts for the brand on these days; marking again keeps the earliest start. Every import has a span of
    its own, so that it can be taken back, and no say where somebody said by hand."""
    if batch is not None and is_set_by_hand(member):
        return
    span = StaffSpan.objects.filter(member=member, until_on=until_on, batch=batch).order_by("from_on").first()
    if span is None:
        StaffSpan.objects.create(member=member, from_on=from_on, until_on=until_on, batch=batch)
    elif from_on < span.from_on:
        StaffSpan.objects.filter(pk=span.pk).update(from_on=from_on)
    bump_columns(member.brand)


@transaction.atomic
def forget_batch(brand: Brand, *, batch: int, keep: Mapping[int, int | None]) -> int:
    """Remove the members one import brought, except those in `keep`, who go over to the import named there; answers how
    many are gone."""
    StaffSpan.objects.filter(member__brand=brand, batch=batch).delete()
    held = Member.objects.filter(brand=brand, batch=batch, erased_at=None).values_list("pk", flat=True)
    gone = [pk for pk in held if pk not in keep]
    heirs: dict[int | None, list[int]] = defaultdict(list)
    for pk in held:
        if pk in keep:
            heirs[keep[pk]].append(pk)
    for heir, stay in heirs.items():
        for start in range(0, len(stay), PART):
            Member.objects.filter(pk__in=stay[start : start + PART]).update(batch=heir)
    for start in range(0, len(gone), PART):
        Member.objects.filter(pk__in=gone[start : start + PART]).delete()
    told = Telling.objects.filter(identity__brand=brand, batch=batch)
    heard = list(told.values_list("identity_id", flat=True))
    told.delete()
    retell(brand, heard)
    bump_columns(brand)
    return len(gone)

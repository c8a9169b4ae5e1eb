"""Verbs of brands: opening one, appointing staff, counting bits, writing the log."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import orjson
from django.db import connection, transaction
from django.db.models import F, Max
from django.utils.text import slugify

from qunying.brands.models import Account, ApiToken, AuditEntry, Brand, Staff
from qunying.brands.roles import BY_KEY, PERMISSIONS
from qunying.kit import days
from qunying.kit.blacking import without
from qunying.kit.errors import Invalid, Refused

WAIT_SECONDS = 20


def lock(brand: Brand) -> None:
    """Make this transaction the brand's only writer until it ends. SQLite has one writer anyway, and both wait for it
    equally long."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'; SELECT pg_advisory_xact_lock({brand.pk:d}); "
                "SET LOCAL lock_timeout TO DEFAULT"
            )


@transaction.atomic
def open_brand(
    name: str,
    *,
    at: dt.datetime,
    zone: str = "Asia/Shanghai",
    slug: str = "",
    is_demo: bool = False,
    preferences: Mapping[str, object] = MappingProxyType({}),
) -> Brand:
    """The brand with this slug, made if it is not there. A zone that does not exist is refused."""
    days.clock(zone)
    slug = slug or slugify(name) or f"b{secrets.token_hex(4)}"
    given = {"name": name, "zone": zone, "is_demo": is_demo, "preferences": dict(preferences)}
    brand, new = Brand.objects.get_or_create(slug=slug, defaults={**given, "created_at": at})
    if new:
        owner = Account.objects.filter(is_active=True).order_by("pk").first()
        if owner is not None:
            Staff.objects.create(brand=brand, account=owner, role="owner", created_at=at)
    return brand


@transaction.atomic
def open_account(login: str, *, password: str, at: dt.datetime, name: str = "") -> Account:
    """A new account that may sign in; an existing login is refused."""
    if Account.objects.filter(login=login).exists():
        raise Refused("brands.login_taken", login=login)
    account = Account(login=login, name=name or login, created_at=at)
    account.set_password(password)
    account.save()
    return account


@transaction.atomic
def set_password(account: Account, *, password: str) -> None:
    """The new password; every open session of the account ends."""
    account.set_password(password)
    account.save(update_fields=["password"])


@transaction.atomic
def appoint(
    brand: Brand,
    *,
    account: Account,
    role: str,
    at: dt.datetime,
    by: Staff | None,
    reach: list[int] | None = None,
) -> Staff:
    """Give the account a role in the brand; appointing again changes role and reach."""
    if role not in BY_KEY:
        raise Invalid("brands.unknown_role", role=role)
    lock(brand)
    before = Staff.objects.filter(brand=brand, account=account).first()
    if before is not None and before.role == "owner" and role != "owner":
        _keep_an_owner(brand, leaving=before)
    staff, _new = Staff.objects.update_or_create(
        brand=brand,
        account=account,
        defaults={"role": role, "reach": reach, "is_active": True, "left_at": None},
        create_defaults={"role": role, "reach": reach, "created_at": at},
    )
    past = {"role": before.role, "reach": before.reach} if before else None
    log(
        brand,
        by=by,
        deed="staff.appointed",
        about=f"account:{account.login}",
        at=at,
        before=past,
        after={"role": role, "reach": reach},
    )
    return staff


@transaction.atomic
def dismiss(staff: Staff, *, at: dt.datetime, by: Staff) -> None:
    """Take the role away; the next request of that person is refused. The last owner stays."""
    lock(staff.brand)
    if staff.role == "owner":
        _keep_an_owner(staff.brand, leaving=staff)
    Staff.objects.filter(pk=staff.pk).update(is_active=False, left_at=at)
    log(
        staff.brand,
        by=by,
        deed="staff.dismissed",
        about=f"account:{staff.account.login}",
        at=at,
        before={"role": staff.role},
    )


def _keep_an_owner(brand: Brand, *, leaving: Staff) -> None:
    if not brand.staff.filter(role="owner", is_active=True).exclude(pk=leaving.pk).exists():
        raise Refused("brands.last_owner", brand=brand.name)


@transaction.atomic
def change_brand(
    brand: Brand, *, at: dt.datetime, by: Staff, name: str, preferences: Mapping[str, object]
) -> None:
    """Rename the brand or set preferences. Keys left out of `preferences` keep their value."""
    before = {"name": brand.name, **brand.preferences}
    brand.name = name
    brand.preferences = {**brand.preferences, **preferences}
    brand.save(update_fields=["name", "preferences"])
    log(
        brand,
        by=by,
        deed="brand.changed",
        about=f"brand:{brand.slug}",
        at=at,
        before=before,
        after={"name": name, **brand.preferences},
    )


@transaction.atomic
def issue_token(staff: Staff, *, name: str, scopes: list[str], at: dt.datetime) -> str:
    """A new API token, shown once. Scopes beyond the staff member's own role are refused."""
    beyond = [scope for scope in scopes if scope not in PERMISSIONS or not staff.may(scope)]
    if beyond:
        raise Refused("brands.scope_beyond_role", scopes=", ".join(beyond))
    token = f"qy_{secrets.token_urlsafe(32)}"
    ApiToken.objects.create(staff=staff, name=name, digest=digest(token), scopes=scopes, created_at=at)
    log(staff.brand, by=staff, deed="token.issued", about=f"token:{name}", at=at, after={"scopes": scopes})
    return token


@transaction.atomic
def revoke_token(token: ApiToken, *, at: dt.datetime, by: Staff) -> None:
    """The token works no longer; revoking again keeps the first time."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        log(by.brand, by=by, deed="token.revoked", about=f"token:{token.name}", at=at)


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def take_bits(brand: Brand, *, members: int = 0, memberships: int = 0) -> tuple[int, int]:
    """Reserve positions in the brand's sets; answers the first of each. Call within the transaction that uses them. Who
    wants none costs nobody a reload of the columns."""
    if members or memberships:
        Brand.objects.filter(pk=brand.pk).update(
            next_bit=F("next_bit") + members,
            next_membership_bit=F("next_membership_bit") + memberships,
            columns=_fresh_version(),
        )
    ends = Brand.objects.values_list("next_bit", "next_membership_bit").get(pk=brand.pk)
    return ends[0] - members, ends[1] - memberships


def bump_columns(brand: Brand) -> None:
    """Say that communities, cohorts, merges or exclusions changed, so cached columns are read again."""
    Brand.objects.filter(pk=brand.pk).update(columns=_fresh_version())


def _fresh_version() -> int:
    """Random, not counted up: a version that was rolled back must never come again with other contents."""
    return secrets.randbits(62)


@transaction.atomic
def log(
    brand: Brand,
    *,
    deed: str,
    about: str,
    at: dt.datetime,
    by: Staff | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Append one entry to the brand's log; its seal covers the entry and the seal before it."""
    lock(brand)
    last = AuditEntry.objects.filter(brand=brand).aggregate(last=Max("number"))["last"] or 0
    previous = (
        bytes(AuditEntry.objects.values_list("seal", flat=True).get(brand=brand, number=last))
        if last
        else b""
    )
    entry = AuditEntry(
        brand=brand,
        number=last + 1,
        at=at,
        who=by.name if by else "system",
        deed=deed,
        about=about,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        salt=secrets.token_bytes(16),
    )
    entry.digest = _digest(entry)
    entry.seal = seal(entry, previous=previous)
    entry.save()
    return entry


def seal(entry: AuditEntry, *, previous: bytes) -> bytes:
    """SHA-256 over the seal before and the entry's canonical JSON, its words as their digest."""
    words = [entry.before, entry.after] if entry.digest is None else [bytes(entry.digest).hex()]
    at = entry.at.astimezone(dt.UTC).isoformat()
    body = [entry.number, at, entry.who, entry.deed, entry.about, *words]
    return hashlib.sha256(previous + orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()


def _digest(entry: AuditEntry) -> bytes:
    words = orjson.dumps([entry.before, entry.after], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(bytes(entry.salt or b"") + words).digest()


def audit_breaks(brand: Brand) -> int | None:
    """Number of the first entry whose seal or words do not fit, or None when the whole log is as it was written. Of an
    entry whose words were blacked out the rest is held against its seal."""
    previous = b""
    expected = 1
    for entry in AuditEntry.objects.filter(brand=brand).order_by("number").iterator():
        has_words = entry.digest is not None and entry.blacked_at is None
        words_fit = not has_words or _digest(entry) == bytes(entry.digest or b"")
        if entry.number != expected or not words_fit or bytes(entry.seal) != seal(entry, previous=previous):
            return expected
        previous = bytes(entry.seal)
        expected += 1
    return None


@transaction.atomic
def black_out(brand: Brand, words: Sequence[str], *, at: dt.datetime) -> int:
    """Take the words out of whatever the log wrote down; answers in how many entries. Safe to run
    twice. Entries older than digests keep what they say, since their seal covers it."""
    lock(brand)
    count = 0
    for entry in AuditEntry.objects.filter(brand=brand).exclude(digest=None).order_by("number").iterator():
        before, after = without(entry.before, words), without(entry.after, words)
        if (before, after) != (entry.before, entry.after):
            AuditEntry.objects.filter(pk=entry.pk).update(
                before=before, after=after, salt=None, blacked_at=at
            )
            count += 1
    return count

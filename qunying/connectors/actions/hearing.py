"""Store what a platform sends before it is acknowledged, and read it afterwards, as often as need be."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from qunying.brands import vault
from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.communities.models import Channel
from qunying.connectors.actions.tag_taking import take_tags
from qunying.connectors.incoming import Chat, Entry, Person
from qunying.connectors.intake import Intake
from qunying.connectors.live.connector import Asked, Payload
from qunying.connectors.models import Connection, Inbound, Note, Seat, TagSync
from qunying.connectors.queries import connector
from qunying.connectors.texts import clean
from qunying.facts.keys import Keys
from qunying.facts.projectors import drive
from qunying.kit import days
from qunying.kit.errors import Missing, QunyingError

ABOUT = "inbound"
API = "api"
"""Account of the connection under which refused rows of the ingest API are kept."""
UNBOUND = "connectors.chat_unbound"
ABOUT_NOTE = "note"
NO_NOTES: Mapping[str, bytes] = {}
ATTEMPTS = 5
"""After so many failures a payload is set aside, so that the line behind it moves on."""
PART = 500
State = Inbound.State
Read = tuple[Inbound, list[Entry]]


@transaction.atomic
def hear(
    connection: Connection,
    payloads: Sequence[Payload],
    *,
    at: dt.datetime,
    notes: Mapping[str, bytes] = NO_NOTES,
    is_live: bool = True,
) -> int:
    """Store the payloads; a delivery that is stored already changes nothing. Answers how many are new. Only when the
    transaction has ended they are on disk, and only then the platform may be told so. History that we asked for is no
    sign that the line lives."""
    write_down(connection, notes)
    keys = Keys(connection.brand.key)
    fresh = {_delivery(keys, connection, payload.key): payload for payload in payloads}
    known = Inbound.objects.filter(connection=connection, delivery__in=fresh)
    for delivery in known.values_list("delivery", flat=True):
        del fresh[bytes(delivery)]
    Inbound.objects.bulk_create(
        (
            Inbound(
                brand=connection.brand,
                connection=connection,
                delivery=delivery,
                body=vault.seal(connection.brand, payload.body, about=ABOUT),
                received_at=at,
            )
            for delivery, payload in fresh.items()
        ),
        ignore_conflicts=True,  # the same delivery twice at once
    )
    if is_live:
        Connection.objects.filter(pk=connection.pk).update(heard_at=at, failure=None)
    return len(fresh)


def write_down(connection: Connection, notes: Mapping[str, bytes]) -> None:
    """A note of the same name is replaced, an empty one thrown away."""
    gone = [key for key, body in notes.items() if not body]
    for start in range(0, len(gone), PART):
        Note.objects.filter(connection=connection, key__in=gone[start : start + PART]).delete()
    Note.objects.bulk_create(
        (
            Note(
                connection=connection,
                key=key,
                body=vault.seal(connection.brand, body, about=ABOUT_NOTE),
            )
            for key, body in notes.items()
            if body
        ),
        update_conflicts=True,
        unique_fields=["connection", "key"],
        update_fields=["body"],
        batch_size=PART,
    )


def notes_of(connection: Connection, prefix: str, most: int) -> dict[str, bytes]:
    """The first so many of the connector's own notes whose names begin like this, in their order."""
    rows = Note.objects.filter(connection=connection, key__startswith=prefix).order_by("key")[:most]
    return {row.key: vault.unseal(connection.brand, bytes(row.body), about=ABOUT_NOTE) for row in rows}


def named_notes(connection: Connection, names: Sequence[str]) -> dict[str, bytes]:
    """Those of the connector's own notes that have these names."""
    rows = Note.objects.filter(connection=connection, key__in=names)
    return {row.key: vault.unseal(connection.brand, bytes(row.body), about=ABOUT_NOTE) for row in rows}


def settle(connection: Connection) -> int:
    """Read what waits, oldest first, up to a bounded number; answers how many payloads were dealt with.

    Reading again changes nothing, since facts have natural keys. A payload of a group that belongs to no community is
    held; one that cannot be read is set aside with the reason, and the others go on.
    """
    rows = list(Inbound.objects.filter(connection=connection, state=State.WAITING).order_by("pk")[:PART])
    if not rows:
        return 0
    for row in rows:
        row.connection, row.brand = connection, connection.brand
    read = [each for row in rows if (each := _decode(connection, row)) is not None]
    for _minute, some in groupby(read, key=lambda each: each[0].received_at.replace(second=0, microsecond=0)):
        _take(connection.brand, list(some))
    drive(connection.brand)
    return len(rows)


def _decode(connection: Connection, row: Inbound) -> Read | None:
    """The row's entries; None when it was set aside or held."""
    kind = connector(connection.connector)
    try:
        body = opened(row)
        if kind.relate is not None:
            body = kind.relate(body, lambda key: _earlier(connection, key))
        told = kind.decode(body, days.utc_ms(row.received_at))
        entries = [_own(connection, entry) for entry in told]
    except (
        Exception
    ) as error:  # a decoder is pure: what it cannot read now it cannot read until it is repaired
        _set_aside(row, f"{type(error).__name__}: {error}")
        return None
    while (strange := _unbound(connection, entries)) is not None:
        if _hold(row, strange):
            return None
    return row, entries


@transaction.atomic
def _hold(row: Inbound, strange: Chat) -> bool:
    """Keep the payload until the group belongs to a community; False where somebody has just said to which, and so has
    let go of what was held."""
    lock(row.brand)
    if Channel.objects.filter(brand=row.brand, platform=strange.platform, key=strange.key).exists():
        return False
    Inbound.objects.filter(pk=row.pk).update(
        state=State.HELD,
        platform=strange.platform,
        chat=strange.key[:200],
        chat_name=clean(strange.name)[:200],
    )
    return True


def _earlier(connection: Connection, key: str) -> bytes | None:
    """What the platform delivered under this key, while it is kept."""
    delivery = _delivery(Keys(connection.brand.key), connection, key)
    row = Inbound.objects.filter(connection=connection, delivery=delivery).select_related("brand").first()
    return opened(row) if row else None


def _delivery(keys: Keys, connection: Connection, key: str) -> bytes:
    return keys(f"{connection.pk}|{key}")


def _own(connection: Connection, entry: Entry) -> Entry:
    """The account we speak through is a bot, on platforms where we hear ourselves."""
    if isinstance(entry, Person) and entry.value == connection.account:
        return msgspec.structs.replace(entry, is_bot=True)
    return entry


def opened(row: Inbound) -> bytes:
    """The payload as it came."""
    return vault.unseal(row.brand, bytes(row.body), about=ABOUT)


def _unbound(connection: Connection, entries: Sequence[Entry]) -> Chat | None:
    """The first group among the entries that belongs to no community; in the others the connection has a seat."""
    for entry in entries:
        if isinstance(entry, Chat):
            known = Channel.objects.filter(
                brand=connection.brand, platform=entry.platform, key=entry.key
            ).first()
            if known is None:
                return entry
            Seat.objects.get_or_create(connection=connection, channel=known)
    return None


def _take(brand: Brand, read: Sequence[Read]) -> None:
    """All of them at once; if that fails, one by one, so that only the culprit stays behind."""
    try:
        _write(brand, read)
    except (OperationalError, InterfaceError):
        raise  # the database is away: nothing was written, everything still waits
    except Exception as error:
        if len(read) > 1:
            for each in read:
                _take(brand, [each])
        else:
            _strike(read[0][0], f"{type(error).__name__}: {error}")


@transaction.atomic
def _write(brand: Brand, read: Sequence[Read]) -> None:
    intake = Intake(brand, at=read[0][0].received_at)
    for row, entries in read:
        summary = intake.take(entries)
        state, unknown = State.DONE, summary.unknown
        if unknown and not summary.counts["facts"]:
            state = State.POISON
        _learn(row)
        Inbound.objects.filter(pk=row.pk).update(
            state=state,
            facts=summary.counts["facts"],
            reason=clean(str(unknown[0]["why"]))[:300] if unknown else "",
        )


def _learn(row: Inbound) -> None:
    """What the payload tells of tags, where they are kept the same on both sides."""
    tags = connector(row.connection.connector).tags
    if tags is not None and TagSync.objects.filter(connection=row.connection_id, is_on=True).exists():
        news = tags.read(opened(row))
        if news is not None:
            take_tags(row.connection, news)


def _strike(row: Inbound, reason: str) -> None:
    if row.attempts + 1 >= ATTEMPTS:
        _set_aside(row, reason)
    else:
        Inbound.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, reason=clean(reason)[:300])


def _set_aside(row: Inbound, reason: str) -> None:
    Inbound.objects.filter(pk=row.pk).update(
        state=State.POISON, attempts=F("attempts") + 1, reason=clean(reason)[:300]
    )


@transaction.atomic
def replay(connection: Connection, *, rows: Sequence[int], at: dt.datetime, by: Staff) -> int:
    """Put these payloads in line again, whatever became of them; answers how many. What they already brought stays."""
    held = Inbound.objects.filter(connection=connection, pk__in=rows)
    count = held.update(state=State.WAITING, attempts=0, reason="")
    log(
        connection.brand,
        by=by,
        deed="inbound.replayed",
        about=f"connection:{connection.pk}",
        at=at,
        after={"payloads": count},
    )
    return count


@transaction.atomic
def look_at(connection: Connection, *, inbound: int, at: dt.datetime, by: Staff) -> str:
    """One payload as text. It may name people, so who looked is logged."""
    row = Inbound.objects.select_related("brand").filter(connection=connection, pk=inbound).first()
    if row is None:
        raise Missing("brands.not_found")
    log(connection.brand, by=by, deed="inbound.opened", about=f"inbound:{row.pk}", at=at)
    return clean(opened(row).decode("utf-8", "replace"))


@transaction.atomic
def take_asked(connection: Connection, asked: Asked, *, at: dt.datetime) -> int:
    """Store what an answer brought together with where to go on, so that neither is there without the other."""
    new = hear(connection, asked.payloads, at=at, notes=asked.notes)
    connection.position = asked.position[:200]
    Connection.objects.filter(pk=connection.pk).update(position=connection.position)
    return new


@transaction.atomic
def keep_refused(brand: Brand, faults: Sequence[tuple[str, bytes]], *, at: dt.datetime) -> None:
    """Rows of the ingest API that were not taken, with the code of the reason, to be looked at and run again; those of
    a group without a community are held for it."""
    if not faults:
        return
    door, _new = Connection.objects.get_or_create(
        brand=brand,
        connector="http",
        account=API,
        defaults={"name": API, "hook": secrets.token_urlsafe(32), "created_at": at},
    )
    hear(door, [Payload(hashlib.sha256(raw).hexdigest(), raw) for _code, raw in faults], at=at)
    for code, raw in faults:
        delivery = Keys(brand.key)(f"{door.pk}|{hashlib.sha256(raw).hexdigest()}")
        fresh = Inbound.objects.filter(connection=door, delivery=delivery, state=State.WAITING, attempts=0)
        if code != UNBOUND:
            fresh.update(state=State.POISON, attempts=1, reason=code)
    if any(code == UNBOUND for code, _raw in faults):
        settle(door)


def note_failure(connection: Connection, error: QunyingError, *, at: dt.datetime) -> None:
    """Remember why the platform could not be reached, for its health line; the next word from it clears that."""
    Connection.objects.filter(pk=connection.pk).update(
        failed_at=at, failure={"code": error.code, "details": error.details}
    )


@transaction.atomic
def try_now(connection: Connection, *, at: dt.datetime, by: Staff) -> None:
    """Have the listener ask the platform at once instead of resting after its failure; where nothing failed, or a try
    is wanted already, nothing changes."""
    row = Connection.objects.select_for_update().get(pk=connection.pk)
    if row.failure is not None and "wanted" not in row.failure:
        Connection.objects.filter(pk=row.pk).update(failure={**row.failure, "wanted": True})
        log(row.brand, by=by, deed="connection.tried", about=f"connection:{row.pk}", at=at)

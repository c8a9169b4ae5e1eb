"""Connect a platform's account, change its keys, pause it, and say which community a group belongs to."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from qunying.brands import vault
from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.communities.actions import find_channel
from qunying.communities.models import Channel, Community
from qunying.connectors.actions.hearing import notes_of
from qunying.connectors.live.connector import Connector, Field
from qunying.connectors.live.wire import Keys, Wire
from qunying.connectors.models import Connection, Inbound, Seat
from qunying.connectors.queries import connector
from qunying.kit import days
from qunying.kit.errors import Invalid, Refused
from qunying.outbox.actions import assign
from qunying.outbox.models import Sending
from qunying.outbox.ops import asked_of

State = Connection.State
UNTAPPED = dt.timedelta(days=1)
"""How long somebody may take to tap before another is asked."""


@transaction.atomic
def connect(
    brand: Brand, *, connector_key: str, name: str, keys: Mapping[str, str], at: dt.datetime, by: Staff
) -> Connection:
    """A connection that hears from now on. An account that is connected already is refused: change its keys instead."""
    kind = connector(connector_key)
    keys = {**keys, **{field.name: keys.get(field.name) or _made_up(field) for field in kind.fields}}
    account = kind.account(check_keys(kind, keys))
    if Connection.objects.filter(brand=brand, connector=kind.key, account=account).exists():
        raise Refused("connectors.connected_already", account=account)
    made = Connection.objects.create(
        brand=brand,
        connector=kind.key,
        name=name or f"{kind.label} {account}",
        account=account,
        settings=_shown(kind, keys),
        secrets=_sealed(brand, kind, keys),
        hook=secrets.token_urlsafe(32),
        created_at=at,
    )
    log(
        brand,
        by=by,
        deed="connection.opened",
        about=f"connection:{made.pk}",
        at=at,
        after={"name": made.name},
    )
    return made


@transaction.atomic
def change_keys(connection: Connection, *, keys: Mapping[str, str], at: dt.datetime, by: Staff) -> None:
    """New keys for the same account; a secret left empty stays as it is, and the one before a change is kept beside it
    for those who sign with it (`old_…`, `changed_at`). Keys of another account are refused."""
    kind = connector(connection.connector)
    before = keys_of(connection)
    hidden = {field.name for field in kind.fields if field.is_secret}
    told = {**before, **{name: value for name, value in keys.items() if value or name not in hidden}}
    if kind.account(check_keys(kind, told)) != connection.account:
        raise Refused("connectors.other_account", account=connection.account)
    old = {f"old_{name}": value for name, value in before.items() if value != told[name]}
    kept = {"changed_at": str(days.utc_ms(at)), **old} if old else _still_kept(kind, before)
    connection.settings = _shown(kind, told)
    connection.secrets = _sealed(connection.brand, kind, told, kept)
    connection.save(update_fields=["settings", "secrets"])
    log(connection.brand, by=by, deed="connection.keys_changed", about=f"connection:{connection.pk}", at=at)


def _still_kept(kind: Connector, before: Mapping[str, str]) -> dict[str, str]:
    """What was kept beside the keys when they last changed."""
    declared = {field.name for field in kind.fields}
    return {name: value for name, value in before.items() if name not in declared}


@transaction.atomic
def pause(connection: Connection, *, at: dt.datetime, by: Staff) -> None:
    """Nothing is asked for or sent any more; what still arrives is stored and read when it goes on."""
    if Connection.objects.filter(pk=connection.pk, state=State.ON).update(state=State.PAUSED):
        log(connection.brand, by=by, deed="connection.paused", about=f"connection:{connection.pk}", at=at)


@transaction.atomic
def go_on(connection: Connection, *, at: dt.datetime, by: Staff) -> None:
    """Hear and speak again, from where it stopped."""
    if Connection.objects.filter(pk=connection.pk, state=State.PAUSED).update(state=State.ON):
        log(connection.brand, by=by, deed="connection.resumed", about=f"connection:{connection.pk}", at=at)


@transaction.atomic
def bind(
    connection: Connection, *, chat: str, community: Community | None, at: dt.datetime, by: Staff
) -> Channel:
    """Say to which community the group belongs, none for a new one of its name; what was held for it is read next."""
    lock(connection.brand)  # nothing is held meanwhile that would miss being let go
    held = Inbound.objects.filter(connection=connection, state=Inbound.State.HELD, chat=chat)
    name = held.exclude(chat_name="").order_by("-pk").values_list("chat_name", flat=True).first() or ""
    platform = held.order_by("-pk").values_list("platform", flat=True).first() or ""
    channel = seat(connection, chat=chat, name=name, community=community, platform=platform, at=at, by=by)
    held.update(state=Inbound.State.WAITING)
    return channel


@transaction.atomic
def seat(
    connection: Connection,
    *,
    chat: str,
    name: str,
    community: Community | None,
    at: dt.datetime,
    by: Staff,
    platform: str = "",
) -> Channel:
    """Say that the connection speaks in this group, also where it never hears anything from it. `chat` is the
    platform's key of the group; for a robot that has its group behind its own address, "" stands for its account."""
    kind = connector(connection.connector)
    taken = connection.seats.select_related("channel").first()
    if kind.is_one_channel and taken is not None and taken.channel.key != (chat or connection.account):
        raise Refused("connectors.one_group_only", group=str(taken.channel))
    channel = find_channel(
        connection.brand,
        platform=platform or kind.platform,
        key=chat or connection.account,
        name=name,
        community=community,
        at=at,
        batch=None,
    )
    Seat.objects.get_or_create(connection=connection, channel=channel)
    log(
        connection.brand,
        by=by,
        deed="channel.bound",
        about=f"channel:{channel.pk}",
        at=at,
        after={"community": channel.community.name},
    )
    return channel


@transaction.atomic
def set_backup(seat: Seat, *, backup: Staff | None, at: dt.datetime, by: Staff) -> None:
    """Say who is asked when the one who has to tap in this group does not."""
    if Seat.objects.filter(pk=seat.pk).exclude(backup=backup).update(backup=backup):
        about, after = f"channel:{seat.channel_id}", {"backup": backup.name if backup else ""}
        log(seat.connection.brand, by=by, deed="seat.backup_set", about=about, at=at, after=after)


@transaction.atomic
def chase(*, now: dt.datetime) -> int:
    """A to-do for the backup of each group in which somebody has not tapped for a day; once for each sending. Answers
    how many wait."""
    waiting = Sending.objects.filter(
        state=Sending.State.PENDING, concluded_at__lt=now - UNTAPPED, channel__seats__backup__isnull=False
    )
    rows = waiting.select_related("brand", "community", "channel").distinct()
    for row in rows:
        seat = row.channel.seats.exclude(backup=None).select_related("backup").order_by("pk")[0]
        words = _("“{channel}”的消息等了一天还没有人点发送，请联系{who}或代为处理：{what}")
        what = asked_of(row.op, row.target, row.params)
        assign(
            row.community,
            text=words.format(channel=row.channel, who=row.who or _("群主"), what=what),
            due_on=now.astimezone(row.brand.clock.zone).date(),
            staff=seat.backup,
            cause=f"sending:{row.pk}",
            key=f"sending:{row.pk}:backup",
            at=now,
            sending=row,
        )
    return len(rows)


def keys_of(connection: Connection) -> dict[str, str]:
    """What the operator filled in, secrets included. Never for a page."""
    opened = vault.unseal(connection.brand, bytes(connection.secrets), about=_about(connection.connector))
    return {**connection.settings, **orjson.loads(opened)}


def wire_of(connection: Connection) -> Wire:
    """A line to the platform: to the hosts its connector declares, and to the servers the operator named."""
    line = connector(connection.connector).line(keys_of(connection), connection.hook)
    return replace(line, notes=partial(notes_of, connection))


def check_keys(kind: Connector, keys: Mapping[str, str]) -> Keys:
    """The keys of the declared fields, trimmed; a missing or misshapen one is refused by its label."""
    told = {field.name: keys.get(field.name, "").strip() for field in kind.fields}
    for field in kind.fields:
        _check(field, told[field.name])
    return told


def _made_up(field: Field) -> str:
    return secrets.token_urlsafe(32) if field.is_made else ""


def _check(field: Field, value: str) -> None:
    if not value and field.is_needed:
        raise Invalid("connectors.key_missing", field=str(field.label))
    if value and (
        len(value) > 500 or not value.isprintable() or not re.fullmatch(field.pattern or ".*", value)
    ):
        raise Invalid("connectors.key_misshapen", field=str(field.label), hint=str(field.hint))


def _shown(kind: Connector, keys: Mapping[str, str]) -> dict[str, str]:
    return {field.name: keys.get(field.name, "").strip() for field in kind.fields if not field.is_secret}


def _sealed(
    brand: Brand, kind: Connector, keys: Mapping[str, str], kept: Mapping[str, str] | None = None
) -> bytes:
    hidden = {field.name: keys.get(field.name, "").strip() for field in kind.fields if field.is_secret}
    return vault.seal(brand, orjson.dumps({**hidden, **(kept or {})}), about=_about(kind.key))


def _about(key: str) -> str:
    return f"connection {key}"

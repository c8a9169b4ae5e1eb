"""Greet new friends while the platform lets us, once each, and keep the words that are said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from qunying.brands.actions import log
from qunying.brands.models import Staff
from qunying.communities.models import Channel
from qunying.connectors.actions.linking import seat
from qunying.connectors.live.connector import Greeting, Payload
from qunying.connectors.models import Connection, Welcome
from qunying.connectors.queries import connector
from qunying.kit.errors import Invalid, Missing, Refused
from qunying.outbox.actions import Wish, order
from qunying.outbox.models import Sending

OP = "welcome.send"
FIRST = 1000
"""Before all else: everything else can wait longer than a new friend."""
LETTER_BYTES = 3
"""Of a Chinese letter."""


def greet(connection: Connection, payloads: Sequence[Payload], *, at: dt.datetime) -> int:
    """Put the declared words in line for everybody new among what was just heard; answers how many. A code is used
    once however often its payload comes; one that cannot be used in time ends unused and is counted as missed."""
    kind = connector(connection.connector)
    if kind.greets is None or not connection.is_on:
        return 0
    found = [greeting for each in payloads if (greeting := kind.greets(each.body)) is not None]
    return sum(_say(connection, greeting, at) for greeting in found)


def _say(connection: Connection, greeting: Greeting, at: dt.datetime) -> bool:
    words = welcome_for(connection, greeting.way)
    channel = lobby_of(connection)
    if words is None or channel is None:
        return False
    wish = Wish(
        OP,
        {"text": words.text},
        target=greeting.code,
        is_unsolicited=False,  # it answers the friend's own act, so it needs no consent to marketing
        on_unsupported=Sending.Fallback.SKIP,
        priority=FIRST,
        expires_at=at + dt.timedelta(seconds=greeting.seconds),
    )
    key = f"welcome:{connection.pk}:{greeting.code}"[:80]
    if not Sending.objects.filter(brand=connection.brand, key=key).exists():
        order(channel, wish=wish, key=key, at=at, cause=f"welcome:{words.pk}")
    return True


def welcome_for(connection: Connection, way: str) -> Welcome | None:
    """The words for those who came this way, else the words for everybody; None where those are off."""
    rows = {row.way: row for row in connection.welcomes.filter(way__in=["", way])}
    row = rows.get(way) or rows.get("")
    return row if row is not None and row.is_on else None


def lobby(connection: Connection, *, at: dt.datetime, by: Staff) -> Channel:
    """Where what concerns the account's friends, and its codes, is kept in line; made when first needed."""
    kind = connector(connection.connector)
    assert kind.lobby is not None  # declared by whoever greets or has codes
    chat = kind.lobby(connection.account)
    return lobby_of(connection) or seat(
        connection, chat=chat.key, name=chat.name, community=None, platform=chat.platform, at=at, by=by
    )


def lobby_of(connection: Connection) -> Channel | None:
    """The same where it is there already."""
    kind = connector(connection.connector)
    assert kind.lobby is not None  # declared by whoever greets or has codes
    chat = kind.lobby(connection.account)
    seats = connection.seats.select_related("channel__brand", "channel__community")
    found = seats.filter(channel__platform=chat.platform, channel__key=chat.key).first()
    return found.channel if found else None


@transaction.atomic
def save_welcome(
    connection: Connection, *, way: str, text: str, is_on: bool, at: dt.datetime, by: Staff
) -> Welcome:
    """What those who come this way are told from now on; the way's earlier words are replaced."""
    kind = connector(connection.connector)
    if kind.lobby is None:
        raise Refused("connectors.no_welcome", name=str(kind.label))
    if not text:
        raise Invalid("connectors.welcome_empty")
    if kind.longest is not None and not kind.longest.holds(text):
        limit = kind.longest.size
        raise Invalid("connectors.welcome_long", limit=limit, letters=limit // LETTER_BYTES)
    longest_way = Welcome._meta.get_field("way").max_length or 0
    if len(way) > longest_way:
        raise Invalid("connectors.way_long", limit=longest_way)
    lobby(connection, at=at, by=by)
    row, _new = Welcome.objects.update_or_create(
        connection=connection, way=way, defaults={"text": text, "is_on": is_on}
    )
    about = f"connection:{connection.pk}"
    log(connection.brand, by=by, deed="welcome.saved", about=about, at=at, after={"text": text[:200]})
    return row


@transaction.atomic
def drop_welcome(connection: Connection, *, welcome: int, at: dt.datetime, by: Staff) -> None:
    """Nobody is told this any more."""
    row = connection.welcomes.filter(pk=welcome).first()
    if row is None:
        raise Missing("brands.not_found")
    row.delete()
    about = f"connection:{connection.pk}"
    log(connection.brand, by=by, deed="welcome.removed", about=about, at=at, before={"text": row.text[:200]})

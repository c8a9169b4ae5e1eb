"""Carry what is due to its platform: within the platform's limits, once, and write down what became of it."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from qunying.connectors.live.connector import Action, Connector, Means
from qunying.connectors.live.images import Image
from qunying.connectors.live.wire import KeyRefused, LostError, Wire
from qunying.connectors.models import Connection
from qunying.connectors.queries import connector
from qunying.jobs.actions import database_now
from qunying.kit import days
from qunying.kit.errors import Invalid, QunyingError, Upstream
from qunying.outbox.actions import (
    Limit,
    awaited,
    claim,
    conclude,
    contents,
    depart,
    doubtful,
    known_ids,
    put_back,
    settle_awaited,
    settle_doubt,
    shut,
    take,
)
from qunying.outbox.models import Sending
from qunying.outbox.outcomes import Outcome, Result

MOST = 200
"""Sendings of one round, so that other work gets its turn."""
UNLIMITED = 10_000
"""What the bucket of one op holds, which only the platform's word shuts."""
FIRST_SECONDS, LONGEST_SECONDS = 1.0, 60.0
"""How long nothing is tried after the platform was found away: twice as long each time."""


def deliver(connection: Connection, wire: Wire) -> int:
    """Everything that is due where this connection speaks; answers how many were tried. KeyRefused when the platform
    does not take our keys: then all that is due stays as it is, in its order. Nothing while the platform is away: one
    try at growing intervals tells when it is back."""
    kind = connector(connection.connector)
    channels = list(
        connection.seats.filter(channel__platform=kind.platform).values_list("channel", flat=True)
    )
    tried = 0
    while tried < MOST and not _rests(wire) and (row := claim(channels, now=database_now())) is not None:
        tried += 1
        _carry(kind, wire, connection, row)
    return tried


def _carry(kind: Connector, wire: Wire, connection: Connection, row: Sending) -> None:
    now = database_now()
    own = Limit(f"{connection.pk}:op:{row.op}", UNLIMITED, 1)
    limits = [own, *limits_of(kind, connection, row)]
    wait = take(limits, now=now)
    if wait:
        put_back(row, until=now + dt.timedelta(seconds=wait))
        return
    if not depart(row, now=now):
        put_back(row, until=now)
        return
    try:
        outcome = _perform(kind, wire, row)
    except KeyRefused:
        put_back(row, until=now)  # it is first again when there are keys that open
        raise
    if outcome.result == Result.THROTTLED:
        until = now + dt.timedelta(seconds=max(outcome.retry_seconds, 1))
        shut([limit.key for limit in limits if _is_meant(limit, connection, outcome)], until=until)
    conclude(row, outcome=_rested(wire, outcome), now=database_now())


def _is_meant(limit: Limit, connection: Connection, outcome: Outcome) -> bool:
    """Whether the platform's word to wait is about this bucket: what the whole account shares only if it says so."""
    return outcome.is_account_wide or not limit.key.startswith(f"{connection.pk}:account:")


def _rests(wire: Wire) -> bool:
    return bool(time.monotonic() < wire.memory.get("away", (0.0, 0.0))[0])


def _rested(wire: Wire, outcome: Outcome) -> Outcome:
    """The same, with how long to wait where the platform is away; any answer from it ends that."""
    if outcome.result != Result.AWAY:
        wire.memory.pop("away", None)
        return outcome
    last = wire.memory.get("away", (0.0, 0.0))[1]
    pause = min(LONGEST_SECONDS, max(FIRST_SECONDS, last * 2))
    wire.memory["away"] = (time.monotonic() + pause, pause)
    return replace(outcome, retry_seconds=pause)


def _action(row: Sending) -> Action:
    return Action(row.op, row.channel.key, row.target, row.params, row.wire)


def limits_of(kind: Connector, connection: Connection, row: Sending) -> list[Limit]:
    """The buckets this sending draws from: of the account and of the group."""
    where = {"account": f"{connection.pk}", "group": f"{connection.pk}:{row.channel_id}"}
    return [
        Limit(f"{where[rate.per]}:{rate.per}:{rate.op}", rate.size, rate.seconds)
        for rate in kind.rates
        if row.op.startswith(rate.op)
    ]


def _perform(kind: Connector, wire: Wire, row: Sending) -> Outcome:
    """One try. What the connector did not foresee is unknown, since the request may have left."""
    ability = kind.abilities.get(row.op)
    if kind.perform is None or ability is None or ability.means == Means.NONE:
        return Outcome(Result.UNSUPPORTED, words=ability.words if ability else "")
    lost: dict[int, float] = wire.memory.setdefault("lost", {})
    if row.pk in lost and time.monotonic() > lost[row.pk] + kind.dedupe_seconds:
        del lost[row.pk]  # the platform may have forgotten the first one
        return Outcome(Result.UNKNOWN, code="connectors.no_answer")
    try:
        _check_length(kind, row)
        return _said(kind, row, kind.perform(wire, replace(_action(row), images=_images(kind, row))))
    except KeyRefused:
        raise
    except LostError as error:
        if row.op not in kind.dedupes:
            return Outcome(Result.UNKNOWN, code=error.code)
        lost.setdefault(row.pk, time.monotonic())
        return Outcome(Result.LOST, code=error.code)
    except Upstream as error:
        return Outcome(Result.AWAY, code=error.code)
    except QunyingError as error:
        return Outcome(Result.REJECTED, code=error.code, words=str(error))
    except Exception as error:
        return Outcome(Result.UNKNOWN, code="connectors.broke", words=f"{type(error).__name__}: {error}")


def _images(kind: Connector, row: Sending) -> list[Image]:
    """The pictures that leave with it; none where the platform takes only words."""
    if kind.pictures is None or not row.pictures:
        return []
    return [Image(data, what.form, what.width, what.height) for what, data in contents(row)]


def _said(kind: Connector, row: Sending, outcome: Outcome) -> Outcome:
    """The same, with a word where pictures had to stay behind."""
    if kind.pictures is not None or not row.pictures or outcome.words:
        return outcome
    return replace(outcome, words=_("这里只能发文字，图片没有发出，请手动补发。"))


def _check_length(kind: Connector, row: Sending) -> None:
    """Invalid for plain words that are longer than one message may be: a platform would refuse or cut them."""
    longest, text = kind.longest, str(row.params.get("text") or "")
    is_plain = row.op == "message.create" and row.params.get("form", "text") == "text"
    if longest is not None and is_plain and not longest.holds(text):
        raise Invalid("connectors.too_much", what="text", limit=longest.size)


def seek(connection: Connection, wire: Wire) -> None:
    """Look for what went out lately and nobody knows of. What is found was sent; of the rest a person is asked, and
    nothing is ever sent again here."""
    kind = connector(connection.connector)
    if kind.look is None:
        return
    channels = list(connection.seats.values_list("channel", flat=True))
    for row in doubtful(channels, now=database_now()):
        since = days.utc_ms(row.left_at or row.created_at)
        try:
            found = kind.look(wire, _action(row), since)
        except QunyingError:
            return  # not to be asked just now
        taken = known_ids(row.channel_id)
        settle_doubt(row, ids=[each for each in found if each not in taken][:1], now=database_now())


def ask_after(connection: Connection, wire: Wire) -> None:
    """Ask what has become of one sending that waits for people to tap: within the account's limits, and never of many
    in a row, since something urgent may come in line meanwhile."""
    kind = connector(connection.connector)
    if kind.result_of is None:
        return
    channels = list(connection.seats.values_list("channel", flat=True))
    row = awaited(channels, now=database_now())
    now = database_now()
    if row is None or take(limits_of(kind, connection, row), now=now):
        return
    try:
        told = kind.result_of(wire, row.handle)
    except Upstream:
        return  # not to be asked just now
    except QunyingError:
        told = None
    settle_awaited(row, told=told, now=now)

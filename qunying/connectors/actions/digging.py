"""Fill in history: ask a platform page by page backwards for what was said before we listened, through the same door as
what comes live, so what is there already changes nothing."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable

from django.db import transaction

from qunying.brands.actions import lock, log
from qunying.brands.models import Staff
from qunying.communities.models import Channel
from qunying.connectors.actions.hearing import hear, notes_of
from qunying.connectors.live.connector import Connector, Past
from qunying.connectors.live.wire import Wire
from qunying.connectors.models import Connection, Inbound, Note
from qunying.connectors.queries import connector
from qunying.jobs.actions import database_now, start
from qunying.jobs.kinds import Tick
from qunying.jobs.models import Job
from qunying.kit import days
from qunying.kit.errors import Invalid, Refused, Upstream

KIND = "connectors.backfill"
DAYS = (7, 30, 90, 365, 3650)
PAUSE_SECONDS = 0.5
"""Between two pages, so that live deeds find the platform's limits free."""
FULL, WAIT_SECONDS = 500, 60.0
"""Payloads that may wait to be read before more are asked for, and how long we wait for that."""
PATIENCE = 5
"""Tries in a row for one page of a platform that is away or busy."""
OPEN = (Job.State.WAITING, Job.State.RUNNING, Job.State.PAUSED)
END = b"."
"""Stands in the note of a channel that is done."""


@transaction.atomic
def order_history(connection: Connection, *, back: int, at: dt.datetime, by: Staff) -> Job:
    """Have the last so many days filled in, in every group the connection hears. One such work at a time."""
    kind = connector(connection.connector)
    if kind.history is None:
        raise Refused("connectors.no_history", platform=str(kind.label))
    if back not in DAYS:
        raise Invalid("connectors.no_such_span")
    lock(connection.brand)
    if Job.objects.filter(
        brand=connection.brand, kind=KIND, args__connection=connection.pk, state__in=OPEN
    ).exists():
        raise Refused("connectors.digging_already", name=connection.name)
    about, after = f"connection:{connection.pk}", {"days": back}
    log(connection.brand, by=by, deed="history.ordered", about=about, at=at, after=after)
    args = {"connection": connection.pk, "days": back}
    return start(connection.brand, kind=KIND, args=args, at=at, staff=by)


def dig(connection: Connection, wire: Wire, *, job: Job, back: int, tick: Tick) -> dict[str, object]:
    """The work itself, from where an earlier run of the same job stopped. Answers how many messages were seen, how many
    were new, and which groups we may not read."""
    kind = connector(connection.connector)
    since = days.utc_ms(job.created_at - dt.timedelta(days=back))
    channels = Channel.objects.filter(seats__connection=connection, platform=kind.platform).order_by("pk")
    seen = new = 0
    closed = []
    for channel in channels:
        spot = f"backfill {job.pk} {channel.key}"[:200]
        before = notes_of(connection, spot, 1).get(spot, b"").decode()
        while before != END.decode():
            try:
                page = _asked(kind, wire, channel.key, before)
            except Invalid:
                closed.append(str(channel))
                break
            is_last = not page.before or page.before == before or 0 < page.oldest < since
            before = END.decode() if is_last else page.before
            now = database_now()
            new += hear(connection, page.payloads, at=now, notes={spot: before.encode()}, is_live=False)
            seen += len(page.payloads)
            tick(seen, 0)
            threading.Event().wait(PAUSE_SECONDS)
            _let_read(connection, most=FULL, tick=lambda: tick(seen, 0))  # noqa: B023  # called at once
    if kind.relate is not None:
        _let_read(connection, most=0, tick=lambda: tick(seen, 0))
        _read_again(connection, since=job.created_at)
    _forget(connection, job)
    return {"seen": seen, "new": new, "closed": closed}


def _asked(kind: Connector, wire: Wire, chat: str, before: str) -> Past:
    """One page; a platform that is busy or away is asked again in a while, but not for ever."""
    assert kind.history is not None  # such work is ordered only where it is declared
    for left in reversed(range(PATIENCE)):
        try:
            return kind.history(wire, chat, before)
        except Upstream as error:
            if not left:
                raise
            threading.Event().wait(min(30.0, float(error.details.get("seconds") or 2)))
    raise AssertionError


def _let_read(connection: Connection, *, most: int, tick: Callable[[], None]) -> None:
    """Wait until so few payloads wait to be read, so that what comes live is not held up behind history."""
    end = time.monotonic() + WAIT_SECONDS
    while connection.inbound.filter(state=Inbound.State.WAITING).count() > most and time.monotonic() < end:
        tick()
        threading.Event().wait(PAUSE_SECONDS)


@transaction.atomic
def _read_again(connection: Connection, *, since: dt.datetime) -> None:
    """What spoke of something older could not be read before that came; now it is there."""
    stuck = connection.inbound.filter(state=Inbound.State.POISON, received_at__gte=since)
    stuck.update(state=Inbound.State.WAITING, attempts=0, reason="")


@transaction.atomic
def _forget(connection: Connection, job: Job) -> None:
    Note.objects.filter(connection=connection, key__startswith=f"backfill {job.pk} ").delete()


def drop_history(job: Job, _at: dt.datetime) -> None:
    """The notes of work that ended while nobody was at it."""
    held = Connection.objects.filter(brand=job.brand, pk=job.args.get("connection"))
    for connection in held:
        _forget(connection, job)

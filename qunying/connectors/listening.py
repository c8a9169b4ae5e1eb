"""The loop of `qunying listen`: for each connection one thread that asks its platform what is new or talks with it over
a socket, and one that carries out what is due, started and ended as connections are opened, paused and changed; and one
that tells programs outside what happens here."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connections

from qunying.connectors.actions import hear, note_failure, take_asked, wire_of
from qunying.connectors.delivering import ask_after, deliver, seek
from qunying.connectors.doorway import Doorway, Guest
from qunying.connectors.live.connector import Asked, Payload
from qunying.connectors.live.wire import Wire
from qunying.connectors.models import Connection
from qunying.connectors.queries import connector
from qunying.jobs.actions import database_now
from qunying.jobs.kinds import LISTEN
from qunying.jobs.worker import work_off
from qunying.kit.errors import Missing, QunyingError, Upstream
from qunying.webhooks.courier import Courier

LOOK_SECONDS = 1.0
IDLE_SECONDS = 0.3
FAILED_SECONDS = 1.0
"""How long a line rests after its first failure; twice as long after each further one."""
LONGEST_SECONDS = 300.0
ROUSED_SECONDS = 5.0
"""So long it rests at least, whoever knocks: a platform that speaks and does not answer is not asked all the time."""
STEADY_SECONDS = 60.0
FIRST_SECONDS = 0.2
STOP_SECONDS = 10.0


def listen(until: threading.Event) -> None:
    """Listen and speak until told to stop; an answer in hand is stored first."""
    lines: dict[tuple[int, type[Line]], Line] = {}
    doorway, courier, digger = Doorway.opened(), Courier(), Digger()
    courier.start()
    digger.start()
    while not until.is_set():
        close_old_connections()
        with contextlib.suppress(
            OperationalError, InterfaceError
        ):  # the database is away: all goes on as it is
            _tend(lines)
            if doorway:
                talkers = [line for line in lines.values() if isinstance(line, Talker)]
                doorway.guests = {line.row.hook: line.guest() for line in talkers}
        until.wait(LOOK_SECONDS)
    threads: list[Courier | Digger | Line] = [courier, digger, *lines.values()]
    for thread in threads:
        thread.stop()
    if doorway:
        doorway.close()
    end = time.monotonic() + STOP_SECONDS
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))


def _tend(lines: dict[tuple[int, type[Line]], Line]) -> None:
    """End the lines nobody wants any more, begin those that are missing."""
    rows = list(Connection.objects.select_related("brand"))
    wanted = {(row.pk, kind): row for row in rows for kind in _kinds(row)}
    for key in [key for key, line in lines.items() if key not in wanted or line.is_stale(wanted[key])]:
        lines.pop(key).stop()
    for key, line in lines.items():
        line.rouse(wanted[key])
    for key in wanted.keys() - lines.keys():
        lines[key] = key[1](wanted[key], _wire(wanted[key], lines.values()))
        lines[key].start()


def _kinds(row: Connection) -> list[type[Line]]:
    """A paused one still stores what is pushed to it over a socket, which would not come again; one whose connector
    this version does not have waits for a version that does. Where nothing can be said, what is ordered all the same
    still becomes what the platform declares instead."""
    try:
        kind = connector(row.connector)
    except Missing:
        return []
    declared = (kind.ask, Ear), (kind.talk, Talker), (True, Mouth)
    return [line for means, line in declared if means and (row.is_on or line is Talker)]


def _wire(row: Connection, lines: Iterable[Line]) -> Wire:
    """All lines of a connection share one wire, so what is said goes over the socket that hears."""
    for line in lines:
        if line.row.pk == row.pk and bytes(line.row.secrets) == bytes(row.secrets):
            return line.wire
    return wire_of(row)


class Digger(threading.Thread):
    """Does the long work that asks platforms, one after the other."""

    def __init__(self) -> None:
        super().__init__(name="Digger", daemon=True)
        self.ended = threading.Event()

    def stop(self) -> None:
        self.ended.set()

    def run(self) -> None:
        while not self.ended.wait(LOOK_SECONDS):
            close_old_connections()
            with contextlib.suppress(DatabaseError, InterfaceError):
                work_off("listen", LISTEN)
        connections.close_all()


class Line(threading.Thread, ABC):
    """One connection's thread; after a failure it rests twice as long each time, unless it is roused."""

    def __init__(self, row: Connection, wire: Wire) -> None:
        super().__init__(name=f"{type(self).__name__}-{row.pk}", daemon=True)
        self.row, self.wire, self.kind = row, wire, connector(row.connector)
        self.ended, self.roused = threading.Event(), threading.Event()
        self.failed: float | None = None
        """When the platform was last found away, on our own clock; None while it answers."""

    def guest(self) -> Guest:
        return Guest(self.kind, self.wire, self.ended)

    def is_stale(self, row: Connection) -> bool:
        """Whether its keys or settings have changed, or it died."""
        told = (bytes(row.secrets), row.settings)
        return told != (bytes(self.row.secrets), self.row.settings) or not self.is_alive()

    def rouse(self, row: Connection) -> None:
        """End the rest if the platform was heard since it began, or a person wants it tried now."""
        is_wanted = row.failure is None or "wanted" in row.failure
        if is_wanted and self.failed is not None and time.monotonic() - self.failed >= ROUSED_SECONDS:
            self.wire.memory.pop("away", None)
            self.roused.set()

    def stop(self) -> None:
        self.ended.set()
        self.roused.set()

    def run(self) -> None:
        try:
            self._go_on()
        finally:
            connections.close_all()

    def _go_on(self) -> None:
        pause = 0.0
        while not self._rested(pause):
            close_old_connections()
            try:
                pause, self.failed = (0.0 if self.once() else IDLE_SECONDS), None
            except (QunyingError, DatabaseError) as error:
                pause = min(LONGEST_SECONDS, max(FAILED_SECONDS, pause * 2)) * random.uniform(0.8, 1.2)  # noqa: S311
                if isinstance(error, QunyingError):
                    note_failure(self.row, error, at=database_now())
                    self.failed = time.monotonic()

    def _rested(self, pause: float) -> bool:
        """Wait so long, or until roused; whether this is the end."""
        self.roused.wait(pause)
        self.roused.clear()
        return self.ended.is_set()

    @abstractmethod
    def once(self) -> bool:
        """One round; whether there was anything to do."""


class Ear(Line):
    """Asks what is new, over and over."""

    def once(self) -> bool:
        assert self.kind.ask is not None  # only such connections get an ear
        asked = self.kind.ask(self.wire, self.row.position)
        if self.ended.is_set():
            return False
        take_asked(self.row, asked, at=database_now())
        return bool(asked.payloads)


class Talker(Line):
    """Talks over a socket. Sockets acknowledge nothing, so what was read is stored before more is read."""

    def once(self) -> bool:
        assert self.kind.talk is not None  # only such connections get a talker
        self.wire.memory.setdefault("position", self.row.position)
        began = time.monotonic()
        try:
            self.kind.talk(self.wire, self.store, self.ended)
        except Upstream as error:
            if time.monotonic() - began < STEADY_SECONDS:
                raise
            note_failure(self.row, error, at=database_now())  # it held for long: try again at once
        except (QunyingError, DatabaseError):
            raise
        except Exception as error:
            raise Upstream("connectors.talk_broke", words=f"{type(error).__name__}: {error}"[:200]) from error
        return False

    def store(self, payloads: Sequence[Payload], position: str | None = None, /) -> None:
        """Until it is on disk. Meanwhile nothing is read, the socket fills and the other side waits."""
        pause = FIRST_SECONDS
        while True:
            try:
                if position is None:
                    hear(self.row, payloads, at=database_now())
                else:
                    take_asked(self.row, Asked(tuple(payloads), position), at=database_now())
                return
            except (OperationalError, InterfaceError):
                close_old_connections()
                if self.ended.wait(pause):
                    raise
                pause = min(5.0, pause * 2)


class Mouth(Line):
    """Carries out what is due, looks for what may have arrived, and asks what people have tapped."""

    def once(self) -> bool:
        tried = deliver(self.row, self.wire)
        seek(self.row, self.wire)
        ask_after(self.row, self.wire)
        return tried > 0

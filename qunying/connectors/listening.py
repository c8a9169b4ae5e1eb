"""The loop of `qunying listen`: for each connection one thread that asks its platform what is new and one that carries
out what is due, started and ended as connections are opened, paused and changed."""

from __future__ import annotations

import random
import threading

from django.db import DatabaseError, close_old_connections

from qunying.connectors.actions import keys_of, note_failure, take_asked
from qunying.connectors.delivering import deliver
from qunying.connectors.live.wire import Wire
from qunying.connectors.models import Connection
from qunying.connectors.queries import connector
from qunying.jobs.actions import database_now
from qunying.kit.errors import QunyingError

LOOK_SECONDS = 1.0
IDLE_SECONDS = 0.3
LONGEST_SECONDS = 300.0


def listen(until: threading.Event) -> None:
    """Listen and speak until told to stop; an answer in hand is stored first."""
    lines: dict[tuple[int, type[Line]], Line] = {}
    while not until.is_set():
        close_old_connections()
        wanted = {(row.pk, kind): row for row in _on() for kind in _kinds(row)}
        for key in [key for key, line in lines.items() if key not in wanted or line.is_stale(wanted[key])]:
            lines.pop(key).stop()
        for key in wanted.keys() - lines.keys():
            lines[key] = key[1](wanted[key])
            lines[key].start()
        until.wait(LOOK_SECONDS)
    for line in lines.values():
        line.stop()


def _on() -> list[Connection]:
    return list(Connection.objects.filter(state=Connection.State.ON).select_related("brand"))


def _kinds(row: Connection) -> list[type[Line]]:
    kind = connector(row.connector)
    return [*([Ear] if kind.ask else []), *([Mouth] if kind.perform else [])]


class Line(threading.Thread):
    """One connection's thread; after a failure it waits twice as long each time."""

    def __init__(self, row: Connection) -> None:
        super().__init__(name=f"{type(self).__name__}-{row.pk}", daemon=True)
        self.row, self.kind = row, connector(row.connector)
        self.wire = Wire(keys_of(row), self.kind.hosts, row.hook)
        self.ended = threading.Event()

    def is_stale(self, row: Connection) -> bool:
        """Whether its keys have changed, or it died."""
        return bytes(row.secrets) != bytes(self.row.secrets) or not self.is_alive()

    def stop(self) -> None:
        self.ended.set()

    def run(self) -> None:
        pause = 0.0
        while not self.ended.wait(pause):
            close_old_connections()
            try:
                pause = 0.0 if self.once() else IDLE_SECONDS
            except (QunyingError, DatabaseError) as error:
                pause = min(LONGEST_SECONDS, max(1.0, pause * 2)) * random.uniform(0.8, 1.2)  # noqa: S311
                if isinstance(error, QunyingError):
                    note_failure(self.row, error, at=database_now())

    def once(self) -> bool:
        """One round; whether there was anything to do."""
        raise NotImplementedError


class Ear(Line):
    """Asks what is new, over and over."""

    def once(self) -> bool:
        assert self.kind.ask is not None  # only such connections get an ear
        asked = self.kind.ask(self.wire, self.row.position)
        if self.ended.is_set():
            return False
        take_asked(self.row, asked, at=database_now())
        return bool(asked.payloads)


class Mouth(Line):
    """Carries out what is due."""

    def once(self) -> bool:
        return deliver(self.row, self.wire) > 0

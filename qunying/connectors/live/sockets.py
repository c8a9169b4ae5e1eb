"""Talking over one open socket: reading in batches, asking and waiting for the answer that names the question."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Iterator, Mapping
from queue import Empty, SimpleQueue
from typing import Any

import orjson
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State
from websockets.sync.connection import Connection

from qunying.connectors.live.wire import LostError
from qunying.kit.errors import Upstream

Record = Mapping[str, Any]
READ_SECONDS = 0.25
MOST = 200


def batches(line: Connection, until: threading.Event) -> Iterator[list[str | bytes]]:
    """What comes, together with what is there already; an empty list when nothing came for a moment. Ends when the
    event is set or the line is closed."""
    while not until.is_set():
        frames: list[str | bytes] = []
        try:
            frames.append(line.recv(timeout=READ_SECONDS))
            while len(frames) < MOST:
                frames.append(line.recv(timeout=0))
        except TimeoutError:
            yield frames
        except ConnectionClosed:
            if frames:
                yield frames
            return
        else:
            yield frames


class Socket:
    """One open line on which answers carry the `echo` of their question. Any thread may ask; one thread reads."""

    def __init__(self, line: Connection, *, name: str) -> None:
        self.line, self.name = line, name
        self._waiting: dict[str, SimpleQueue[Record | None]] = {}

    def ask(self, question: Record, *, seconds: float) -> Record:
        """The answer. Upstream when the line is closed already, LostError when no answer comes any more."""
        if self.line.state is not State.OPEN:
            raise Upstream("connectors.no_socket")
        echo = secrets.token_hex(8)
        box = self._waiting[echo] = SimpleQueue()
        try:
            self.line.send(orjson.dumps({**question, "echo": echo}).decode())
            answer = box.get(timeout=seconds)
        except (ConnectionClosed, Empty, OSError):
            answer = None
        finally:
            del self._waiting[echo]
        if answer is None:
            raise LostError("connectors.no_answer", host=self.name)
        return answer

    def post(self, question: Record) -> None:
        """Ask without waiting; the reader sees the answer. Where the line is gone, nobody will."""
        with contextlib.suppress(ConnectionClosed, OSError):
            self.line.send(orjson.dumps(question).decode())

    def hand(self, answer: Record) -> None:
        """Give the answer to whoever asked; one that nobody waits for any more is dropped."""
        box = self._waiting.get(str(answer.get("echo")))
        if box is not None:
            box.put(answer)

    def give_up(self) -> None:
        """The line is gone: nobody waits any longer."""
        for box in list(self._waiting.values()):
            box.put(None)

"""Talks whose ears only remember."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import orjson

from qunying.connectors.live.connector import Connector, Payload
from qunying.connectors.live.wire import Wire
from qunying.kit.errors import Upstream


class Talking:
    """A talker's thread with ears that only remember."""

    def __init__(self, kind: Connector, wire: Wire) -> None:
        self.kind, self.wire, self.until = kind, wire, threading.Event()
        self.heard: list[Payload] = []
        self.alive = 0
        self.position: str | None = None
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        assert self.kind.talk is not None
        while not self.until.wait(0.02):
            try:
                self.kind.talk(self.wire, self.ears, self.until)
            except Exception as error:
                self.error = error
                if not isinstance(error, Upstream):
                    return

    def ears(self, payloads: Sequence[Payload], position: str | None = None, /) -> None:
        self.heard += payloads
        self.alive += not payloads
        self.position = position or self.position

    def names(self) -> list[str]:
        return [payload.key for payload in self.heard]

    def events(self) -> list[dict[str, object]]:
        return [orjson.loads(payload.body) for payload in self.heard]


def eventually(what: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not what():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.01)


@contextmanager
def talking(kind: Connector, wire: Wire) -> Iterator[Talking]:
    talk = Talking(kind, wire)
    try:
        yield talk
    finally:
        talk.until.set()
        talk.thread.join(10)
        assert not talk.thread.is_alive()

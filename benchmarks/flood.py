"""One group in uproar: how long the others wait for their answers while it pushes thousands of rows a second, and without
it. Each of the others sends a row, waits for the answer and a little, and sends the next."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import orjson

from benchmarks.ingest import OURS
from benchmarks.load import at_once, send_all
from benchmarks.places import CHATS, Place

TOGETHER, A_SECOND, LINES = 100, 10_000, 4
PAUSE_SECONDS = 0.02


@dataclass(frozen=True)
class Flooded:
    """95 % of the others were answered within so many seconds; what the loud group was answered, by status; how many
    of its rows a second were offered."""

    quiet: float
    loud: float
    answers: Counter[int]
    offered: float


def flood(place: Place, port: int, *, seconds: float) -> Flooded:
    """The same others first alone, then beside the loud group."""
    waits = Others(place, port, "alone")
    quiet = waits.run(seconds)
    with Loud(place, port).at_work() as loud:
        began = time.monotonic()
        beside = Others(place, port, "beside").run(seconds)
        took = time.monotonic() - began
    return Flooded(quiet, beside, loud.answers, loud.answers.total() * TOGETHER / took)


def told(name: str, chat: str) -> dict[str, object]:
    who = {"scheme": "forum.user", "value": f"u{hash(name) % 50}", "name": "茶友"}
    return {
        "id": name, "kind": "message", "at": int(time.time() * 1000), "platform": "forum", "chat": chat, "who": who,
        "text": name,
    }  # fmt: skip


class Others:
    """All groups but the first, one after the other over one line."""

    def __init__(self, place: Place, port: int, name: str) -> None:
        self.place, self.port, self.name = place, port, f"{name}-{time.time_ns()}"

    def run(self, seconds: float) -> float:
        """The 95th of a hundred waits."""
        waits, end = list[float](), time.monotonic() + seconds
        while time.monotonic() < end:
            body = orjson.dumps([told(f"{self.name}-{len(waits)}", CHATS[1 + len(waits) % (len(CHATS) - 1)])])
            began = time.monotonic()
            (answer,) = send_all(self.port, OURS.path, self.place.token, [body], at_once=1)
            if answer.status != 200:
                raise RuntimeError(f"another group was answered {answer.status}")
            waits.append(time.monotonic() - began)
            time.sleep(PAUSE_SECONDS)
        return sorted(waits)[int(len(waits) * 0.95)]


class Loud:
    """The first group, as many rows a second as it wants, whatever it is answered."""

    def __init__(self, place: Place, port: int) -> None:
        self.place, self.port, self.answers = place, port, Counter[int]()
        self.over = threading.Event()

    @contextmanager
    def at_work(self) -> Iterator[Loud]:
        with at_once(self._push, LINES, self.over):
            yield self

    def _push(self, number: int) -> None:
        name, at, due = f"loud-{number}-{time.time_ns()}", 0, time.monotonic()
        while not self.over.wait(max(0.0, due - time.monotonic())):
            due = max(due, time.monotonic() - 1) + TOGETHER * LINES / A_SECOND
            body = orjson.dumps([told(f"{name}-{at + place}", CHATS[0]) for place in range(TOGETHER)])
            (answer,) = send_all(self.port, OURS.path, self.place.token, [body], at_once=1)
            self.answers[answer.status] += 1
            at += TOGETHER

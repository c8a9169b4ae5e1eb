"""How fast rows come in over HTTP and are on disk, in the sets and answered: POST /api/v1/facts beside the same endpoint as
an ordinary view over the same storage (benchmarks/ingest_peers.py). One server process each, every one with a copy of
the same home, the same rows with 4 % told twice; what was answered and what is stored are compared before the times.

SQLite; and PostgreSQL where the machine has it. A row's name says our facts a second.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import orjson

from benchmarks import places
from benchmarks.histories import LETTERS
from benchmarks.load import Answer, granian, send_all
from benchmarks.places import Place, ask
from benchmarks.table import Row

ROUNDS = 3
PEOPLE = 1000
FIRST_MS = 1_772_323_200_000  # 2026-03-01


@dataclass(frozen=True)
class Server:
    """One way to serve the endpoint."""

    interface: str
    application: str
    path: str
    is_array: bool = False


OURS = Server("asginl", "qunying.asgi:application", "/api/v1/facts")
PLAIN = Server("wsgi", "benchmarks.ingest_peers:wsgi", "/plain")
ASYNC = Server("asgi", "benchmarks.ingest_peers:asgi", "/async")
TYPED = Server("wsgi", "benchmarks.ingest_peers:wsgi", "/typed/facts", is_array=True)


@dataclass(frozen=True)
class Load:
    """So many requests of so many rows over so many connections, sent to each of the servers."""

    name: str
    requests: int
    rows: int
    at_once: int
    peers: dict[str, Server]

    @property
    def facts(self) -> int:
        return self.requests * self.rows


LOADS = (
    Load("1,000 a request", 40, 1000, 8, {"typed view": TYPED}),
    Load("1 a request", 1000, 1, 32, {"plain view": PLAIN, "async view": ASYNC}),
)


def measure() -> Iterator[Row]:
    """Rounds of every load, servers taking turns, on each database."""
    from tests.databases import postgresql

    with tempfile.TemporaryDirectory(prefix="qunying-bench-") as folder:
        yield from compare_all(Path(folder) / "sqlite", "SQLite", "")
    with tempfile.TemporaryDirectory(prefix="qunying-bench-") as folder, postgresql(durable=True) as url:
        if url:
            yield from compare_all(Path(folder) / "postgresql", "PostgreSQL", url)


def compare_all(folder: Path, database: str, url: str) -> Iterator[Row]:
    first = places.first_place(folder, url)
    for load in LOADS:
        servers = {"ours": OURS, **load.peers}
        taken: dict[str, list[float]] = {name: [] for name in servers}
        kept: dict[str, set[bytes]] = {name: set() for name in servers}
        rows = told(load)
        for _ in range(ROUNDS):
            for name, server in servers.items():
                place = places.another(first, folder / f"b{os.urandom(6).hex()}")
                seconds, state = run(place, server, load, rows)
                taken[name].append(seconds)
                kept[name].add(state)
        ours = statistics.median(taken["ours"])
        for name in load.peers:
            label = f"{database}, {load.name}, {load.facts / ours:,.0f} facts/s (peer: {name})"
            same = kept[name] == kept["ours"] and len(kept[name]) == 1
            yield Row(label, ours / load.facts, statistics.median(taken[name]) / load.facts, same)


def told(load: Load) -> list[list[dict[str, object]]]:
    """The rows of each request: words of many people in five groups, one in 25 told again later."""
    draw = random.Random(load.rows)
    fresh = [one(PEOPLE + number, draw) for number in range(load.facts)]
    for place in range(100, load.facts):
        if draw.random() < 0.04:
            fresh[place] = fresh[place - draw.randint(1, 100)]
    return [fresh[start : start + load.rows] for start in range(0, load.facts, load.rows)]


def one(number: int, draw: random.Random) -> dict[str, object]:
    person = int(PEOPLE * draw.random() ** 2)
    return {
        "id": f"m{number}-{draw.getrandbits(64):x}",
        "kind": "message",
        "at": FIRST_MS + number * 97,
        "platform": places.PLATFORM,
        "chat": home(person),
        "who": who(person),
        "text": "".join(draw.choices(LETTERS, k=draw.randint(4, 24))),
    }


def home(person: int) -> str:
    return places.CHATS[person % len(places.CHATS)]


def who(number: int) -> dict[str, object]:
    return {"scheme": "forum.user", "value": f"u{number}", "name": f"茶友{number}"}


def run(
    place: Place, server: Server, load: Load, rows: Sequence[Sequence[dict[str, object]]]
) -> tuple[float, bytes]:
    """Seconds for all requests once everybody is known, and a digest of what was answered and stored."""
    draw = random.Random(0)
    people = [{**one(n, draw), "who": who(n), "chat": home(n)} for n in range(PEOPLE)]
    known, *bodies = (body_of(some, server) for some in (people, *rows))
    with granian(place, server.interface, server.application) as port:
        send_all(port, server.path, place.token, [known], at_once=1)
        start = time.perf_counter()
        answers = send_all(port, server.path, place.token, bodies, at_once=load.at_once)
        seconds = time.perf_counter() - start
    return seconds, blake2b(repr((outcome(answers), stored(place))).encode()).digest()


def body_of(rows: Sequence[dict[str, object]], server: Server) -> bytes:
    return orjson.dumps(rows) if server.is_array else b"\n".join(map(orjson.dumps, rows))


def outcome(answers: Sequence[Answer]) -> object:
    """How many rows were new, known and faulty in all; which request of two was first is chance."""
    told = [answer.told for answer in answers]
    sums = {name: sum(int(str(each[name])) for each in told) for name in ("accepted", "known")}
    return {answer.status for answer in answers}, sums, [each["faults"] for each in told if each["faults"]]


def stored(place: Place) -> list[object]:
    """Facts and texts as they lie in the tables."""
    facts = "SELECT source_key, kind, happened_at, value, marks, likeness FROM facts_fact"
    texts = "SELECT source_key, text FROM communities_message"
    return [sorted((bytes(row[0]), *row[1:]) for row in ask(place, words)) for words in (facts, texts)]

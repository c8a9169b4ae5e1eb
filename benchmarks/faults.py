"""What is acknowledged stays: kill -9 at random moments while programs push rows to POST /api/v1/facts and tell again what
was not answered, and some of what was. Afterwards every acknowledged row must be stored, and none twice.

Rows: seconds until the service answered again (median); `equal` says that nothing was lost or doubled. Killed are the web
server on SQLite, and on PostgreSQL the web server and the database itself, where the machine has one; and on both the
worker and the listener while jobs order messages and messages leave (benchmarks/workers.py). Numbers of goals are those
of reliability.md §5, their figures stand in brackets.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from benchmarks import places, workers
from benchmarks.flood import flood
from benchmarks.ingest import FIRST_MS, OURS, home, who
from benchmarks.load import at_once, free_port, send_all, start
from benchmarks.places import Place, ask
from benchmarks.table import Row
from tests import databases

KILLS = int(os.environ.get("QUNYING_BENCH_KILLS", "12"))
PUSHERS, TOGETHER = 4, 20


@dataclass(frozen=True)
class Outcome:
    """What became of the acknowledged rows, and how long each kill kept the service away."""

    acknowledged: int
    lost: int
    doubled: int
    away: tuple[float, ...]

    @property
    def is_whole(self) -> bool:
        return self.acknowledged > 0 and (self.lost, self.doubled) == (0, 0)


@dataclass
class Pushers:
    """Programs that push rows until stopped; what was answered with 200 is theirs no longer."""

    place: Place
    port: int
    acknowledged: set[str] = field(default_factory=set)
    last_answer: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self) -> Iterator[Pushers]:
        with at_once(self._push, PUSHERS, self.over):
            yield self

    def _push(self, number: int) -> None:
        draw, told, at = random.Random(number), list[str](), 0
        while not self.over.is_set():
            ids = [f"p{number}-{at + place}" for place in range(TOGETHER)]
            at += TOGETHER
            if told and draw.random() < 0.1:
                ids += draw.sample(told, 5)
            body = b"\n".join(orjson.dumps(row(each)) for each in ids)
            while not self.over.is_set():
                (answer,) = send_all(self.port, OURS.path, self.place.token, [body], at_once=1)
                if answer.status == 200:
                    self.acknowledged.update(ids)
                    told += ids
                    self.last_answer = time.monotonic()
                    break


def row(name: str) -> dict[str, object]:
    """What is told under this name, the same every time."""
    draw = random.Random(name)
    person = draw.randrange(200)
    return {
        "id": name,
        "kind": "message",
        "at": FIRST_MS + draw.randrange(10**8),
        "platform": places.PLATFORM,
        "chat": home(person),
        "who": who(person),
        "text": name,
    }


def measure() -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="qunying-bench-") as folder:
        place = places.first_place(Path(folder))
        fresh = places.another(
            place, Path(folder) / "hands"
        )  # whoever starts counts what is there, so little is
        yield as_row(
            "goal 1: kill -9 of the web server, SQLite", kill_web(place, KILLS), "≥ 150,000, 12 kills"
        )
        yield from flooded(place)
        yield from workers_killed(fresh, "SQLite")
    with (
        tempfile.TemporaryDirectory(prefix="qunying-bench-") as folder,
        databases.postgresql(durable=True) as url,
    ):
        if url:
            place = places.first_place(Path(folder), url)
            fresh = places.another(place, Path(folder) / "hands")
            web = kill_web(place, KILLS)
            yield as_row("goal 1: kill -9 of the web server, PostgreSQL", web, "≥ 150,000, 12 kills")
            database = kill_database(place, max(KILLS // 2, 1))
            yield as_row("goal 2: kill -9 of PostgreSQL", database, "≥ 40,000, 5 kills")
            yield from workers_killed(fresh, "PostgreSQL")


def as_row(what: str, found: Outcome, goal: str) -> Row:
    name = (
        f"{what} ×{len(found.away)}: {found.acknowledged:,} acknowledged ({goal}), {found.lost} lost, "
        f"{found.doubled} doubled; away"
    )
    return Row(name, statistics.median(found.away), None, found.is_whole)


def flooded(place: Place) -> Iterator[Row]:
    """How much longer the others wait for their answers beside one group in uproar; the goal is less than twice."""
    with Web(place) as server:
        found = flood(place, server.port, seconds=5)
    name = (
        f"case 16: 95 % of the others answered beside a group that offers {found.offered:,.0f} rows a second "
        f"(10,000; it was told to wait {found.answers[429]} times of {found.answers.total()}); peer: without it"
    )
    yield Row(name, found.loud, found.quiet, found.loud < 2 * found.quiet)


def workers_killed(place: Place, database: str) -> Iterator[Row]:
    """The same kills seen from the jobs and from the messages they order."""
    found = workers.kill_workers(place, max(KILLS * 5 // 3, 2))
    times, away = len(found.away), statistics.median(found.away)
    jobs = (
        f"goal 3: kill -9 of worker and listener, {database} ×{times}: {found.jobs} jobs (200, 20 kills), "
        f"{found.lost} lost, {found.phantom} phantom, {found.again} run again; away"
    )
    yield Row(jobs, away, None, found.jobs > 0 and (found.lost, found.phantom) == (0, 0))
    words = (
        f"goal 4: the same, messages: {found.messages} ordered (16 kills), {found.missing} lost, "
        f"{found.phantom} phantom, {found.doubled} doubled, {found.asked} asked about; away"
    )
    yield Row(words, away, None, found.is_whole)


def kill_web(place: Place, times: int) -> Outcome:
    """Kill the server with all its processes, start it again, while everybody goes on pushing."""
    with ExitStack() as stack:
        server = stack.enter_context(Web(place))
        return under_load(place, server.port, times, server.kill_and_start)


def kill_database(place: Place, times: int) -> Outcome:
    """Kill the postmaster of a throw-away cluster; the server stays and finds the new one."""
    with ExitStack() as stack:
        server = stack.enter_context(Web(place))
        return under_load(place, server.port, times, lambda: databases.kill_and_start(place.url))


def under_load(place: Place, port: int, times: int, kill: Callable[[], None]) -> Outcome:
    draw, away = random.Random(1), []
    with Pushers(place, port).at_work() as pushers:
        for _ in range(times):
            time.sleep(0.3 + draw.random())
            began = time.monotonic()
            kill()
            back = time.monotonic()
            while pushers.last_answer <= back:
                if time.monotonic() > back + 60:
                    raise RuntimeError("nobody was answered for a minute after the kill")
                time.sleep(0.01)
            away.append(pushers.last_answer - began)
    stored = ask(place, "SELECT text FROM communities_message")
    ((facts,),) = ask(place, "SELECT count(*) FROM facts_fact")
    words = {text for (text,) in stored}
    doubled = max(len(stored), int(facts)) - len(words)
    return Outcome(len(pushers.acknowledged), len(pushers.acknowledged - words), doubled, tuple(away))


class Web:
    """The product's web server as processes of ours, killed and started at will."""

    def __init__(self, place: Place) -> None:
        self.place, self.port = place, free_port()
        self._log = (place.home / "server.log").open("a")

    def __enter__(self) -> Web:
        self._child = start(self.place, OURS.interface, OURS.application, port=self.port, log=self._log)
        return self

    def __exit__(self, *_error: object) -> None:
        self._kill(signal.SIGTERM)
        self._log.close()

    @property
    def pid(self) -> int:
        """Of its group of processes too."""
        return self._child.pid

    def wait(self, seconds: float) -> float:
        """Until it has ended; when that was, on the monotonic clock."""
        self._child.wait(seconds)
        return time.monotonic()

    def kill_and_start(self) -> None:
        self._kill(signal.SIGKILL)
        self.__enter__()

    def _kill(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()

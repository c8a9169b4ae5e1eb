"""kill -9 of `qunying work` and `qunying listen` while jobs order messages and messages leave for a platform. Afterwards
every job that was committed is done, none that was rolled back has left a trace, and every message has arrived once, or a
person is asked whether it did."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.places import Place, ask
from benchmarks.stamping.__main__ import CHATS, ROLLED_BACK, TOKEN
from qunying.demo.simulators.server import Reply
from qunying.demo.simulators.telegram import Json, Telegram

ROOT = Path(__file__).resolve().parent.parent
END_SECONDS = 120.0
OPEN = "('approval', 'queued', 'leased')"


@dataclass(frozen=True)
class Ended:
    """What became of the jobs and of the messages they ordered; `asked` are those that a person is asked about, `again`
    how often a job was run once more, `away` how long each kill kept everything from going on."""

    jobs: int
    lost: int
    phantom: int
    again: int
    messages: int
    missing: int
    doubled: int
    asked: int
    away: tuple[float, ...]

    @property
    def is_whole(self) -> bool:
        return self.jobs > 0 and (self.lost, self.phantom, self.missing, self.doubled) == (0, 0, 0, 0)


class Slow(Telegram):
    """A platform that takes its time over an answer, so that many kills fall between the deed and the answer."""

    def _send(self, told: Json) -> Reply:
        done = super()._send(told)
        time.sleep(0.03)
        return done


class Hands:
    """The worker and the listener, each a process of ours that is killed and started at will."""

    def __init__(self, place: Place, platform: Telegram) -> None:
        self._env = {**place.env, "QUNYING_SIMULATORS": f"api.telegram.org={platform.address}"}
        self._log = (place.home / "hands.log").open("a")
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, name: str, output: int | None = None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.stamping", name],
            env=self._env,
            cwd=ROOT,
            stdout=output or self._log,
            stderr=self._log,
        )

    @contextmanager
    def at_work(self) -> Iterator[Hands]:
        self.children = {name: self.run(name) for name in ("work", "listen")}
        try:
            yield self
        finally:
            for child in self.children.values():
                child.kill()
                child.wait()
            self._log.close()

    def kill_and_start(self, name: str) -> None:
        self.children[name].kill()
        self.children[name].wait()
        self.children[name] = self.run(name)


def kill_workers(place: Place, times: int) -> Ended:
    """Kill one of the two so many times while jobs are started and done."""
    with ExitStack() as stack:
        platform = Slow(TOKEN)
        stack.callback(platform.close)
        for number in range(CHATS):
            platform.open_chat(-1000 - number, f"g{number}")
        hands = Hands(place, platform)
        if hands.run("connect").wait(60):
            raise RuntimeError(f"the groups could not be connected; see {place.home / 'hands.log'}")
        stack.enter_context(hands.at_work())
        producer = hands.run("produce", output=subprocess.PIPE)
        stack.callback(producer.kill)
        load = Load(place, platform)
        away = [_killed(hands, load, name) for name in _draw(times)]
        producer.terminate()
        told, _nothing = producer.communicate()
        _until(lambda: _left(place) == 0)
        return _ended(place, platform, int(told), tuple(away))


def _draw(times: int) -> list[str]:
    """Each of the two as often as the other, in no order."""
    some = (["work", "listen"] * (times // 2 + 1))[:times]
    random.Random(3).shuffle(some)
    return some


def _killed(hands: Hands, load: Load, name: str) -> float:
    """Wait until this one is at it, kill it, and wait until it is again; seconds."""
    start = load.done(name)
    _until(lambda: load.done(name) > start)
    time.sleep(random.Random(start).random() * 0.2)
    before, began = load.done(name), time.monotonic()
    hands.kill_and_start(name)
    _until(lambda: load.done(name) > before)
    return time.monotonic() - began


@dataclass(frozen=True)
class Load:
    """What is to be done and how far it has come."""

    place: Place
    platform: Telegram

    def done(self, name: str) -> int:
        """By the worker or by the listener."""
        if name == "listen":
            return len(self.platform.sent)
        ((jobs,),) = ask(
            self.place, "SELECT count(*) FROM jobs_job WHERE kind = 'stamping.stamp' AND state = 'done'"
        )
        return int(jobs)


def _left(place: Place) -> int:
    """What is not over yet."""
    jobs = "SELECT count(*) FROM jobs_job WHERE kind = 'stamping.stamp' AND state IN ('waiting', 'running')"
    ((open_jobs,),) = ask(place, jobs)
    ((open_sendings,),) = ask(place, f"SELECT count(*) FROM outbox_sending WHERE state IN {OPEN}")
    return int(open_jobs) + int(open_sendings)


def _until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + END_SECONDS  # which is no wait for anything but the machine
    while not what():
        if time.monotonic() > end:
            raise RuntimeError("it did not go on for two minutes")
        time.sleep(0.05)


def _ended(place: Place, platform: Telegram, count: int, away: tuple[float, ...]) -> Ended:
    wanted = {number for number in range(count) if number % ROLLED_BACK != ROLLED_BACK - 1}
    jobs = ask(place, "SELECT args, state, attempts FROM jobs_job WHERE kind = 'stamping.stamp'")
    done = sum(state == "done" for _args, state, _attempts in jobs)
    states = {
        int(str(key).rpartition(":")[2]): str(state)
        for key, state in ask(place, "SELECT key, state FROM outbox_sending")
    }
    arrived = Counter(int(str(one["text"]).split()[1]) for one in platform.sent)
    return Ended(
        jobs=len(wanted),
        lost=len(wanted) - done,
        phantom=len(jobs) - len(wanted) + len((set(arrived) | set(states)) - wanted),
        again=sum(int(attempts) - 1 for _args, _state, attempts in jobs),
        messages=len(wanted),
        missing=sum(number not in arrived and states.get(number) != "unknown" for number in wanted),
        doubled=sum(times > 1 for times in arrived.values()),
        asked=sum(state == "unknown" for state in states.values()),
        away=away,
    )

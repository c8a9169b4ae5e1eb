"""The database goes away under a running server: everybody is told at once, nothing acknowledged is lost, and it goes
on by itself. Numbers at the end of names are the cases of reliability.md §3."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pytest

from benchmarks import places
from benchmarks.faults import Web, row
from benchmarks.places import Place, ask
from tests import databases
from tests.faults.lines import BlackHole

pytestmark = pytest.mark.slow
AT_ONCE_SECONDS = 0.1
GIVEN_UP_SECONDS = 2.5
"""Two seconds, and what the kernel's clock of retries and a busy machine add."""
BACK_SECONDS = 10.0


@dataclass(frozen=True)
class Said:
    status: int
    seconds: float
    retry_after: str | None
    body: bytes


@dataclass
class Site:
    """A server on a PostgreSQL behind a line that can break."""

    place: Place
    line: BlackHole
    port: int
    told: int = 0

    def push(self) -> Said:
        """One row more."""
        self.told += 1
        return self.ask("POST", "/api/v1/facts", orjson.dumps([row(f"fault-{self.told}")]))

    def ask(self, method: str, path: str, body: bytes = b"") -> Said:
        began = time.monotonic()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.place.token}", "Content-Type": "application/json"}
        line.request(method, path, body, headers)
        answer = line.getresponse()
        said = Said(answer.status, time.monotonic() - began, answer.headers.get("Retry-After"), answer.read())
        line.close()
        return said

    def back(self, path: str = "") -> float:
        """Seconds until it works again."""
        began = time.monotonic()
        while (self.ask("GET", path) if path else self.push()).status != 200:
            assert time.monotonic() - began < BACK_SECONDS
            time.sleep(0.05)
        return time.monotonic() - began

    def stored(self) -> set[str]:
        return {str(text) for (text,) in ask(self.place, "SELECT text FROM communities_message")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with databases.postgresql(durable=True) as url:
        place = places.first_place(Path(tmp_path_factory.mktemp("site")), url)
        line = BlackHole(int(re.findall(r":(\d+)/", url)[0]))
        through = replace(place, url=re.sub(r":\d+/", f":{line.port}/", url))
        with Web(through) as server:
            yield Site(place, line, server.port)


@pytest.fixture
def quiet(site: Site) -> Site:
    """It works, with open lines in every thread that asks."""
    site.back()
    site.back("/healthz")
    return site


@pytest.mark.parametrize("path", ["", "/healthz"], ids=["rows", "a page"])
def test_a_line_that_swallows_all_is_given_up_in_two_seconds_then_everybody_is_told_at_once_17_101(
    quiet, path
):
    site = quiet
    good = site.push()
    site.line.swallow()
    try:
        first = site.ask("GET", path) if path else site.push()
        others = [site.push(), site.ask("GET", "/healthz"), site.ask("POST", "/hooks/nobody/")]
    finally:
        site.line.mend()
    kept = f"fault-{site.told}"
    away = site.back()

    assert (good.status, first.status) == (200, 503)
    assert first.seconds < GIVEN_UP_SECONDS
    assert [(said.status, said.retry_after is not None) for said in others] == [(503, True)] * 3
    assert max(said.seconds for said in others) < AT_ONCE_SECONDS
    assert (away < BACK_SECONDS, kept in site.stored()) == (True, False)  # refused aloud, and not kept


def test_after_a_kill_of_the_database_it_is_there_again_within_ten_seconds_with_all_it_acknowledged_100(
    quiet,
):
    site = quiet
    before = {f"fault-{site.told}" for _ in range(20) if site.push().status == 200}
    during = []

    databases.kill(site.place.url)
    for _ in range(5):
        during += [site.push(), site.ask("GET", "/healthz")]
    databases.start_again(site.place.url)
    away = site.back()
    site.back("/healthz")

    assert {said.status for said in during} == {503}
    assert all(said.retry_after for said in during)
    assert max(said.seconds for said in during) < AT_ONCE_SECONDS * 5
    assert away < BACK_SECONDS
    assert before <= site.stored()

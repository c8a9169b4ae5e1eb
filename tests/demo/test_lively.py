"""Real processes: simulated platforms that talk, a listener and a worker. What is said is counted, also what was said
while a plug was out."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.load import free_port

pytestmark = pytest.mark.slow

CONNECT = """
import datetime as dt, json, django
django.setup()
from django.conf import settings
from qunying.brands.actions import appoint, open_account, open_brand
from qunying.connectors.actions import connect, seat
at = dt.datetime.now(dt.UTC)
values = json.loads((settings.HOME / "simulators.json").read_text())["values"]
brand = open_brand("tea", at=at, slug="tea")
account = open_account("chief", password="a long enough word", at=at)
chief = appoint(brand, account=account, role="owner", at=at, by=None)
bot = connect(brand, connector_key="telegram", name="bot", keys={"token": values["telegram"]["token"]}, at=at, by=chief)
qq = values["onebot"]
keys = {"number": qq["number"], "address": qq["address"], "token": qq["token"]}
qq = connect(brand, connector_key="onebot", name="qq", keys=keys, at=at, by=chief)
for row, chats in ((bot, (-1001900000001, -1001900000002)), (qq, (90001, 90002))):
    for chat in chats:
        seat(row, chat=str(chat), name=str(chat), community=None, at=at, by=chief)
"""


class Install:
    """A home of its own with its processes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.children: list[subprocess.Popen[bytes]] = []
        self.telegram, self.onebot = free_port(), free_port()
        self.env = {
            **os.environ,
            "QUNYING_HOME": str(home),
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "qunying.settings",
            "QUNYING_SOCKETS": "",
            "QUNYING_SIMULATORS": f"api.telegram.org=http://127.0.0.1:{self.telegram}",
            "QUNYING_PRIVATE_HOSTS": "127.0.0.1",
        }

    def run(self, *words: str) -> None:
        subprocess.run([sys.executable, *words], env=self.env, check=True, capture_output=True)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        child = subprocess.Popen([sys.executable, "-m", "qunying", *words], env=self.env)
        self.children.append(child)
        return child

    def said(self, platform: str) -> int:
        """Messages that became facts."""
        words = (
            "SELECT count(*) FROM facts_fact f JOIN communities_channel c ON c.id = f.channel "
            "WHERE f.kind = 1 AND c.platform = ?"
        )
        with closing(sqlite3.connect(self.home / "qunying.sqlite3", timeout=20)) as line:
            return int(line.execute(words, [platform]).fetchone()[0])

    @property
    def told(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = json.loads((self.home / "simulators.json").read_text())
        return found


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    found = Install(tmp_path / "home")
    found.home.mkdir()
    found.run("-m", "qunying", "setup")
    ports = ("--telegram", str(found.telegram), "--onebot", str(found.onebot))
    found.start("simulators", "run", *ports, "--seconds", "0.4")
    until((found.home / "simulators.json").exists)
    found.run("-c", CONNECT)
    found.start("listen")
    found.start("work")
    yield found
    for child in found.children:
        child.terminate()
    for child in found.children:
        child.wait(20)


def until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.parametrize("platform", ["telegram", "onebot"])
def test_what_is_said_while_a_plug_is_out_or_the_listener_is_killed_is_counted_once(install, platform):
    key = {"telegram": "telegram", "onebot": "qq"}[platform]
    until(lambda: install.said(key) > 3)

    install.run("-m", "qunying", "simulators", "stop", platform)
    time.sleep(3)
    install.run("-m", "qunying", "simulators", "start", platform)
    install.children[1].send_signal(signal.SIGKILL)
    install.start("listen")
    before = install.told["said"][platform]
    until(lambda: install.said(key) >= before)

    assert install.said(key) <= install.told["said"][platform]

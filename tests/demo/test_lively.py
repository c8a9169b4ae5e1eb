"""Real processes: simulated platforms that talk, a listener and a worker. What is said is counted, also what was said
while a plug was out."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

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
corp = connect(brand, connector_key="wecom", name="corp", keys=values["wecom"], at=at, by=chief)
(settings.HOME / "door.txt").write_text(corp.hook)
kept = json.loads((settings.HOME / "simulators.json").read_text())["kept"]["wecom"]
groups = [each["chat"] for each in kept if "chat" in each]
for row, chats in ((corp, groups), (bot, (-1001900000001, -1001900000002)), (qq, (90001, 90002))):
    for chat in chats:
        seat(row, chat=str(chat), name=str(chat), community=None, at=at, by=chief)
"""


class Install:
    """A home of its own with its processes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.children: list[subprocess.Popen[bytes]] = []
        self.ports = {name: free_port() for name in ("telegram", "onebot", "wecom", "pages")}
        self.env = {
            **os.environ,
            "QUNYING_HOME": str(home),
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "qunying.settings",
            "QUNYING_SOCKETS": "",
            "QUNYING_SIMULATORS": f"api.telegram.org=http://127.0.0.1:{self.ports['telegram']},"
            f"qyapi.weixin.qq.com=http://127.0.0.1:{self.ports['wecom']}",
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
    def door(self) -> str:
        return (self.home / "door.txt").read_text()

    @property
    def told(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = json.loads((self.home / "simulators.json").read_text())
        return found

    def customers(self) -> set[str]:
        """Who is in WeCom's groups now, as the simulator knows it."""
        members = (who for group in self.told["kept"]["wecom"] for who in group.get("members", ()))
        return {who for who in members if who.startswith("wm")}

    def members(self) -> set[str]:
        """Who is a member for us."""
        words = "SELECT i.value FROM members_identity i JOIN communities_membership m ON m.member_id = i.member_id"
        with closing(sqlite3.connect(self.home / "qunying.sqlite3", timeout=20)) as line:
            return {str(value) for (value,) in line.execute(words)}


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    found = Install(tmp_path / "home")
    found.home.mkdir()
    found.run("-m", "qunying", "setup")
    ports = [
        word for name in ("telegram", "onebot", "wecom") for word in (f"--{name}", str(found.ports[name]))
    ]
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


def test_who_joins_a_wecom_group_while_the_plug_is_out_is_found_afterwards(install):
    port = str(install.ports["pages"])
    install.start("serve", "--port", port)
    until(lambda: is_open(int(port)))
    install.run("-m", "qunying", "simulators", "callback", f"http://127.0.0.1:{port}/hooks/{install.door}/")
    until(lambda: len(install.members()) > 3)

    install.run("-m", "qunying", "simulators", "stop", "wecom")
    before, inside = install.members(), install.customers()
    until(lambda: bool(install.customers() - inside))
    missed = install.customers() - inside
    assert not missed & install.members() and before
    install.run("-m", "qunying", "simulators", "start", "wecom")

    # asking anew waits twice as long after each failure
    until(lambda: bool(missed & install.members()) or not missed & install.customers(), 180)
    until(lambda: missed & install.customers() <= install.members(), 180)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

"""The demo's Synapse in real processes: connected as a newcomer does it, it loses nothing while its cable is out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from qunying.connectors.live.matrix import registration
from qunying.demo import lively
from qunying.demo.simulators.synapse import free_port
from qunying.kit.errors import Refused
from tests.demo.test_lively import Install, is_open, until

KEYS = {"user": "@qunying:localhost", "as_token": "a" * 20, "hs_token": "h" * 20}
CONNECT = """
import datetime as dt, json, sys, django
django.setup()
from django.conf import settings
from qunying.brands.actions import appoint, open_account, open_brand
from qunying.connectors.actions import connect, keys_of, seat
from qunying.connectors.live.matrix import registration
at = dt.datetime.now(dt.UTC)
values = json.loads((settings.HOME / "simulators.json").read_text())["values"]["synapse"]
brand = open_brand("tea", at=at, slug="tea")
account = open_account("chief", password="a long enough word", at=at)
chief = appoint(brand, account=account, role="owner", at=at, by=None)
row = connect(brand, connector_key="matrix", name="", keys=values, at=at, by=chief)
for room in json.loads((settings.HOME / "synapse" / "people.json").read_text())["rooms"]:
    seat(row, chat=room, name=room, community=None, at=at, by=chief)
address = f"http://127.0.0.1:{sys.argv[1]}/hooks/{row.hook}/"
(settings.HOME / "for-synapse.yaml").write_text(registration(keys_of(row), address, row.hook))
"""


class House(Install):
    """An install beside which Synapse runs too."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.ports["synapse"] = free_port()

    def spoken(self) -> int:
        """What people said in the rooms since we came in, as Synapse has it."""
        told = json.loads((self.home / "synapse" / "people.json").read_text())
        address = self.told["values"]["synapse"]["homeserver"].replace(str(self.ports["synapse"]), "{}")
        config = json.loads((self.home / "synapse" / "homeserver.yaml").read_text())
        base = address.format(config["listeners"][0]["port"]) + "/_matrix/client/v3/rooms"
        count = 0
        for room in told["rooms"]:
            asked = httpx.get(
                f"{base}/{room}/messages",
                params={"dir": "b", "limit": 500},
                headers={"Authorization": f"Bearer {told['people'][0][1]}"},
            ).json()["chunk"]  # newest first
            kinds = [(event["type"], event.get("state_key", "")) for event in asked]
            came = kinds.index(("m.room.member", "@qunying:localhost"))
            count += [kind for kind, _key in kinds[:came]].count("m.room.message")
        return count


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = House(tmp_path / "home")
    found.home.mkdir()
    found.run("-m", "qunying", "setup")
    ports = [
        word
        for name in ("telegram", "onebot", "wecom", "synapse")
        for word in (f"--{name}", str(found.ports[name]))
    ]
    found.start("simulators", "run", *ports, "--seconds", "0.4")
    until((found.home / "simulators.json").exists)
    found.start("serve", "--port", str(found.ports["pages"]))
    until(lambda: is_open(found.ports["pages"]))
    found.run("-c", CONNECT, str(found.ports["pages"]))
    found.start("work")
    yield found
    for child in found.children:
        child.terminate()
    for child in found.children:
        child.wait(20)


@pytest.mark.slow
def test_what_is_said_while_the_cable_of_synapse_is_out_arrives_afterwards_and_once(house):
    house.run("-m", "qunying", "simulators", "register", str(house.home / "for-synapse.yaml"))
    until(lambda: house.said("matrix") > 3)

    house.run("-m", "qunying", "simulators", "stop", "synapse")
    time.sleep(1)
    before = house.said("matrix")
    until(lambda: house.spoken() > before + 3)
    still = house.said("matrix")
    house.run("-m", "qunying", "simulators", "start", "synapse")
    owed = house.spoken()
    until(lambda: house.said("matrix") >= owed)

    assert still == before
    assert house.said("matrix") <= house.spoken()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("id: x\nurl: http://example.com\n", "demo.registration_wrong"),
        ("", "demo.registration_wrong"),
        (
            registration({**KEYS, "user": "@qunying:example.org"}, "http://127.0.0.1:8000/hooks/d/", "d"),
            "demo.registration_elsewhere",
        ),
    ],
)
def test_a_file_that_is_not_for_this_synapse_is_refused_and_leaves_nothing(told, code, settings, tmp_path):
    settings.HOME = tmp_path

    with pytest.raises(Refused, match=code):
        lively.register(told)

    assert not [*tmp_path.iterdir()]


def test_the_file_that_the_console_shows_is_laid_in_as_often_as_one_likes(settings, tmp_path):
    settings.HOME = tmp_path
    file = registration(KEYS, "http://127.0.0.1:8000/hooks/d/", "d")

    accounts = [lively.register(file) for _ in range(2)]

    assert accounts == ["@qunying:localhost"] * 2
    assert (tmp_path / "simulators.synapse.yaml").read_text("utf-8") == file

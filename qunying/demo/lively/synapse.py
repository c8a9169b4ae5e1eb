"""A real Synapse on this machine whose rooms are lively. The console reaches it, and it the console, through one
cable, which can be pulled. Which application service it knows stands in a file that is entered as in its configuration;
from then on its people invite that service's account."""

from __future__ import annotations

import json
import logging
import random
import re
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from qunying.demo.lively.platform import PEOPLE, WORDS, Platform
from qunying.demo.simulators.server import Call, Reply, Simulator
from qunying.demo.simulators.synapse import NAME, Guest, Homeserver, Unexpected, free_port
from qunying.kit.errors import Refused

logger = logging.getLogger(__name__)
ROOMS = ("山茶茶会", "山茶新茶品鉴")
ACCOUNT = f"@qunying:{NAME}"
DOOR = "/hooks/"
KEPT_WORDS = 50
LINE = re.compile(r'^(id|url|as_token|hs_token|sender_localpart): "?([^"\n]+)"?$', re.MULTILINE)
PARTS = {"id", "url", "as_token", "hs_token", "sender_localpart"}


class Cable(Simulator):
    """What the console says to Synapse and Synapse to the console's door; nothing passes while the plug is out."""

    def __init__(self, port: int, synapse: str) -> None:
        self.synapse, self.console = synapse, ""
        self.said: dict[str, str] = {}
        super().__init__(port)

    def handle(self, call: Call) -> Reply:
        """Pass on without keeping what passes."""
        return self.answer(call) if self.is_plugged_in else Reply(hangs_up=True)

    def answer(self, call: Call) -> Reply:
        is_push = call.path.startswith(DOOR)
        base = self.console if is_push else self.synapse
        names = ("authorization", "content-type")
        try:
            told = httpx.request(
                call.method,
                f"{base}{call.path}",
                params=dict(call.query),
                headers={name: call.headers[name] for name in names if name in call.headers},
                content=call.body,
                trust_env=False,
                timeout=60,
            )
        except (httpx.HTTPError, httpx.InvalidURL):
            return Reply(hangs_up=True)
        if not is_push and "/send/m.room.message/" in call.path and told.is_success:
            self._note(call)
        return Reply(told.content, told.status_code)

    def _note(self, call: Call) -> None:
        """The same path said twice is one message, as Synapse has it."""
        with self.lock:
            self.said[call.path] = str(call.json().get("body", ""))
            for path in [*self.said][:-KEPT_WORDS]:
                del self.said[path]


class House:
    """Synapse, its people and their rooms, as they were left by the earlier run."""

    def __init__(self, folder: Path, port: int) -> None:
        self.server = Homeserver(folder, port=free_port())
        self.server.start()
        self.cable = Cable(port, self.server.address)
        self.people, self.rooms = self._settled(folder / "people.json")
        self.fault = ""
        self.entered = self._connect()

    def _settled(self, path: Path) -> tuple[list[Guest], list[str]]:
        if not path.exists():
            people = [self.server.guest(f"guest{place + 1}", name) for place, name in enumerate(PEOPLE)]
            rooms = [people[0].open_up(name) for name in ROOMS]
            for room in rooms:
                for person in people[1:]:
                    person.move(room, "join")
            path.touch(mode=0o600)
            told = {"people": [[each.mxid, each.token] for each in people], "rooms": rooms}
            path.write_text(json.dumps(told), "utf-8")
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return [Guest(self.server, *each) for each in found["people"]], found["rooms"]

    def say(self, draw: random.Random) -> None:
        """Somebody speaks, after what was entered meanwhile has come into force."""
        try:
            if self.entered != _entered():
                self.restart()
            if self.server.process is None or self.server.process.poll() is not None:
                self.server.start()
            draw.choice(self.people).say(draw.choice(self.rooms), draw.choice(WORDS))
        except (httpx.HTTPError, Unexpected, Refused) as error:
            logger.warning("synapse: %s", error)

    def restart(self) -> None:
        """Come back knowing the application service that was entered, and invite it."""
        self.server.stop()
        self.entered = self._connect()
        self.fault = ""
        try:
            self.server.start()
        except Refused as error:
            self.fault = str(error.details.get("words", ""))
            self.server.register("")
            self.server.registration.unlink(missing_ok=True)
            self.server.start()
            return
        for room in self.rooms:
            try:
                self.people[0].move(room, "invite", f"@{_parts(self.entered)['sender_localpart']}:{NAME}")
            except Unexpected:
                continue  # it is in the room already

    def _connect(self) -> str:
        """Let Synapse push through the cable to where the file says; answers the file."""
        told = _entered()
        if told:
            url = _parts(told)["url"]
            self.cable.console = url[: url.index(DOOR)]
            self.server.register(told.replace(self.cable.console, self.cable.address))
        return told

    def received(self) -> list[str]:
        return [*self.cable.said.values(), *([f"✗ {self.fault}"] if self.fault else [])]

    def close(self) -> None:
        self.cable.close()
        self.server.stop()


def synapse(port: int) -> Platform:
    """The homeserver behind the cable on this port."""
    house = House(Path(settings.HOME) / "synapse", port)

    def plug(is_in: bool) -> None:
        house.cable.is_plugged_in = is_in

    values = {"homeserver": house.cable.address, "user": ACCOUNT}
    return Platform(values, house.say, plug, house.received, house.close)


def enter(registration: str) -> None:
    """What an administrator does with the file the console shows: lay it into Synapse's configuration."""
    parts = _parts(registration)
    if parts.keys() != PARTS or DOOR not in parts["url"]:
        raise Refused("demo.registration_wrong")
    if f":{NAME}" not in registration:
        raise Refused("demo.registration_elsewhere", account=ACCOUNT)
    _file().touch(mode=0o600)
    _file().write_text(registration, "utf-8")


def _parts(registration: str) -> dict[str, str]:
    return dict(LINE.findall(registration))


def _entered() -> str:
    return _file().read_text("utf-8") if _file().exists() else ""


def _file() -> Path:
    return Path(settings.HOME) / "simulators.synapse.yaml"

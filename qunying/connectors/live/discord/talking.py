"""Discord's gateway: say who we are, keep the heart beating, go on after a break where we stopped.

The position is `session|sequence|address|message`, stored with the payloads up to that sequence number, so a break or a
restart loses nothing while Discord keeps the session. Once it no longer does, what was said in each channel since the
last message we know is fetched, page by page backwards; on the first connection the last page alone.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from websockets.exceptions import ConnectionClosed
from websockets.sync.connection import Connection

from qunying.connectors.live.connector import Ears, Payload
from qunying.connectors.live.discord.past import history
from qunying.connectors.live.discord.reading import DISPATCH, READERS
from qunying.connectors.live.discord.rest import call
from qunying.connectors.live.sockets import batches
from qunying.connectors.live.wire import Wire
from qunying.kit.errors import Invalid, QunyingError, Upstream

Record = Mapping[str, Any]
GATEWAY = "gateway.discord.gg"
VERSION = "?v=10&encoding=json"
BEAT, IDENTIFY, RESUME, RECONNECT, LOST_SESSION, HELLO, BEATEN = 1, 2, 6, 7, 9, 10, 11
INTENTS = (1 << 0) | (1 << 1) | (1 << 9) | (1 << 10) | (1 << 15)
"""Servers, their members, messages, reactions, and what messages say; the second and the last must be allowed."""
BAD_TOKEN, NEW_SESSION, NOT_ALLOWED = 4004, {4003, 4007, 4009}, {4013, 4014}
CATCH_UP_SECONDS = 0.25
MOST_PAGES = 100
"""Of one channel after a break; what is older than these is left to the history that a person orders."""
KINDS = {
    2: "channel",
    5: "channel",
    10: "topic",
    11: "topic",
    12: "topic",
    13: "channel",
    15: "forum",
    16: "forum",
}
SPOKEN_IN = {0, 2, 5, 10, 11, 12, 13}
SILENT_JOINS = 1
"""The flag of a server whose system channel does not tell of joins."""


@dataclass(frozen=True)
class Gap:
    """A channel of which something may be missing: since a message we know, before one we have fetched."""

    channel: str
    since: str
    before: str = ""
    pages: int = 1


def talk(wire: Wire, ears: Ears, until: threading.Event) -> None:
    """One session of the gateway, as long as the line holds."""
    position = str(wire.memory.get("position") or "")
    address = parts_of(position)[2] or f"wss://{GATEWAY}"
    with wire.dial(f"{address.rstrip('/')}/{VERSION}") as line:
        session = Session(wire, line, ears, until)
        if session.id and not session.servers:
            session.learn_all()  # a session that goes on in another process tells of no servers again
        session.run()
    if not until.is_set():
        session.explain_end()


class Session:
    """One open line to the gateway."""

    def __init__(self, wire: Wire, line: Connection, ears: Ears, until: threading.Event) -> None:
        self.wire, self.line, self.ears, self.until = wire, line, ears, until
        self.id, self.seq, self.address, self.since = parts_of(str(wire.memory.get("position") or ""))
        self.newest = self.since
        self.channels: dict[str, Record] = wire.memory.setdefault("channels", {})
        self.servers: dict[str, Record] = wire.memory.setdefault("servers", {})
        self.behind: deque[Gap] = wire.memory.setdefault("behind", deque())
        self.asked_at = 0.0
        self.every, self.next_beat, self.beaten = 0.0, float("inf"), True

    def run(self) -> None:
        for frames in batches(self.line, self.until):
            payloads: list[Payload] = []
            goes_on = all(self._take(orjson.loads(frame), payloads) for frame in frames)
            payloads += self._catch_up()
            if frames:
                self._store(payloads)
            elif payloads:
                self.ears(payloads)
            if not goes_on or not self._beat():
                return

    def _store(self, payloads: list[Payload]) -> None:
        """What came, with where to go on from; until all is fetched that came before, another process begins anew."""
        if self.id:
            self.wire.memory["position"] = f"{self.id}|{self.seq}|{self.address}|{self.newest}"
        here = str(self.wire.memory.get("position") or "")
        self.ears(payloads, f"|||{self.since}" if self.behind else here)

    def _take(self, told: Record, payloads: list[Payload]) -> bool:
        """Whether the session goes on."""
        code = told["op"]
        if code == HELLO:
            self.every = told["d"]["heartbeat_interval"] / 1000
            self.next_beat = time.monotonic() + self.every * random.random()  # noqa: S311
            self._introduce()
        elif code == BEAT:
            self.next_beat = 0.0
        elif code == BEATEN:
            self.beaten = True
        elif code == LOST_SESSION and not told["d"]:
            self._forget()
            self.until.wait(random.uniform(1, 5))  # noqa: S311
            self._introduce()
        elif code in (RECONNECT, LOST_SESSION):
            return False
        elif code == DISPATCH:
            self.seq = str(told["s"])
            payloads += self._dispatched(str(told["t"]), told)
        return True

    def _introduce(self) -> None:
        token = self.wire.keys["token"]
        if self.id:
            self._say(RESUME, {"token": token, "session_id": self.id, "seq": int(self.seq)})
            return
        who = {"os": sys.platform, "browser": "qunying", "device": "qunying"}
        self._say(IDENTIFY, {"token": token, "intents": INTENTS, "properties": who})

    def _forget(self) -> None:
        self.id = self.seq = self.address = ""
        self.since = self.newest
        self.wire.memory["position"] = f"|||{self.since}"

    def _beat(self) -> bool:
        """Whether the line lives: each heartbeat must have been answered when the next is due."""
        if time.monotonic() < self.next_beat:
            return True
        if not self.beaten:
            self.line.close(4000)
            return False
        self.beaten, self.next_beat = False, time.monotonic() + self.every
        return self._say(BEAT, int(self.seq) if self.seq else None)

    def _say(self, code: int, data: object) -> bool:
        try:
            self.line.send(orjson.dumps({"op": code, "d": data}).decode())
        except ConnectionClosed:
            return False
        return True

    def _dispatched(self, name: str, told: Record) -> list[Payload]:
        data = told["d"]
        if name == "READY":
            self.id, self.address = str(data["session_id"]), str(data["resume_gateway_url"])
            return []
        if name in ("GUILD_CREATE", "GUILD_UPDATE"):
            self._learn_server(data)
        elif name in ("CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE"):
            self._learn_channel(data, str(data.get("guild_id", "")))
        if name not in READERS or "guild_id" not in data:
            return []  # what is said to the bot alone is not kept
        if name == "MESSAGE_CREATE":
            self.newest = max(self.newest, str(data["id"]), key=_number)
        return [Payload(self._key(name, data), orjson.dumps({**told, "_known": self._known(data)}))]

    def _key(self, name: str, data: Record) -> str:
        """A message by its id, whether it came live or was fetched; anything else by its place in the session."""
        return f"m|{data['id']}" if name == "MESSAGE_CREATE" else f"{self.id}|{self.seq}"

    def _known(self, data: Record) -> Record:
        """What a dispatch leaves out."""
        server = self.servers.get(str(data["guild_id"]), {})
        if "channel_id" not in data:
            home = server.get("home", "")
            return {"home": home, "name": self.channels[home]["name"] if home else server.get("name", "")}
        return self.channels.get(str(data["channel_id"]), {})

    def learn_all(self) -> None:
        """Ask which servers and channels there are."""
        for each in call(self.wire, "GET", "/users/@me/guilds"):
            server = call(self.wire, "GET", f"/guilds/{each['id']}")
            channels = call(self.wire, "GET", f"/guilds/{each['id']}/channels")
            self._learn_server({**server, "channels": channels})
        self.behind.clear()

    def _learn_server(self, data: Record) -> None:
        id_ = str(data["id"])
        server = {**self.servers.get(id_, {}), "name": str(data.get("name", ""))}
        self.servers[id_] = server
        spoken_in = [*(data.get("channels") or ()), *(data.get("threads") or ())]
        for channel in spoken_in:
            self._learn_channel(channel, id_)
        home = str(data.get("system_channel_id") or "")
        is_silent = bool(int(data.get("system_channel_flags") or 0) & SILENT_JOINS)
        self.servers[id_] = {**server, "home": home if home in self.channels and not is_silent else ""}
        self.behind.extend(
            Gap(str(each["id"]), self.since) for each in spoken_in if each.get("type", 0) in SPOKEN_IN
        )

    def _learn_channel(self, channel: Record, server: str) -> None:
        name = " / ".join(
            filter(None, (self.servers.get(server, {}).get("name", ""), str(channel.get("name", ""))))
        )
        kind = KINDS.get(int(channel.get("type", 0)), "channel")
        self.channels[str(channel["id"])] = {"name": name, "kind": kind}

    def _catch_up(self) -> list[Payload]:
        """One page of one channel after the other, where the session did not bring what came before it."""
        if not self.behind or time.monotonic() < self.asked_at + CATCH_UP_SECONDS:
            return []
        gap, self.asked_at = self.behind.popleft(), time.monotonic()
        try:
            page = history(self.wire, gap.channel, gap.before)
        except Upstream as error:
            self.behind.append(gap)  # not just now
            self.asked_at += float(error.details.get("seconds") or 1)
            return []
        except QunyingError:
            return []  # one we may not read
        is_open = gap.since and page.before and _number(page.before) > _number(gap.since)
        if is_open and gap.pages < MOST_PAGES:
            self.behind.appendleft(replace(gap, before=page.before, pages=gap.pages + 1))
        return list(page.payloads)

    def explain_end(self) -> None:
        """Say why the line ended; a session that cannot be gone on with is forgotten."""
        code = self.line.close_code or 0
        if code == BAD_TOKEN:
            raise Invalid("connectors.token_refused", platform="Discord")
        if code in NOT_ALLOWED:
            raise Invalid("connectors.intents_refused")
        if code in NEW_SESSION:
            self._forget()
        raise Upstream("connectors.socket_closed", host=GATEWAY)


def parts_of(position: str) -> list[str]:
    """Session, sequence, address and message; what is not there yet is ""."""
    return [*position.split("|"), "", "", "", ""][:4]


def _number(id_: str) -> int:
    """Ids count up with time, across all channels."""
    return int(id_ or 0)

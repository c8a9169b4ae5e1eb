"""A Discord with one server that lives: a gateway that keeps sessions and replays them, and REST with limits."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import unquote

import orjson
from websockets.exceptions import ConnectionClosed
from websockets.sync.connection import Connection
from websockets.sync.server import serve

from qunying.demo.simulators.server import Call, Reply, Simulator

Json = dict[str, Any]
Fault = Literal["drop", "duplicate"]
CONTENT, MEMBERS = 1 << 15, 1 << 1
SERVER, HOME, CHANNEL = "100", "201", "200"
FIRST = 1_345_000_000_000_000_001


class Discord(Simulator):
    """One bot, known by `token`. `dispatch_faults` befall the next dispatches, one each; `allowed` are the privileged
    intents that are switched on."""

    def __init__(
        self, token: str, *, allowed: int = CONTENT | MEMBERS, beat_ms: int = 200, tells_joins: bool = True
    ) -> None:
        self.token, self.allowed, self.beat_ms, self.tells_joins = token, allowed, beat_ms, tells_joins
        self.bot: Json = {
            "id": "900",
            "username": "tea_bot",
            "discriminator": "0",
            "avatar": None,
            "bot": True,
        }
        self.messages: list[Json] = []
        self.pictures: list[bytes] = []
        self.deeds: list[tuple[str, str, Json]] = []
        self.dispatch_faults: deque[Fault | None] = deque()
        self.identified, self.resumed, self.beats = 0, 0, 0
        self.answers_beats = True
        self.lines: dict[str, Connection] = {}
        self.sessions: dict[str, list[Json]] = {}
        self._numbers, self._names = itertools.count(FIRST), itertools.count(1)
        self._gateway = serve(self._talk, "127.0.0.1", 0, compression=None)
        self._gateway_port = self._gateway.socket.getsockname()[1]
        threading.Thread(target=self._gateway.serve_forever, daemon=True).start()
        super().__init__()

    @property
    def gateway(self) -> str:
        return f"ws://127.0.0.1:{self._gateway_port}"

    def close(self) -> None:
        self._gateway.shutdown()
        super().close()

    def hang_up(self, code: int = 1006) -> None:
        """Every line ends; with 1006 without a word."""
        for line in list(self.lines.values()):
            if code == 1006:
                line.socket.shutdown(2)
            else:
                line.close(code)

    def forget_sessions(self) -> None:
        with self.lock:
            self.sessions.clear()

    def say(self, who: int, name: str, text: str, *, channel: str = CHANNEL, **more: object) -> str:
        """Somebody says something; answers the message's id."""
        user = {"id": str(who), "username": name, "global_name": name, "discriminator": "0", "avatar": None}
        return str(self._post(user, text, channel, more)["id"])

    def _post(self, user: Json, text: str, channel: str, more: Json) -> Json:
        with self.lock:
            message: Json = {
                "id": str(next(self._numbers)), "channel_id": channel, "author": user, "content": text,
                "timestamp": dt.datetime.now(dt.UTC).isoformat(), "edited_timestamp": None, "tts": False,
                "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
                "pinned": False, "type": 0, **more,
            }  # fmt: skip
            self.messages.append(message)
        member: Json = {"nick": None, "roles": [], "joined_at": "2025-01-01T00:00:00+00:00", "deaf": False}
        self.tell(
            "MESSAGE_CREATE", {**message, "guild_id": SERVER, "member": {**member, "mute": False, "flags": 0}}
        )
        return message

    def tell(self, name: str, data: Json) -> None:
        """A dispatch to every session; one whose line is down gets it when it goes on."""
        with self.lock:
            fault = self.dispatch_faults.popleft() if self.dispatch_faults else None
            for session, told in self.sessions.items():
                payload = {"op": 0, "s": len(told) + 1, "t": name, "d": data}
                told.append(payload)
                if session in self.lines and fault != "drop":
                    _send(self.lines[session], payload)
                    if fault == "duplicate":
                        _send(self.lines[session], payload)

    def _talk(self, line: Connection) -> None:
        _send(line, {"op": 10, "d": {"heartbeat_interval": self.beat_ms}})
        session = ""
        try:
            for frame in line:
                asked = orjson.loads(frame)
                if asked["op"] == 1:
                    self.beats += 1
                    if self.answers_beats:
                        _send(line, {"op": 11})
                elif asked["op"] == 2:
                    session = self._identify(line, asked["d"])
                elif asked["op"] == 6:
                    session = self._resume(line, asked["d"])
        except ConnectionClosed:
            pass
        finally:
            with self.lock:
                if self.lines.get(session) is line:
                    del self.lines[session]

    def _identify(self, line: Connection, told: Json) -> str:
        if told["token"] != self.token:
            line.close(4004)
            return ""
        if told["intents"] & (CONTENT | MEMBERS) & ~self.allowed:
            line.close(4014)
            return ""
        with self.lock:
            session = f"session{next(self._names)}"
            self.identified += 1
            self.sessions[session], self.lines[session] = [], line
            resume = "wss://gateway-here.discord.gg"
            ready = {
                "v": 10, "user": self.bot, "session_id": session, "resume_gateway_url": resume,
                "guilds": [{"id": SERVER, "unavailable": True}], "application": {"id": "900", "flags": self.flags},
            }  # fmt: skip
            for name, data in (("READY", ready), ("GUILD_CREATE", self.server)):
                payload = {"op": 0, "s": len(self.sessions[session]) + 1, "t": name, "d": data}
                self.sessions[session].append(payload)
                _send(line, payload)
        return session

    def _resume(self, line: Connection, told: Json) -> str:
        session = str(told["session_id"])
        with self.lock:
            if session not in self.sessions:
                _send(line, {"op": 9, "d": False})
                return ""
            self.resumed += 1
            for payload in self.sessions[session][int(told["seq"]) :]:
                _send(line, payload)
            payload = {"op": 0, "s": len(self.sessions[session]) + 1, "t": "RESUMED", "d": {}}
            self.sessions[session].append(payload)
            _send(line, payload)
            self.lines[session] = line
        return session

    @property
    def flags(self) -> int:
        return (1 << 19 if self.allowed & CONTENT else 0) | (1 << 15 if self.allowed & MEMBERS else 0)

    @property
    def server(self) -> Json:
        channels = [
            {"id": id_, "type": 0, "name": name, "position": 0, "permission_overwrites": []}
            for id_, name in ((CHANNEL, "闲聊"), (HOME, "欢迎"))
        ]
        return {
            "id": SERVER, "name": "茶", "owner_id": "301", "channels": channels, "threads": [], "members": [],
            "roles": [], "emojis": [], "features": [], "member_count": 3, "large": False, "unavailable": False,
            "system_channel_id": HOME, "system_channel_flags": 0 if self.tells_joins else 1,
        }  # fmt: skip

    def answer(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bot {self.token}":
            return Reply({"message": "401: Unauthorized", "code": 0}, 401)
        path = re.sub(r"^/api/v\d+", "", call.path)
        for method, pattern, deed in self._deeds:
            found = re.fullmatch(pattern, path)
            if found and method == call.method:
                return deed(call, unquote(path), *found.groups())
        return Reply({"message": "404: Not Found", "code": 0}, 404)

    @property
    def _deeds(self) -> tuple[tuple[str, str, Callable[..., Reply]], ...]:
        channel = rf"/channels/({CHANNEL}|{HOME})"
        done = self._done
        return (
            ("GET", "/users/@me", lambda *_: Reply(self.bot)),
            ("GET", "(?:/oauth2)?/applications/@me", lambda *_: Reply(self._application())),
            ("GET", "/users/@me/guilds", lambda *_: Reply([{"id": SERVER, "name": "茶"}])),
            ("GET", f"/guilds/{SERVER}", lambda *_: Reply({**self.server, "channels": None})),
            ("GET", f"/guilds/{SERVER}/channels", lambda *_: Reply(self.server["channels"])),
            ("GET", "/gateway(?:/bot)?", lambda *_: Reply(self._where())),
            ("GET", channel, lambda _call, _path, id_: Reply({"id": id_, "guild_id": SERVER, "type": 0})),
            ("GET", f"{channel}/messages", self._history),
            ("POST", f"{channel}/messages", self._create),
            ("DELETE", rf"{channel}/messages/\d+", done),
            ("PUT", rf"{channel}/messages/pins/\d+", done),
            ("PUT", rf"{channel}/messages/\d+/reactions/[^/]+/@me", done),
            ("PATCH", rf"/guilds/{SERVER}/members/\d+", done),
            ("DELETE", rf"/guilds/{SERVER}/members/\d+", done),
        )

    def _application(self) -> Json:
        told = {"name": "茶友", "icon": None, "description": "", "bot_public": True, "verify_key": ""}
        return {**told, "id": "900", "owner": self.bot, "bot_require_code_grant": False, "flags": self.flags}

    def _where(self) -> Json:
        limit = {"total": 1000, "remaining": 1000 - self.identified, "reset_after": 1, "max_concurrency": 1}
        return {"url": self.gateway, "shards": 1, "session_start_limit": limit}

    def _history(self, call: Call, _path: str, channel: str) -> Reply:
        end = int(call.query.get("before") or 2**63)
        said = [each for each in self.messages if each["channel_id"] == channel and int(each["id"]) < end]
        return Reply(said[::-1][: int(call.query.get("limit", 50))])

    def _create(self, call: Call, _path: str, channel: str) -> Reply:
        parts = call.form()
        told: Json = orjson.loads(parts["payload_json"].data) if parts else call.json()
        files = [part for name, part in parts.items() if name.startswith("files[")]
        if any(len(part.data) > 10 << 20 for part in files) or len(call.body) > 25 << 20:
            return Reply({"message": "Request entity too large", "code": 40005}, 413)
        with self.lock:
            nonce = told.get("nonce")
            same = [each for each in self.messages if nonce and each.get("nonce") == nonce]
            if same and told.get("enforce_nonce"):
                return Reply(same[0])
            more = {"nonce": nonce, "message_reference": told.get("message_reference")}
            more["attachments"] = [
                {"id": str(next(self._numbers)), "filename": part.name, "size": len(part.data)}
                for part in files
            ]
            self.pictures += [part.data for part in files]
            return Reply(
                self._post(self.bot, str(told["content"]), channel, {k: v for k, v in more.items() if v})
            )

    def _done(self, call: Call, path: str, *_ids: str) -> Reply:
        self.deeds.append((call.method, path, call.json()))
        return Reply(b"", 204)


def _send(line: Connection, words: Json) -> None:
    try:
        line.send(orjson.dumps(words).decode())
    except ConnectionClosed:
        return


def too_many(seconds: float, *, everywhere: bool = False) -> Reply:
    """Discord's answer to one who asks too often."""
    return Reply(
        {"message": "You are being rate limited.", "retry_after": seconds, "global": everywhere}, 429
    )

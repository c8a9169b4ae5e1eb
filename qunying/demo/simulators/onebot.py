"""A OneBot v11 implementation with groups that live. It can be connected to, and can connect by itself."""

from __future__ import annotations

import base64
import binascii
import hashlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Literal, Self

import orjson
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.http11 import Request, Response
from websockets.sync.client import connect
from websockets.sync.connection import Connection
from websockets.sync.server import ServerConnection, serve

from qunying.kit import pictures

Json = dict[str, Any]
Fault = Literal["drop", "duplicate", "reorder"]
Trouble = Literal["hang", "cut", "cut before"]


class OneBot:
    """One account. `faults` befall the next events, one each, `troubles` the next actions: done without an answer
    (`hang`), done and the line cut (`cut`), or the line cut without the deed. `tells_seq` is how NapCat does it."""

    def __init__(
        self,
        number: int,
        token: str,
        *,
        tells_seq: bool = True,
        beat_seconds: float = 0.5,
        port: int = 0,
        first: int = 0,
    ) -> None:
        self.number, self.token, self.tells_seq, self.beat_seconds = number, token, tells_seq, beat_seconds
        self.groups: dict[int, str] = {}
        self.messages: list[Json] = []
        self.pictures: list[bytes] = []
        self.deeds: list[tuple[str, Json]] = []
        self.asked: list[str] = []
        self.faults: deque[Fault | None] = deque()
        self.troubles: deque[Trouble | None] = deque()
        self.lines: list[Connection] = []
        self.ended = threading.Event()
        self.plugged_in = threading.Event()
        self.plugged_in.set()
        self._late: list[Json] = []
        self._lock = threading.RLock()
        self._numbers = itertools.count(first or 9001)
        self._seqs = itertools.count(first or 1001)
        self._server = serve(
            self._serve, "127.0.0.1", port, process_request=self._gate, compression=None, max_size=None
        )
        self._port = self._server.socket.getsockname()[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it is connected to (forward)."""
        return f"ws://127.0.0.1:{self._port}"

    def call(self, address: str, *, token: str = "", role: str = "Universal") -> None:
        """Connect by itself (reverse), over and over while it is plugged in, until closed."""
        headers = {"X-Self-ID": str(self.number), "X-Client-Role": role}
        headers["Authorization"] = f"Bearer {token or self.token}"

        def keep_calling() -> None:
            while not self.ended.is_set():
                self.plugged_in.wait(1)
                if not self.plugged_in.is_set():
                    continue
                try:
                    with connect(
                        address, additional_headers=headers, proxy=None, compression=None, max_size=None
                    ) as line:
                        self._serve(line)
                except (OSError, WebSocketException):
                    pass
                self.ended.wait(0.05)

        threading.Thread(target=keep_calling, daemon=True).start()

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self.hang_up()

    def hang_up(self) -> None:
        """Every line breaks."""
        for line in list(self.lines):
            line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def open_chat(self, group: int, name: str) -> None:
        self.groups[group] = name

    def say(self, group: int, who: int, name: str, text: str, *, answers: int = 0, at: int = 0) -> int:
        """Somebody says something; answers the message's id."""
        parts = [{"type": "reply", "data": {"id": str(answers)}}] if answers else []
        return self._post(group, who, name, [*parts, {"type": "text", "data": {"text": text}}], at)

    def _post(self, group: int, who: int, name: str, parts: list[Json], at: int = 0) -> int:
        with self._lock:
            number, seq = next(self._numbers), next(self._seqs)
            kind = "message_sent" if who == self.number else "message"
            message: Json = {
                "post_type": kind, "message_type": "group", "sub_type": "normal", "message_id": number,
                "message_seq": number, "group_id": group, "user_id": who, "anonymous": None, "message": parts,
                "message_format": "array", "raw_message": "", "font": 0, "self_id": self.number,
                "sender": {"user_id": who, "nickname": name, "card": "", "role": "member"},
                "time": at or int(time.time()),
            }  # fmt: skip
            if self.tells_seq:
                message["real_seq"] = str(seq)
            self.messages.append(message)
            self._tell(message)
        return number

    def notice(self, kind: str, group: int, who: int, *, at: int = 0, **more: object) -> None:
        """Something happened: group_increase, group_decrease, group_recall, group_msg_emoji_like …"""
        notice = {"post_type": "notice", "notice_type": kind, "group_id": group, "user_id": who, **more}
        self._tell({**notice, "time": at or int(time.time()), "self_id": self.number})

    def _tell(self, event: Json) -> None:
        """To everyone who is connected; what is told to nobody is lost, as it is in life."""
        with self._lock:
            fault = self.faults.popleft() if self.faults else None
            if fault == "reorder":
                self._late.append(event)
                return
            told = [] if fault == "drop" else [event, *self._late]
            self._late = [] if told else self._late
            for each in told * (2 if fault == "duplicate" else 1):
                for line in list(self.lines):
                    _send(line, each)

    def _beat(self) -> None:
        while not self.ended.wait(self.beat_seconds):
            beat = {"post_type": "meta_event", "meta_event_type": "heartbeat", "interval": 5000}
            status = {"online": True, "good": True}
            for line in list(self.lines):
                _send(line, {**beat, "status": status, "time": int(time.time()), "self_id": self.number})

    def _gate(self, line: ServerConnection, request: Request) -> Response | None:
        if not self.plugged_in.is_set():
            return line.respond(503, "")
        given = request.headers.get("Authorization", "")
        return None if given == f"Bearer {self.token}" else line.respond(401, "")

    def _serve(self, line: Connection) -> None:
        start = {"post_type": "meta_event", "meta_event_type": "lifecycle", "sub_type": "connect"}
        _send(line, {**start, "time": int(time.time()), "self_id": self.number})
        self.lines.append(line)
        try:
            for frame in line:
                self._act(line, orjson.loads(frame))
        except ConnectionClosed:
            pass
        finally:
            self.lines.remove(line)

    def _act(self, line: Connection, asked: Json) -> None:
        name, params = str(asked["action"]), asked.get("params") or {}
        deed = self._deeds.get(name)
        is_question = name.startswith("get_")
        trouble = self.troubles.popleft() if self.troubles and not is_question else None
        if trouble == "cut before":
            line.close()
            return
        if deed and not is_question:
            self.deeds.append((name, params))
        self.asked.append(name)
        answer = deed(params) if deed else _failed(1404, "不支持的 Api")
        if trouble == "cut":
            line.close()
        if trouble is None:
            _send(line, {**answer, "echo": asked.get("echo")})

    @property
    def _deeds(self) -> Mapping[str, Callable[[Json], Json]]:
        return {
            "get_login_info": lambda _asked: _ok({"user_id": self.number, "nickname": "小茶"}),
            "get_status": lambda _asked: _ok({"online": True, "good": True}),
            "get_version_info": lambda _asked: _ok({"app_name": "simulator", "protocol_version": "v11"}),
            "get_group_list": lambda _asked: _ok(
                [{"group_id": group, "group_name": name} for group, name in self.groups.items()]
            ),
            "get_group_msg_history": self._history,
            "get_msg": self._message,
            "send_group_msg": self._create,
            "delete_msg": self._delete,
            **dict.fromkeys(
                ("set_group_ban", "set_group_kick", "set_group_add_request", "set_essence_msg"),
                lambda _asked: _ok(None),
            ),
        }

    def _history(self, asked: Json) -> Json:
        said = [each for each in self.messages if each["group_id"] == int(asked["group_id"])]
        if asked.get("message_seq"):
            said = [each for each in said if each["message_seq"] <= int(asked["message_seq"])]
        return _ok({"messages": said[-int(asked.get("count", 20)) :]})

    def _message(self, asked: Json) -> Json:
        found = [each for each in self.messages if each["message_id"] == int(asked["message_id"])]
        return _ok(found[0]) if found else _failed(1200, "消息不存在")

    def _create(self, asked: Json) -> Json:
        if int(asked["group_id"]) not in self.groups:
            return _failed(1200, "群不存在")
        said = asked["message"]
        parts = [{"type": "text", "data": {"text": said}}] if isinstance(said, str) else said
        try:
            parts = [self._laid_down(part) if part["type"] == "image" else part for part in parts]
        except binascii.Error:
            return _failed(1200, "图片读不出来")
        return _ok({"message_id": self._post(int(asked["group_id"]), self.number, "小茶", parts)})

    def _laid_down(self, part: Json) -> Json:
        """A picture as it is heard of afterwards: by a name and an address, not by what is in it."""
        data = base64.b64decode(str(part["data"]["file"]).removeprefix("base64://"), validate=True)
        if pictures.look(data) is None:
            raise binascii.Error
        self.pictures.append(data)
        name = f"{hashlib.md5(data, usedforsecurity=False).hexdigest()}.image"
        return {"type": "image", "data": {"file": name, "url": f"https://multimedia.nt.qq.com.cn/{name}"}}

    def _delete(self, asked: Json) -> Json:
        found = [each for each in self.messages if each["message_id"] == int(asked["message_id"])]
        if not found:
            return _failed(1200, "消息不存在")
        self.messages.remove(found[0])
        return _ok(None)


def _send(line: Connection, words: Json) -> None:
    try:
        line.send(orjson.dumps(words).decode())
    except ConnectionClosed:
        return


def _ok(data: object) -> Json:
    return {"status": "ok", "retcode": 0, "data": data, "message": "", "wording": ""}


def _failed(code: int, words: str) -> Json:
    return {"status": "failed", "retcode": code, "data": None, "message": words, "wording": words}

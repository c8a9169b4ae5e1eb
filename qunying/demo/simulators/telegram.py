"""A Telegram Bot API with groups that live: people join, talk, react and leave; the bot hears and speaks."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count

from qunying.demo.simulators.server import Call, Reply, Simulator

MEMBER, GONE = "member", "left"
Json = dict[str, object]


class Telegram(Simulator):
    """One bot, known by `token`. Updates wait until they are asked for with a later offset, as long as it takes."""

    def __init__(self, token: str, *, port: int = 0, reads_all: bool = True, first: int = 1) -> None:
        self.token, self.reads_all = token, reads_all
        self.updates: list[Json] = []
        self.groups: dict[int, Json] = {}
        self.sent: list[Json] = []
        self.removed: list[int] = []
        self._update, self._message = count(first), count(first)
        super().__init__(port)

    def open_chat(self, number: int, title: str) -> None:
        self.groups[number] = {"id": number, "type": "supergroup", "title": title}

    def say(self, group: int, who: int, name: str, text: str, *, answers: int = 0, at: int = 0) -> int:
        """Somebody says something; answers the message's number."""
        number = next(self._message)
        message = self._shape(group, who, name, number, at) | {"text": text}
        if answers:
            message["reply_to_message"] = {
                "message_id": answers,
                "date": message["date"],
                "chat": message["chat"],
            }
        self._tell({"message": message})
        return number

    def join(self, group: int, who: int, name: str, *, at: int = 0) -> None:
        self._move(group, who, name, GONE, MEMBER, at)

    def leave(self, group: int, who: int, name: str, *, at: int = 0) -> None:
        self._move(group, who, name, MEMBER, GONE, at)

    def react(self, group: int, who: int, name: str, message: int, emoji: str, *, at: int = 0) -> None:
        said = self._shape(group, who, name, message, at)
        self._tell(
            {
                "message_reaction": {
                    "chat": said["chat"],
                    "message_id": message,
                    "user": said["from"],
                    "date": said["date"],
                    "old_reaction": [],
                    "new_reaction": [{"type": "emoji", "emoji": emoji}],
                }
            }
        )

    def _move(self, group: int, who: int, name: str, old: str, new: str, at: int) -> None:
        said = self._shape(group, who, name, 0, at)
        user = said["from"]
        change = {"chat": said["chat"], "from": user, "date": said["date"]}
        standing = {
            "old_chat_member": {"status": old, "user": user},
            "new_chat_member": {"status": new, "user": user},
        }
        self._tell({"chat_member": change | standing})

    def _shape(self, group: int, who: int, name: str, number: int, at: int) -> Json:
        return {
            "message_id": number,
            "date": at or int(time.time()),
            "chat": self.groups[group],
            "from": {"id": who, "is_bot": False, "first_name": name},
        }

    def _tell(self, update: Json) -> None:
        with self.lock:
            self.updates.append({"update_id": next(self._update), **update})

    def answer(self, call: Call) -> Reply:
        given, _slash, method = call.path.removeprefix("/bot").partition("/")
        if given != self.token:
            return Reply({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        deed = self._deeds.get(method)
        if deed is None:
            return Reply({"ok": False, "error_code": 404, "description": "Not Found: method not found"}, 404)
        return deed(call.json())

    @property
    def _deeds(self) -> dict[str, Callable[[Json], Reply]]:
        return {
            "getMe": self._me,
            "getUpdates": self._get_updates,
            "sendMessage": self._send,
            "banChatMember": self._ban,
            **dict.fromkeys(
                ("deleteMessage", "pinChatMessage", "restrictChatMember", "approveChatJoinRequest"),
                lambda _told: _ok(True),
            ),
        }

    def _me(self, _told: Json) -> Reply:
        number = int(self.token.partition(":")[0])
        me = {"id": number, "is_bot": True, "first_name": "茶友机器人", "username": "tea_bot"}
        return _ok(me | {"can_read_all_group_messages": self.reads_all})

    def _get_updates(self, told: Json) -> Reply:
        offset, until = (
            int(str(told.get("offset") or 0)),
            time.monotonic() + float(str(told.get("timeout") or 0)),
        )
        while True:
            with self.lock:
                self.updates = [each for each in self.updates if int(str(each["update_id"])) >= offset]
                ready = self.updates[:100]
            if ready or time.monotonic() >= until:
                return _ok(ready)
            time.sleep(0.02)

    def _send(self, told: Json) -> Reply:
        group = self.groups.get(int(str(told["chat_id"])))
        if group is None:
            return Reply({"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}, 400)
        with self.lock:
            message: Json = {
                "message_id": next(self._message),
                "date": int(time.time()),
                "chat": group,
                "text": told["text"],
            }
            self.sent.append(message)
        return _ok(message)

    def _ban(self, told: Json) -> Reply:
        self.removed.append(int(str(told["user_id"])))
        return _ok(True)


def _ok(result: object) -> Reply:
    return Reply({"ok": True, "result": result})


def too_many(seconds: int) -> Reply:
    """Telegram's answer to one who asks too often."""
    return Reply(
        {
            "ok": False,
            "error_code": 429,
            "description": f"Too Many Requests: retry after {seconds}",
            "parameters": {"retry_after": seconds},
        },
        429,
    )

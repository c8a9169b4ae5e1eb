"""A Telegram Bot API with groups that live: people join, talk, react and leave; the bot hears and speaks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import orjson

from qunying.demo.simulators.server import Call, Part, Reply, Simulator
from qunying.kit import pictures

MEMBER, GONE = "member", "left"
Json = dict[str, object]


class Telegram(Simulator):
    """One bot, known by `token`. Updates wait until they are asked for with a later offset, as long as it takes."""

    def __init__(self, token: str, *, port: int = 0, reads_all: bool = True, first: int = 1) -> None:
        self.token, self.reads_all = token, reads_all
        self.updates: list[Json] = []
        self.groups: dict[int, Json] = {}
        self.sent: list[Json] = []
        self.shown: list[bytes] = []
        self.removed: list[int] = []
        self._update, self._message = count(first), count(first)
        super().__init__(port)

    def open_chat(self, number: int, title: str) -> None:
        self.groups[number] = {"id": number, "type": "supergroup", "title": title}

    def received(self) -> list[str]:
        """What the bot said, a picture as such with the words under it."""
        return [str(each.get("text") or f"[图片]{each.get('caption', '')}") for each in list(self.sent)]

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
        return deed(call.form() or call.json())

    @property
    def _deeds(self) -> dict[str, Callable[[Any], Reply]]:
        return {
            "getMe": self._me,
            "getUpdates": self._get_updates,
            "sendMessage": self._send,
            "sendPhoto": self._photo,
            "sendMediaGroup": self._album,
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
            return _bad("chat not found")
        with self.lock:
            message: Json = {
                "message_id": next(self._message),
                "date": int(time.time()),
                "chat": group,
                "text": told["text"],
            }
            self.sent.append(message)
        return _ok(message)

    def _photo(self, told: dict[str, Part]) -> Reply:
        """One picture with words under it, of at most ten megabytes and 10000 pixels on both sides together."""
        return self._show(told, [told["photo"]], _text(told, "caption"))

    def _album(self, told: dict[str, Part]) -> Reply:
        """Two to ten pictures at once, the words under the first."""
        media = orjson.loads(told["media"].data)
        if not 2 <= len(media) <= 10:
            return _bad("media must contain 2-10 items")
        photos = [told.get(str(each["media"]).removeprefix("attach://")) for each in media]
        return self._show(told, photos, str(media[0].get("caption", "")), is_album=True)

    def _show(
        self, told: dict[str, Part], photos: Sequence[Part | None], caption: str, *, is_album: bool = False
    ) -> Reply:
        group = self.groups.get(int(told["chat_id"].text()))
        seen = [pictures.look(photo.data) if photo else None for photo in photos]
        if group is None:
            return _bad("chat not found")
        if len(caption) > 1024:
            return _bad("message caption is too long")
        if any(each is None or each.width + each.height > 10_000 for each in seen):
            return _bad("PHOTO_INVALID_DIMENSIONS")
        with self.lock:
            made: list[Json] = [
                {
                    "message_id": next(self._message),
                    "date": int(time.time()),
                    "chat": group,
                    "photo": [{"file_id": f"file{number}", "width": each.width, "height": each.height}],
                    **({"caption": caption} if caption and number == 1 else {}),
                }
                for number, each in enumerate(filter(None, seen), 1)
            ]
            self.sent += made
            self.shown += [photo.data for photo in photos if photo]
        return _ok(made if is_album else made[0])

    def _ban(self, told: Json) -> Reply:
        self.removed.append(int(str(told["user_id"])))
        return _ok(True)


def _ok(result: object) -> Reply:
    return Reply({"ok": True, "result": result})


def _bad(words: str) -> Reply:
    return Reply({"ok": False, "error_code": 400, "description": f"Bad Request: {words}"}, 400)


def _text(told: dict[str, Part], name: str) -> str:
    return told[name].text() if name in told else ""


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

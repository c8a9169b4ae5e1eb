"""Writes one chat as ChatLab 0.0.2 JSON lines, so that whoever leaves can take members and acts along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import msgspec
from django.utils.translation import gettext_lazy as _

from qunying.connectors.importers import chatlab_system
from qunying.connectors.importers.chatlab import NAME_ONLY, SCHEMES, SYSTEM, SYSTEM_TYPE, UNSTATED
from qunying.connectors.importers.system_line import NOBODY, SystemLine, Who
from qunying.connectors.incoming import Act, Chat, Entry, Figure, Form, Person, Unknown
from qunying.kit.refusals import Text

TYPES: dict[Form, int] = {
    "text": 0,
    "image": 1,
    "audio": 2,
    "video": 3,
    "file": 4,
    "sticker": 5,
    "link": 7,
    "location": 8,
    "red_packet": 20,
    "card": 24,
    "quote": 26,
    "other": 99,
}
"""ChatLab's number for a form; a poll has none and goes as 99."""
REPLY_TYPE, OTHER_TYPE = 25, 99
_NO_PLACE = frozenset({"reaction", "unreaction", "share"})

LEFT_OUT: dict[str, Text] = {
    "reaction": _("表情回应"),
    "unreaction": _("取消的表情回应"),
    "share": _("分享"),
    "anonymous": _("没有发送人的行为"),
    "figure": _("后台统计数字"),
    "unknown": _("未识别的行"),
    "poll": _("投票的形式（内容已导出）"),
    "edited_at": _("编辑时间"),
    "milliseconds": _("秒以下的时间"),
    "precision": _("时间精度（只到分或日）"),
    "reply_author": _("被回复的人（被回复的消息已导出）"),
    "join_source": _("入群来源"),
    "aliases": _("不在群内的人的曾用名和身份"),
    "marks": _("机器人和员工标记"),
    "attributes": _("群成员的其他资料"),
    "identity": _("账号的类型（编号已导出）"),
}
"""What the format has no place for, as the summary names it."""


@dataclass
class ChatLabExport:
    """One chat on its way out. `entries` is asked twice, first for the people; `exported_at` is in Unix seconds.

    `left_out` counts what the format cannot carry, by the keys of `LEFT_OUT`; it is whole once `lines` has ended.
    Members who are listed get a line of their own; others are known by their messages.
    """

    entries: Callable[[], Iterable[Entry]]
    exported_at: int
    left_out: Counter[str] = field(default_factory=Counter)

    def lines(self) -> Iterator[bytes]:
        """JSON lines with their ends. Raises ValueError for entries without a chat or of several."""
        self.left_out.clear()
        chat, people = self._look()
        yield _line(
            {
                "_type": "header",
                "chatlab": {"version": "0.0.2", "exportedAt": self.exported_at, "generator": "Qunying"},
                "meta": {
                    "name": chat.name,
                    "platform": chat.platform,
                    "type": "private" if chat.kind == "dm" else "group",
                    "groupId": chat.key,
                },
            }
        )
        for person in people.values():
            self._count_person(chat, person)
            if person.is_listed:
                yield _line(_member(chat, person))
        for entry in self.entries():
            if isinstance(entry, Act):
                row = self._row(chat, people, entry)
                if row:
                    yield _line(row)
            elif isinstance(entry, Figure):
                self.left_out["figure"] += 1
            elif isinstance(entry, Unknown):
                self.left_out["unknown"] += 1

    def _look(self) -> tuple[Chat, dict[str, Person]]:
        chats: dict[str, Chat] = {}
        people: dict[str, Person] = {}
        for entry in self.entries():
            if isinstance(entry, Chat):
                chats[entry.key] = entry
            elif isinstance(entry, Person):
                people[entry.ref] = entry
        (chat,) = chats.values()
        return chat, people

    def _count_person(self, chat: Chat, person: Person) -> None:
        self._count(
            marks=person.is_bot or person.is_staff,
            attributes=bool(person.attributes),
            identity=(person.scheme, person.scope) != _identity(chat),
            aliases=not person.is_listed and bool(person.aliases or person.roles),
        )

    def _count(self, **missing: bool) -> None:
        self.left_out.update(name for name, is_missing in missing.items() if is_missing)

    def _row(self, chat: Chat, people: dict[str, Person], act: Act) -> dict[str, object] | None:
        actor = people.get(act.actor)
        if actor is None or act.kind in _NO_PLACE:
            self.left_out[act.kind if act.kind in _NO_PLACE else "anonymous"] += 1
            return None
        self._count(
            poll=act.form == "poll",
            edited_at=act.edited_at is not None,
            milliseconds=bool(act.at % 1000),
            precision=act.precision in {"min", "day"},
            reply_author=act.kind == "message" and bool(act.other),
            join_source=bool(act.source),
        )
        if act.kind == "message":
            return _message(chat, actor, act)
        told = SystemLine(
            kind=act.kind,
            actor=_who(chat, actor),
            other=_who(chat, people[act.other]) if act.other in people else NOBODY,
            target=act.target,
            text=act.text,
        )
        return {
            "_type": "message",
            **({"platformMessageId": act.id} if act.id else {}),
            "sender": SYSTEM,
            "accountName": SYSTEM,
            "timestamp": act.at // 1000,
            "type": SYSTEM_TYPE,
            "content": chatlab_system.write(told),
        }


def _identity(chat: Chat) -> tuple[str, str]:
    """(scheme, scope) that ChatLab's ids of this platform mean when they are read back."""
    if chat.platform in NAME_ONLY:
        return "name", chat.key
    if chat.platform in UNSTATED:
        return "unknown.id", chat.key
    return SCHEMES.get(chat.platform, f"{chat.platform}.id"), ""


def _id(chat: Chat, person: Person) -> str:
    """The platform's own id; an id of another kind carries its kind, so that it meets no other."""
    is_usual = (person.scheme, person.scope) == _identity(chat)
    return person.value if is_usual else f"{person.scheme}:{person.value}"


def _who(chat: Chat, person: Person) -> Who:
    """Who knows no account but a name stays a mere name in a system line."""
    return Who(name=person.name, id="" if person.scheme == "name" else _id(chat, person))


def _member(chat: Chat, person: Person) -> dict[str, object]:
    return {
        "_type": "member",
        "platformId": _id(chat, person),
        "accountName": person.name,
        **({"aliases": person.aliases} if person.aliases else {}),
        **({"roles": [{"id": role} for role in person.roles]} if person.roles else {}),
    }


def _message(chat: Chat, actor: Person, act: Act) -> dict[str, object]:
    is_reply = act.form == "text" and bool(act.target)
    return {
        "_type": "message",
        **({"platformMessageId": act.id} if act.id else {}),
        "sender": _id(chat, actor),
        "accountName": actor.name,
        "timestamp": act.at // 1000,
        "type": REPLY_TYPE if is_reply else TYPES.get(act.form, OTHER_TYPE),
        "content": act.text or None,
        **({"replyToMessageId": act.target} if act.target else {}),
    }


def _line(row: dict[str, object]) -> bytes:
    return msgspec.json.encode(row) + b"\n"

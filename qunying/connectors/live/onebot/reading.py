"""OneBot's events as entries. A group is known by its number, like in QQ exports that tell it.

A message is known by its sequence number within the group where the implementation tells it (NapCat `real_seq`, others
`message_seq`): it is the same for every account in the group and in the QQ exporter's files, which OneBot's own
message ids are not. Events that refer to a message tell only its id, so the talker adds what it learned: `_known` with
`seqs` (message id → sequence number) and the group's `name`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from qunying.connectors.incoming import Act, Chat, Entry, Form, Person

Record = Mapping[str, Any]
FORMS: dict[str, Form] = {
    "image": "image", "record": "audio", "video": "video", "file": "file", "face": "sticker", "mface": "sticker",
    "bface": "sticker", "dice": "sticker", "rps": "sticker", "share": "link", "music": "link", "location": "location",
    "contact": "card", "json": "card", "xml": "card", "forward": "quote", "node": "quote", "redbag": "red_packet",
    "wallet": "red_packet",
}  # fmt: skip
WORDS = {"text", "at", "reply", "markdown"}
_CODE = re.compile(r"\[CQ:([\w.-]+)((?:,[^,\]]*)*)\]")
FIRST_CHARACTER = 5000
"""Emoji ids above are characters, those below are QQ's own faces."""


def decode(body: bytes, _heard_at: int) -> Iterator[Entry]:
    """The entries of one event; what happens outside groups, and what says nothing of members, yields none."""
    event: Record = msgspec.json.decode(body)
    if event.get("group_id") in (None, 0, ""):
        return
    told = READERS.get(_name(event))
    entries = list(told(event)) if told else []
    if entries:
        yield Chat(str(event["group_id"]), channel_name(event), "qq", "group")
        yield from entries


def _name(event: Record) -> str:
    kind = str(event["post_type"])
    return "message" if kind.startswith("message") else str(event.get(f"{kind}_type", kind))


def channel_name(event: Record) -> str:
    return str(event.get("group_name") or (event.get("_known") or {}).get("name") or "")


def sequence(event: Record) -> str:
    """The message's number within its group; "" where the implementation does not tell."""
    told = str(event.get("real_seq") or "")
    if not told and event.get("message_seq") != event.get("message_id"):
        told = str(event.get("message_seq") or "")
    return told if told not in ("0", "-1") else ""


def references(event: Record) -> list[str]:
    """The ids of messages that the event refers to."""
    if _name(event) == "message":
        return [str(data["id"]) for kind, data in segments(event) if kind == "reply" and data.get("id")]
    return [str(event["message_id"])] if event.get("message_id") else []


def segments(event: Record) -> list[tuple[str, Record]]:
    """The parts of a message, whether it came as an array or as text with codes."""
    said = event.get("message") or ()
    if isinstance(said, str):
        return list(_coded(said))
    return [(str(part["type"]), part.get("data") or {}) for part in said]


def _coded(text: str) -> Iterator[tuple[str, Record]]:
    end = 0
    for found in _CODE.finditer(text):
        if found.start() > end:
            yield "text", {"text": _plain(text[end : found.start()])}
        pairs = (pair.partition("=") for pair in found[2].split(",") if pair)
        yield found[1], {name: _plain(value) for name, _equals, value in pairs}
        end = found.end()
    if end < len(text):
        yield "text", {"text": _plain(text[end:])}


def _plain(text: str) -> str:
    for code, sign in (("&#44;", ","), ("&#91;", "["), ("&#93;", "]"), ("&amp;", "&")):
        text = text.replace(code, sign)
    return text


def _message(event: Record) -> Iterator[Entry]:
    who = _speaker(event)
    parts = segments(event)
    targets = references(event)
    yield who
    yield Act(
        "message",
        _ms(event),
        who.ref,
        id=sequence(event) or _own_id(event, event["message_id"]),
        text=words_of(event),
        form=_form([kind for kind, _data in parts]),
        target=_target(event, targets[0]) if targets else "",
    )


def _speaker(event: Record) -> Person:
    masked = event.get("anonymous")
    if masked:
        group, value = str(event["group_id"]), str(masked.get("id", ""))
        return Person(f"anonymous{value}", "qq.anonymous", group, value, str(masked.get("name", "")))
    sender = event.get("sender") or {}
    names = list(dict.fromkeys(str(sender[field]) for field in ("card", "nickname") if sender.get(field)))
    roles = [
        str(sender[field]) for field in ("role", "title") if sender.get(field) not in (None, "", "member")
    ]
    return msgspec.structs.replace(
        _person(event, event["user_id"]),
        name=names[0] if names else "",
        aliases=tuple(names[1:]),
        roles=tuple(roles),
    )


def _person(event: Record, number: object) -> Person:
    return Person(str(number), "qq.uin", "", str(number), is_bot=str(number) == str(event.get("self_id", "")))


def _ms(event: Record) -> int:
    return int(event["time"]) * 1000


def _own_id(event: Record, id_: object) -> str:
    """Message ids are the account's own: another account in the group has others for the same messages."""
    return f"{event['self_id']}-{id_}"


def _target(event: Record, id_: str) -> str:
    seqs = (event.get("_known") or {}).get("seqs") or {}
    return str(seqs.get(id_) or _own_id(event, id_))


def words_of(event: Record) -> str:
    """What was written, mentions included; nothing for pictures and quotations."""
    return "".join(_words(kind, data) for kind, data in segments(event)).strip()


def _words(kind: str, data: Record) -> str:
    if kind == "text":
        return str(data.get("text", ""))
    if kind == "markdown":
        return str(data.get("content", ""))
    if kind == "at":
        called = "全体成员" if data.get("qq") == "all" else data.get("name") or data.get("qq")
        return f"@{str(called).removeprefix('@')}"
    return ""


def _form(kinds: list[str]) -> Form:
    """What it is beside words; faces among words are words."""
    for kind in kinds:
        form = FORMS.get(kind, "other")
        if kind not in WORDS and (form != "sticker" or len(kinds) == 1):
            return form
    return "text"


def _come(event: Record) -> Iterator[Entry]:
    """Who lets somebody in is not who invited them."""
    who, inviter = _person(event, event["user_id"]), _by(event)
    invited = event.get("sub_type") == "invite" and inviter is not None and inviter.ref != who.ref
    yield who
    if invited and inviter is not None:
        yield inviter
        yield Act("join", _ms(event), who.ref, other=inviter.ref, source="邀请")
    else:
        yield Act("join", _ms(event), who.ref)


def _go(event: Record) -> Iterator[Entry]:
    who, by = _person(event, event["user_id"]), _by(event)
    yield who
    if event.get("sub_type") == "leave" or (by is not None and by.ref == who.ref):
        yield Act("leave", _ms(event), who.ref)
        return
    if by is not None:
        yield by
    yield Act("remove", _ms(event), who.ref, other=by.ref if by else "")


def _by(event: Record) -> Person | None:
    number = event.get("operator_id")
    return _person(event, number) if number not in (None, 0, "", "0") else None


def _recall(event: Record) -> Iterator[Entry]:
    by = _by(event) or _person(event, event["user_id"])
    yield by
    yield Act("recall", _ms(event), by.ref, target=_target(event, str(event["message_id"])))


def _react(event: Record) -> Iterator[Entry]:
    """NapCat and LLBot tell who gives which; Lagrange calls it `reaction`."""
    who = _person(event, event.get("operator_id") or event["user_id"])
    taken = event.get("is_add") is False or event.get("sub_type") == "remove"
    faces = [each["emoji_id"] for each in event.get("likes") or ()] or [event["code"]]
    yield who
    for face in faces:
        yield Act(
            "unreaction" if taken else "reaction",
            _ms(event),
            who.ref,
            target=_target(event, str(event["message_id"])),
            emoji=_emoji(str(face)),
        )


def _emoji(id_: str) -> str:
    is_character = id_.isdigit() and FIRST_CHARACTER <= int(id_) < 0x110000
    return chr(int(id_)) if is_character else id_


def _essence(event: Record) -> Iterator[Entry]:
    by = _by(event)
    if by is not None and event.get("sub_type") == "add":
        yield by
        yield Act("pin", _ms(event), by.ref, target=_target(event, str(event["message_id"])))


def _ban(event: Record) -> Iterator[Entry]:
    """Muting is no fact of ours yet: what an administrator did is counted as a service line."""
    by = _by(event)
    if by is not None:
        yield by
        yield Act("notice", _ms(event), by.ref)


def _standing(event: Record) -> Iterator[Entry]:
    roles = ("admin",) if event.get("sub_type") == "set" else ()
    yield msgspec.structs.replace(_person(event, event["user_id"]), roles=roles)


READERS: Mapping[str, Callable[[Record], Iterator[Entry]]] = {
    "message": _message,
    "group_increase": _come,
    "group_decrease": _go,
    "group_recall": _recall,
    "group_msg_emoji_like": _react,
    "reaction": _react,
    "essence": _essence,
    "group_ban": _ban,
    "group_admin": _standing,
}
"""Events that yield entries. Uploads come as messages too, requests to join are no joins, pokes say nothing."""

"""Discord's gateway dispatches as entries. Channels, people and messages are known by their snowflakes, like in
DiscordChatExporter's files, so live messages and imported history meet.

Dispatches name no channels, so the talker adds what it learned: `_known` with the channel's `name` and `kind`, and for
who comes and goes the `home` where that is told: the server's system channel, if it tells of joins itself, or "".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from qunying.connectors.importers.forms import form_of_name
from qunying.connectors.incoming import Act, Chat, Entry, Form, Person

Record = Mapping[str, Any]
DISPATCH = 0
MESSAGES, JOIN, PIN, NOTICES = {0, 19, 20, 23}, 7, 6, {4, 8, 9, 10, 11}
"""Kinds of messages; the notices are a channel's new name and boosts."""
REPLY, FORWARD = 19, 1
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def decode(body: bytes, heard_at: int) -> Iterator[Entry]:
    """The entries of one gateway payload. What carries no time of its own happened when it was heard."""
    payload: Record = msgspec.json.decode(body)
    told = READERS.get(str(payload.get("t")))
    if payload.get("op") != DISPATCH or told is None:
        return
    data: Record = payload["d"]
    known: Record = payload.get("_known") or {}
    entries = list(told(data, known, heard_at))
    if entries:
        yield _chat(data, known)
        yield from entries


def _chat(data: Record, known: Record) -> Chat:
    if "channel_id" in data:
        return Chat(
            str(data["channel_id"]), str(known.get("name", "")), "discord", known.get("kind", "channel")
        )
    home = str(known.get("home") or "")
    kind = "channel" if home else "group"
    return Chat(home or str(data["guild_id"]), str(known.get("name", "")), "discord", kind)  # type: ignore[arg-type]  # two of them


def _person(user: Record, member: Record | None = None) -> Person:
    account = str(user.get("username", ""))
    name = str((member or {}).get("nick") or user.get("global_name") or account)
    return Person(
        str(user["id"]),
        "discord.user",
        "",
        str(user["id"]),
        name,
        aliases=(account,) if account != name else (),
        is_bot=bool(user.get("bot")),
    )


def ms_of(stamp: str) -> int:
    return (dt.datetime.fromisoformat(stamp) - _EPOCH) // dt.timedelta(milliseconds=1)


def _message(data: Record, _known: Record, _heard_at: int) -> Iterator[Entry]:
    """A message or its later edition; one without an author is only a part and says nothing new."""
    if not data.get("author"):
        return
    kind, who = data.get("type", 0), _person(data["author"], data.get("member"))
    at, id_ = ms_of(data["timestamp"]), str(data["id"])
    reference = data.get("message_reference") or {}
    if kind in MESSAGES:
        yield who
        yield _said(data, who, at, reference)
    elif kind == JOIN:
        yield who
        yield Act("join", at, who.ref, id_, precision="ms")
    elif kind == PIN:
        yield who
        yield Act("pin", at, who.ref, id_, target=str(reference.get("message_id") or ""), precision="ms")
    elif kind in NOTICES:
        yield who
        yield Act("notice", at, who.ref, id_, precision="ms")


def _said(data: Record, who: Person, at: int, reference: Record) -> Act:
    is_forward = reference.get("type") == FORWARD
    parts = [each.get("message") or {} for each in data.get("message_snapshots") or ()]
    forwarded = parts[0] if is_forward and parts else {}
    edited = data.get("edited_timestamp")
    return Act(
        "message",
        at,
        who.ref,
        id=str(data["id"]),
        text=str(data.get("content") or forwarded.get("content") or ""),
        form="quote" if is_forward else _form(data),
        target=str(reference.get("message_id") or "") if data.get("type") == REPLY else "",
        edited_at=ms_of(edited) if edited else None,
        precision="ms",
    )


def _form(data: Record) -> Form:
    if data.get("poll"):
        return "poll"
    if data.get("attachments"):
        return form_of_name(str(data["attachments"][0].get("filename", "")))
    if data.get("sticker_items"):
        return "sticker"
    return "card" if data.get("embeds") and not data.get("content") else "text"


def _deleted(data: Record, _known: Record, heard_at: int) -> Iterator[Entry]:
    """Discord does not say who deleted it."""
    for id_ in data.get("ids") or [data["id"]]:
        yield Act("recall", heard_at, "", target=str(id_), precision="ms")


def _come(data: Record, known: Record, _heard_at: int) -> Iterator[Entry]:
    """Where the system channel tells of joins, its message is the join, as it is in an export."""
    if not known.get("home"):
        who = _person(data["user"], data)
        yield who
        yield Act("join", ms_of(data["joined_at"]), who.ref, precision="ms")


def _gone(data: Record, _known: Record, heard_at: int) -> Iterator[Entry]:
    """Who was removed or banned goes the same way: Discord does not say which."""
    who = _person(data["user"])
    yield who
    yield Act("leave", heard_at, who.ref, precision="ms")


def _reacted(data: Record, _known: Record, heard_at: int) -> Iterator[Entry]:
    yield from _reaction("reaction", data, heard_at)


def _unreacted(data: Record, _known: Record, heard_at: int) -> Iterator[Entry]:
    yield from _reaction("unreaction", data, heard_at)


def _reaction(kind: str, data: Record, heard_at: int) -> Iterator[Entry]:
    member = data.get("member") or {}
    emoji = str(data["emoji"].get("name") or data["emoji"].get("id"))
    who = _person(member.get("user") or {"id": data["user_id"]}, member)
    yield who
    yield Act(kind, heard_at, who.ref, target=str(data["message_id"]), emoji=emoji, precision="ms")  # type: ignore[arg-type]  # two of them


READERS: Mapping[str, Callable[[Record, Record, int], Iterator[Entry]]] = {
    "MESSAGE_CREATE": _message,
    "MESSAGE_UPDATE": _message,
    "MESSAGE_DELETE": _deleted,
    "MESSAGE_DELETE_BULK": _deleted,
    "GUILD_MEMBER_ADD": _come,
    "GUILD_MEMBER_REMOVE": _gone,
    "MESSAGE_REACTION_ADD": _reacted,
    "MESSAGE_REACTION_REMOVE": _unreacted,
}
"""Dispatches that yield entries. A ban comes as a leave too; a vote is no fact of ours."""

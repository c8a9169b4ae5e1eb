"""DiscordChatExporter JSON: one channel a file. Leaves never appear there; `isPinned` is a state, not an act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers.format import Format
from qunying.connectors.importers.forms import form_of_name
from qunying.connectors.importers.json_stream import Record, each, first, head_text, items, snippet, text_of
from qunying.connectors.importers.people import Roll
from qunying.connectors.importers.reactions import reactions
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.whys import STRANGE_KIND
from qunying.connectors.incoming import Act, Chat, Entry, Form, Guess, Options, Person, Unknown

MESSAGES = {"Default", "Reply", "19", "20", "23"}
JOINS = {"GuildMemberJoin", "7"}
PINS = {"ChannelPinnedMessage", "6"}
RENAMES = {"ChannelNameChange", "4"}
BOOSTS = {"8", "9", "10", "11"}
SILENT = {
    "Call", "3", "ChannelIconChange", "5", "ThreadCreated", "18", "12", "14", "15", "16", "17", "21", "22", "24",
    "26", "27", "28", "29", "31", "32", "36", "37", "38", "39", "46",
}  # fmt: skip
_KINDS: dict[str, Literal["group", "channel", "topic", "dm", "forum"]] = {
    "DirectTextChat": "dm",
    "DirectGroupTextChat": "group",
    "GuildForum": "forum",
    "GuildPublicThread": "topic",
    "GuildPrivateThread": "topic",
    "GuildNewsThread": "topic",
}


def sniff(source: Source) -> Guess | None:
    if source.is_many:
        return None
    head = head_text(source)[:8192]
    marks = ('"guild"', '"channel"', '"exportedAt"')
    if head.startswith("{") and all(mark in head for mark in marks):
        return Guess(95, _("开头有 guild、channel、exportedAt 三项"))
    return None


def read(source: Source, options: Options) -> Iterator[Entry]:
    guild, channel = first(source, "guild") or {}, first(source, "channel") or {}
    name = " / ".join(filter(None, (text_of(guild.get("name")), text_of(channel.get("name")))))
    kind = _KINDS.get(text_of(channel.get("type")), "channel")
    yield Chat(text_of(channel.get("id")) or name, name, "discord", kind)
    yield from each(items(source, "messages.item"), _Channel().take)


class _Channel:
    """One channel being read."""

    def __init__(self) -> None:
        self.roll = Roll()

    def take(self, line: int, record: Record) -> Iterator[Entry]:
        kind, author = record["type"], record["author"]
        if kind in SILENT:
            return
        if kind not in MESSAGES | JOINS | PINS | RENAMES | BOOSTS | {
            "RecipientAdd",
            "RecipientRemove",
            "1",
            "2",
        }:
            yield Unknown(line=line, raw=snippet(record), why=STRANGE_KIND)
            return
        yield from self.roll.meet(_person(author))
        if kind in MESSAGES:
            yield from self._message(line, record)
            return
        at, by, id_ = _ms(record["timestamp"]), author["id"], record["id"]
        about = (record.get("reference") or {}).get("messageId") or ""
        if kind in JOINS:
            yield Act("join", at, by, id_, precision="ms", line=line)
        elif kind in PINS:
            yield Act("pin", at, by, id_, target=about, precision="ms", line=line)
        elif kind in RENAMES or kind in BOOSTS:
            text = "boost" if kind in BOOSTS else record["content"]
            yield Act("notice", at, by, id_, text, precision="ms", line=line)
        else:
            yield from self._recipients(line, record, at)

    def _recipients(self, line: int, record: Record, at: int) -> Iterator[Entry]:
        """Group chats: somebody was added, was removed, or left."""
        by = record["author"]["id"]
        for person in record["mentions"]:
            yield from self.roll.meet(_person(person))
            alone = person["id"] == by
            kind: Literal["join", "leave", "remove"] = "leave" if alone else "remove"
            if record["type"] in ("RecipientAdd", "1"):
                kind = "join"
            other = "" if alone else by
            yield Act(kind, at, person["id"], record["id"], other=other, precision="ms", line=line)

    def _message(self, line: int, record: Record) -> Iterator[Entry]:
        at, by, id_ = _ms(record["timestamp"]), record["author"]["id"], record["id"]
        edited = record.get("timestampEdited")
        forwarded = record.get("forwardedMessage") or {}
        about = (record.get("reference") or {}).get("messageId") if not forwarded else ""
        yield Act(
            kind="message",
            at=at,
            actor=by,
            id=id_,
            text=record["content"] or text_of(forwarded.get("content")),
            form="quote" if forwarded else _form(record),
            target=about or "",
            edited_at=_ms(edited) if edited else None,
            precision="ms",
            line=line,
        )
        for reaction in record.get("reactions") or ():
            users = reaction.get("users") or ()
            for user in users:
                yield from self.roll.meet(_person(user))
            refs, emoji = [user["id"] for user in users], reaction["emoji"]["name"]
            yield from reactions(
                refs, int(reaction["count"]), at=at, target=id_, author=by, emoji=emoji, line=line
            )


def _person(raw: Record) -> Person:
    name, account = text_of(raw.get("nickname") or raw["name"]), text_of(raw["name"])
    return Person(
        ref=raw["id"],
        scheme="discord.user",
        scope="",
        value=raw["id"],
        name=name,
        aliases=(account,) if account != name else (),
        roles=tuple(text_of(role["name"]) for role in raw.get("roles") or ()),
        is_bot=bool(raw.get("isBot")),
    )


def _ms(stamp: str) -> int:
    """Milliseconds of an ISO time with its offset, without passing through floats."""
    moment = dt.datetime.fromisoformat(stamp)
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)


def _form(record: Record) -> Form:
    if record.get("attachments"):
        return form_of_name(text_of(record["attachments"][0].get("fileName")))
    if record.get("stickers"):
        return "sticker"
    return "card" if record.get("embeds") and not record["content"] else "text"


DISCORD = Format("discord", gettext_lazy("Discord 频道导出（DiscordChatExporter JSON）"), sniff, read)

"""Telegram Desktop `result.json`: one chat, or every chat of an account.

The prefix of an account id becomes the scheme: `user7001` is telegram.user 7001, `channel…` telegram.channel (an
anonymous admin speaks as the channel itself), so ids of different kinds never meet. Supergroup and channel chats get
the Bot API's key (-100…), where message ids are the same as live ones; in basic groups they are not, so there they
get an `e` in front. Reactors the file names become reactions, the rest one anonymous count.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers.format import Format
from qunying.connectors.importers.json_stream import (
    Broken,
    Record,
    each,
    head_text,
    items,
    snippet,
    text_of,
    tokens,
)
from qunying.connectors.importers.people import Names, Roll
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.system_acts import Stage
from qunying.connectors.importers.system_line import Who
from qunying.connectors.importers.telegram_service import SILENT, told
from qunying.connectors.importers.whys import DELETED_ACCOUNT, NO_SENDER, STRANGE_KIND, STRANGE_SYSTEM_LINE
from qunying.connectors.incoming import Act, Chat, Entry, Form, Guess, Options, Person, Unknown

_KINDS = "personal_chat|bot_chat|saved_messages|replies|verify_codes|(?:private|public)_(?:group|supergroup|channel)"
_SINGLE = re.compile(rf'\{{\s*"name"\s*:.{{0,500}}?"type"\s*:\s*"(?:{_KINDS})"', re.DOTALL)
_FULL = re.compile(r'\{\s*"(?:about|personal_information|chats|left_chats|contacts|frequent_contacts)"')
_ACCOUNT = re.compile(r"(user|channel|chat)(\d+)")

_FIELD_FORMS: tuple[tuple[str, Form], ...] = (
    ("photo", "image"),
    ("poll", "poll"),
    ("location_information", "location"),
    ("contact_information", "card"),
    ("file", "file"),
)
_MEDIA_FORMS: dict[str, Form] = {
    "sticker": "sticker",
    "video_message": "video",
    "video_file": "video",
    "animation": "image",
    "voice_message": "audio",
    "audio_file": "audio",
}
_ODD_FIELDS = ("invoice_information", "game_title", "giveaway_information", "todo_list")


def _file(source: Source) -> str | None:
    return source.find("result.json") if source.is_many else source.names()[0]


def sniff(source: Source) -> Guess | None:
    name = _file(source)
    if name is None:
        return None
    head = head_text(source, name)
    if _SINGLE.match(head):
        return Guess(95, _("开头是 Telegram 桌面版的聊天名称和类型"))
    if _FULL.match(head) and ("Telegram" in head or '"left_chats"' in head or '"chats"' in head):
        return Guess(90, _("开头是 Telegram 桌面版的账号导出说明"))
    return None


def read(source: Source, options: Options) -> Iterator[Entry]:
    """Chat by chat, in the order of the file. A file with illegal escapes is taken up again, repaired."""
    name = _file(source)
    if _FULL.match(head_text(source, name)):
        for group in ("chats", "left_chats"):
            yield from _read_list(source, name, f"{group}.list.item", options)
        return
    header = {key: next(_repairing(source, key, name), None) for key in ("name", "type", "id")}
    chat = _Chat(header, options, lambda: [_names_of(_repairing(source, "messages.item", name))], 0)
    yield chat.chat
    yield from each(_repairing(source, "messages.item", name), chat.take)


def _read_list(source: Source, name: str | None, base: str, options: Options) -> Iterator[Entry]:
    headers = _headers(source, name, base)
    messages = _repairing(source, f"{base}.messages.item", name)

    def names() -> list[Names]:
        again = _repairing(source, f"{base}.messages.item", name)
        return [_names_of(islice(again, count)) for _header, count in headers]

    for index, (header, count) in enumerate(headers):
        chat = _Chat(header, options, names, index)
        yield chat.chat
        yield from each(islice(messages, count), chat.take)


def _headers(source: Source, name: str | None, base: str) -> list[tuple[Record, int]]:
    """Name, type and id of every chat with the number of its messages."""
    try:
        return _counted(tokens(source, name), base)
    except Broken:
        return _counted(tokens(source, name, repair=True), base)


def _counted(stream: Iterator[tuple[str, str, Any]], base: str) -> list[tuple[Record, int]]:
    chats: list[tuple[Record, int]] = []
    wanted = {f"{base}.{key}": key for key in ("name", "type", "id")}
    message = f"{base}.messages.item"
    for prefix, event, value in stream:
        if prefix == message and event == "start_map":
            chats[-1] = (chats[-1][0], chats[-1][1] + 1)
        elif prefix == base and event == "start_map":
            chats.append(({}, 0))
        elif prefix in wanted:
            chats[-1][0][wanted[prefix]] = value
    return chats


def _repairing(source: Source, prefix: str, name: str | None) -> Iterator[Any]:
    """The values at the prefix; where the file breaks they are read once more with the escapes repaired."""
    done = 0
    try:
        for value in items(source, prefix, name):
            yield value
            done += 1
    except Broken:
        yield from islice(items(source, prefix, name, repair=True), done, None)


def _names_of(messages: Iterator[Any]) -> Names:
    names = Names()
    for message in messages:
        if isinstance(message, dict):
            names.add(text_of(message.get("from")), text_of(message.get("from_id")))
            names.add(text_of(message.get("actor")), text_of(message.get("actor_id")))
            for reaction in message.get("reactions") or ():
                for recent in reaction.get("recent") or ():
                    names.add(text_of(recent.get("from")), text_of(recent.get("from_id")))
    return names


class _Chat:
    """One chat being read. `names` reads the names of all chats, once, when a service line needs them."""

    def __init__(
        self, header: Record, options: Options, names: Callable[[], list[Names]], index: int
    ) -> None:
        kind, number = text_of(header.get("type")), text_of(header.get("id"))
        self.number = number
        shared = kind.endswith(("supergroup", "channel"))
        key = f"-100{number}" if shared else f"-{number}" if kind.endswith("group") else number
        self.id_prefix = "" if shared else "e"
        form = "channel" if kind.endswith("channel") else "group" if kind.endswith("group") else "dm"
        self.chat = Chat(key, text_of(header.get("name")), "telegram", form)  # type: ignore[arg-type]  # three of them
        self.zone = ZoneInfo(options.zone)
        self.roll = Roll()
        self._all: list[Names] | None = None
        self._read_names, self._index = names, index
        self.stage = Stage(chat=key, roll=self.roll, names=self._names, account=self.account)

    def _names(self) -> Names:
        if self._all is None:
            self._all = self._read_names()
        return self._all[self._index]

    def account(self, ref: str, name: str) -> Person:
        """The person of a prefixed id. One who speaks as the chat itself is an anonymous admin, so staff."""
        hit = _ACCOUNT.fullmatch(ref)
        scheme, value = (f"telegram.{hit[1]}", hit[2]) if hit else ("telegram.user", ref)
        return Person(
            ref, scheme, "", value, name, is_staff=scheme == "telegram.channel" and value == self.number
        )

    def take(self, line: int, record: Record) -> Iterator[Entry]:
        kind = record["type"]
        if kind == "service":
            yield from self._service(line, record)
        elif kind == "message":
            yield from self._message(line, record)
        else:
            yield Unknown(line=line, raw=snippet(record), why=STRANGE_KIND)

    def _message(self, line: int, record: Record) -> Iterator[Entry]:
        who = Who(name=text_of(record.get("from")), id=text_of(record.get("from_id")))
        actor, introduced = self.stage.meet(who)
        if not actor:
            yield Unknown(line=line, raw=snippet(record), why=NO_SENDER)
            return
        yield from introduced
        at, id_ = self._at(record), self._id(record["id"])
        edited = 0 if record.get("reactions") else record.get("edited_unixtime") or 0
        yield Act(
            kind="message",
            at=at,
            actor=actor,
            id=id_,
            text=_text(record),
            form=_form(record),
            target="" if record.get("reply_to_peer_id") else self._id(record.get("reply_to_message_id")),
            edited_at=int(edited) * 1000 or None,
            line=line,
        )
        for reaction in record.get("reactions") or ():
            yield from self._reactions(line, record, reaction, target=id_, author=actor)

    def _reactions(
        self, line: int, record: Record, reaction: Record, *, target: str, author: str
    ) -> Iterator[Entry]:
        emoji = reaction.get("emoji") or reaction.get("document_id") or reaction["type"]
        named = 0
        sent = self._at(record)
        ahead = sent - _naive(record["date"])
        for recent in reaction.get("recent") or ():
            actor, introduced = self.stage.meet(
                Who(name=text_of(recent.get("from")), id=text_of(recent.get("from_id")))
            )
            if actor:
                named += 1
                yield from introduced
                at = _naive(recent["date"]) + ahead
                yield Act("reaction", at, actor, target=target, other=author, emoji=emoji, line=line)
        rest = int(reaction["count"]) - named
        if rest > 0:
            yield Act(
                "reaction",
                sent,
                "",
                target=target,
                other=author,
                emoji=emoji,
                value=rest,
                precision="day",
                line=line,
            )

    def _service(self, line: int, record: Record) -> Iterator[Entry]:
        action = record["action"]
        if action in SILENT:
            return
        raw = snippet(record)
        acts = told(record, pin=self._id(record.get("message_id")))
        if acts is None:
            yield Unknown(line=line, raw=raw, why=STRANGE_SYSTEM_LINE)
            return
        for _missing in (name for name in record.get("members") or () if not name):
            yield Unknown(line=line, raw=raw, why=DELETED_ACCOUNT)
        yield from self.stage.play(acts, at=self._at(record), line=line, raw=raw, id_=self._id(record["id"]))

    def _id(self, number: object) -> str:
        return f"{self.id_prefix}{number}" if number is not None else ""

    def _at(self, record: Record) -> int:
        """Milliseconds UTC; old exports have only a local time, read in the operator's zone."""
        stamp = record.get("date_unixtime")
        if stamp:
            return int(stamp) * 1000
        local = dt.datetime.fromisoformat(record["date"]).replace(tzinfo=self.zone)
        return int(local.timestamp()) * 1000


def _naive(date: str) -> int:
    return int(dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC).timestamp()) * 1000


def _text(record: Record) -> str:
    if record.get("poll"):
        return _flat(record["poll"]["question"])
    return _flat(record.get("text", ""))


def _flat(text: Any) -> str:
    """Text is a string, or an array of strings and marked-up pieces."""
    if isinstance(text, str):
        return text
    return "".join(piece if isinstance(piece, str) else piece["text"] for piece in text)


def _form(record: Record) -> Form:
    media = record.get("media_type")
    if media in _MEDIA_FORMS:
        return _MEDIA_FORMS[media]
    for field, form in _FIELD_FORMS:
        if record.get(field):
            return form
    return "other" if any(record.get(field) for field in _ODD_FIELDS) else "text"


TELEGRAM = Format("telegram", gettext_lazy("Telegram 桌面版导出（JSON）"), sniff, read)

"""shuakami/qq-chat-exporter, versions 4 and 5: one JSON document, or a manifest with chunks of JSON lines.

A group's message is known by its sequence number, as it is live (OneBot's ids are not those of the file), and the group
by its number, which only the file's name tells. A recalled message is there with its text: it yields the message
without the text, then the recall. Grey tips have no sender (number 0) and are read by the QQ table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers import qq_system
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.json_stream import (
    MAX_RAW,
    Record,
    each,
    first,
    head_text,
    items,
    json_lines,
    text_of,
)
from qunying.connectors.importers.people import Names, Roll
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.system_acts import Stage
from qunying.connectors.importers.system_line import Who
from qunying.connectors.importers.whys import NO_SENDER, STRANGE_SYSTEM_LINE
from qunying.connectors.incoming import Act, Chat, Entry, Form, Guess, Options, Person, Unknown
from qunying.kit.errors import Invalid

FORMS: dict[str, Form] = {
    "text": "text", "reply": "text", "at": "text", "mixed": "text", "image": "image", "pic": "image", "audio": "audio",
    "voice": "audio", "ptt": "audio", "video": "video", "file": "file", "face": "sticker", "market_face": "sticker",
    "marketface": "sticker", "sticker": "sticker", "forward": "quote", "multi_forward": "quote", "json": "card",
    "card": "card", "xml": "card", "ark": "card", "link": "link", "location": "location", "wallet": "red_packet",
    "red_packet": "red_packet",
}  # fmt: skip
SECONDS = 10**11
_NUMBER = re.compile(r"group_(?:.*_)?(\d{5,12})_\d{8}_\d{6}|\((\d{5,12})\)(?:\.|$)")
"""The group's number in the names the exporter gives its files and folders."""
_NOBODY = {"", "0", "未知"}


def sniff(source: Source) -> Guess | None:
    name = source.find("manifest.json") if source.is_many else source.names()[0]
    if name is None:
        return None
    head = head_text(source, name)
    if '"chatInfo"' in head and (
        "QQChatExporter" in head or ('"statistics"' in head and '"metadata"' in head)
    ):
        return Guess(95, _("开头有 chatInfo，来自 QQ 聊天记录导出器"))
    return None


def read(source: Source, options: Options) -> Iterator[Entry]:
    """One chat; chunks in the order of the manifest."""
    manifest = source.find("manifest.json") if source.is_many else None
    info = first(source, "chatInfo", manifest) or {}
    chat = _Chat(source, info, manifest)
    yield chat.chat
    for start, records in chat.parts():
        yield from each(records, chat.take, start=start)


class _Chat:
    """One chat being read."""

    def __init__(self, source: Source, info: Record, manifest: str | None) -> None:
        self.source, self.manifest = source, manifest
        name = text_of(info.get("name"))
        self.is_group = info.get("type") == "group"
        key = text_of(info.get("peerUin") or info.get("groupCode") or info.get("peerUid"))
        key = key or (_number(source.name) if self.is_group else "") or name
        self.chat = Chat(key, name, "qq", "group" if self.is_group else "dm")
        self.roll = Roll()
        self_ref = text_of(info.get("selfUin")) or text_of(info.get("selfUid"))
        self.stage = Stage(key, self.roll, self._names, self.account, self_ref)
        self._known: Names | None = None

    def parts(self) -> Iterator[tuple[int, Iterator[Record]]]:
        """The messages part by part, each with the number of its first record."""
        if self.manifest is None:
            yield 1, items(self.source, "messages.item")
            return
        root, start = self.manifest.removesuffix("manifest.json"), 1
        for chunk in items(self.source, "chunked.chunks.item", self.manifest):
            name = root + text_of(chunk.get("relativePath") or f"chunks/{chunk.get('fileName')}")
            if name not in self.source.names():
                raise Invalid("connectors.part_missing", archive=self.source.name, entry=name)
            yield start, json_lines(self.source, name)
            start += int(chunk.get("count") or 0)

    def account(self, ref: str, name: str) -> Person:
        return Person(ref, "qq.uin" if ref.isdigit() else "qq.uid", "", ref, name)

    def _names(self) -> Names:
        if self._known is None:
            self._known = Names()
            for _start, records in self.parts():
                for record in records:
                    sender = record.get("sender") or {}
                    for field in ("name", "nickname", "groupCard"):
                        self._known.add(sender.get(field), _ref(sender))
        return self._known

    def take(self, line: int, record: Record) -> Iterator[Entry]:
        sender, at = record["sender"], _ms(record)
        id_ = self._id(record)
        actor = _ref(sender)
        if record.get("system") or record.get("isSystemMessage") or record.get("type") == "system":
            yield from self._system(line, record, at, id_)
            return
        if not actor:
            yield Unknown(line=line, raw=_words(record)[:MAX_RAW], why=NO_SENDER)
            return
        yield from self.roll.meet(self._person(actor, sender))
        recalled = bool(record.get("recalled") or record.get("isRecalled"))
        target, author = _answered(record, by_sequence=self._is_numbered(record))
        other, introduced = self.stage.meet(author)
        yield from introduced
        yield Act(
            kind="message",
            at=at,
            actor=actor,
            id=id_,
            text="" if recalled else _words(record),
            form=_form(record),
            target=target,
            other=other,
            precision="ms",
            line=line,
        )
        if recalled:
            yield Act("recall", at, actor, target=id_, precision="day", line=line)

    def _id(self, record: Record) -> str:
        if self._is_numbered(record):
            return text_of(record["seq"])
        return text_of(record.get("id") or record.get("messageId"))

    def _is_numbered(self, record: Record) -> bool:
        return self.is_group and text_of(record.get("seq")) not in _NOBODY

    def _person(self, ref: str, sender: Record) -> Person:
        shown = [sender.get(field) for field in ("groupCard", "name", "nickname")]
        names = list(dict.fromkeys(text_of(name) for name in shown if name and text_of(name) != ref))
        title = text_of(sender.get("title"))
        return msgspec.structs.replace(
            self.account(ref, names[0] if names else ""),
            aliases=tuple(names[1:]),
            roles=(title,) if title else (),
        )

    def _system(self, line: int, record: Record, at: int, id_: str) -> Iterator[Entry]:
        text = text_of((record.get("content") or {}).get("text"))
        told = qq_system.parse(text)
        if told is None:
            yield Unknown(line=line, raw=text[:MAX_RAW], why=STRANGE_SYSTEM_LINE)
            return
        yield from self.stage.play(told, at=at, line=line, raw=text[:MAX_RAW], id_=id_, precision="ms")


def _number(name: str) -> str:
    found = _NUMBER.search(name)
    return next(filter(None, found.groups()), "") if found else ""


def _ref(sender: Record) -> str:
    """The QQ number; the internal id where the number is hidden; "" for grey tips."""
    for field in ("uin", "uid"):
        value = text_of(sender.get(field))
        if value not in _NOBODY:
            return value
    return ""


def _ms(record: Record) -> int:
    """Version 5 writes milliseconds, older ones seconds or an ISO text."""
    stamp = record["timestamp"]
    if isinstance(stamp, str) and not stamp.isdigit():
        return round(dt.datetime.fromisoformat(stamp).timestamp() * 1000)
    return int(stamp) if int(stamp) > SECONDS else int(stamp) * 1000


def _elements(record: Record) -> list[Record]:
    return [part for part in (record.get("content") or {}).get("elements") or () if isinstance(part, dict)]


def _answered(record: Record, *, by_sequence: bool) -> tuple[str, Who]:
    """The message answered and its author: an element in version 5, a field of the content in version 4."""
    reply = (record.get("content") or {}).get("reply")
    for part in _elements(record):
        if part.get("type") == "reply":
            reply = part.get("data")
    if not isinstance(reply, dict):
        return "", Who()
    author = text_of(reply.get("senderUin"))
    name = text_of(reply.get("senderName"))
    number = text_of(reply.get("messageId"))
    if not by_sequence or number in _NOBODY:
        number = text_of(reply.get("referencedMessageId")) or number
    return number, Who(name, author) if author not in _NOBODY else Who()


def _words(record: Record) -> str:
    """What was written: the text and mention elements; placeholders of pictures and quotations left out."""
    parts = _elements(record)
    if not parts:
        text = text_of((record.get("content") or {}).get("text"))
        return re.sub(r"^\[回复 [^\]]*\]\s*", "", text)
    said = []
    for part in parts:
        data = part.get("data") or {}
        if part.get("type") == "text":
            said.append(text_of(data.get("text")))
        elif part.get("type") == "at":
            said.append(f"@{text_of(data.get('name')).removeprefix('@')}")
    return "".join(said).strip()


def _form(record: Record) -> Form:
    kind = text_of(record.get("type"))
    parts = [text_of(part.get("type")) for part in _elements(record)]
    for part in parts if kind in ("text", "mixed", "reply") else [kind]:
        form = FORMS.get(part, "other")
        if form not in ("text", "sticker") or (form == "sticker" and len(parts) == 1):
            return form
    return FORMS.get(kind, "other")


QCE = Format("qq_exporter", gettext_lazy("QQ 聊天记录导出器（JSON 或分块文件夹）"), sniff, read)

"""ChatLab 0.0.2, as one JSON document or as JSON lines.

Accounts are platform-neutral there. A platform we know gives its scheme (`SCHEMES`), so that a ChatLab file and a
live connection mean the same person; platforms that know people by name only give weak identities; any other platform
`x` gives `x.id`. The scope is never the chat, except where the platform is not stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec import Struct, convert, field

from qunying.connectors.importers import chatlab_system, qq_system, wechat_system
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.json_stream import LATEST, MAX_RAW, each, first, head_text, items, odd_line
from qunying.connectors.importers.people import Names, Roll
from qunying.connectors.importers.source import Source, lines
from qunying.connectors.importers.system_acts import Stage
from qunying.connectors.importers.system_line import SystemLine
from qunying.connectors.importers.whys import BROKEN_RECORD, STRANGE_KIND, STRANGE_SYSTEM_LINE
from qunying.connectors.incoming import Act, Chat, Entry, Form, Guess, Options, Person, Unknown
from qunying.kit.errors import Invalid

SCHEMES = {
    "qq": "qq.uin",
    "wechat": "wechat.wxid",
    "weixin": "wechat.wxid",
    "wecom": "wecom.external_userid",
    "telegram": "telegram.user",
    "discord": "discord.user",
    "slack": "slack.user",
    "matrix": "matrix.mxid",
    "weibo": "weibo.uid",
    "feishu": "feishu.open_id",
}
NAME_ONLY = {"whatsapp", "line", "instagram", "facebook", "messenger"}
ROWS = re.compile(r'"_type"\s*:\s*"header"')
MARK = re.compile(r'"chatlab"\s*:\s*\{[^{}]*"version"')
CARRIED = re.compile(r"(name|[a-z]+\.[a-z_]+):(.+)", re.DOTALL)
UNSTATED = {"", "unknown", "other", "mixed"}

FORMS: dict[int, Form] = {
    0: "text", 1: "image", 2: "audio", 3: "video", 4: "file", 5: "sticker", 7: "link", 8: "location",
    20: "red_packet", 21: "other", 23: "other", 24: "card", 25: "text", 26: "quote", 27: "card", 99: "other",
}  # fmt: skip
POKE, SYSTEM_TYPE, RECALL_TYPE = 22, 80, 81
SYSTEM = "SYSTEM"
MILLISECONDS = 10**11
"""A time beyond this is not seconds: some tools write milliseconds."""


class Role(Struct):
    id: str = ""
    name: str | None = None


class Meta(Struct):
    name: str | None = None
    platform: str | None = None
    type: str | None = "group"
    chat_id: str | int | None = field(default=None, name="groupId")


class Header(Struct, tag_field="_type", tag="header"):
    meta: Meta


class Member(Struct, tag_field="_type", tag="member"):
    platform_id: str = field(name="platformId")
    account: str | None = field(default=None, name="accountName")
    nickname: str | None = field(default=None, name="groupNickname")
    aliases: list[str] | None = None
    roles: list[Role] | None = None


class Message(Struct, tag_field="_type", tag="message", gc=False):
    sender: str
    timestamp: int | float
    type: int = 0
    account: str | None = field(default=None, name="accountName")
    nickname: str | None = field(default=None, name="groupNickname")
    content: str | None = None
    id: str | None = field(default=None, name="platformMessageId")
    reply_to: str | None = field(default=None, name="replyToMessageId")


class Called(Struct, gc=False):
    """What a member row or a message tells of names; the rest of the line is not read."""

    platform_id: str = field(default="", name="platformId")
    sender: str = ""
    account: str | None = field(default=None, name="accountName")
    nickname: str | None = field(default=None, name="groupNickname")
    aliases: list[str] | None = None


Row = Header | Member | Message
_TEXTS = (
    "sender",
    "platformId",
    "platformMessageId",
    "replyToMessageId",
    "accountName",
    "groupNickname",
    "content",
)


def sniff(source: Source) -> Guess | None:
    if source.is_many:
        return None
    head = head_text(source)
    if not MARK.search(head):
        return None
    return Guess(95, _("文件开头有 chatlab 版本标记"))


def is_rows(source: Source) -> bool:
    """Whether it is the JSON lines variant."""
    return ROWS.search(head_text(source)) is not None


def read(source: Source, options: Options) -> Iterator[Entry]:
    """The entries of either variant; the JSON lines variant is the fast one."""
    if is_rows(source):
        return _read_rows(source)
    return _read_document(source)


def _read_document(source: Source) -> Iterator[Entry]:
    meta = first(source, "meta")
    reader = _Reader(source, convert(meta if isinstance(meta, dict) else {}, Meta, strict=False))
    yield reader.chat
    yield from each(
        items(source, "members.item"), lambda _line, raw: reader.member(convert(_texts(raw), Member))
    )
    yield from each(
        items(source, "messages.item"), lambda line, raw: reader.message(convert(_texts(raw), Message), line)
    )


def _read_rows(source: Source) -> Iterator[Entry]:
    reader: _Reader | None = None
    known: set[str] = set()
    for line, row in _rows(source):
        if type(row) is Message and reader is not None:
            form = FORMS.get(row.type)
            sender = row.sender
            at = row.timestamp
            if form is None or sender not in known or not 0 <= at < LATEST:
                yield from reader.message(row, line)
                if sender in reader.roll:
                    known.add(sender)
                continue
            yield Act(
                "message",
                int(at * 1000 if at < MILLISECONDS else at),
                sender,
                row.id or "",
                row.content or "",
                form,
                row.reply_to or "",
                line=line,
            )
        elif type(row) is Header:
            reader, known = _Reader(source, row.meta), set()
            yield reader.chat
        elif type(row) is Member and reader is not None:
            yield from reader.member(row)
        elif type(row) is Unknown and reader is not None:
            yield row
        else:
            raise ValueError("the header comes first")


def _rows(source: Source) -> Iterator[tuple[int, Row | Unknown]]:
    """Line numbers and rows; comments and blank lines are passed over."""
    decode = msgspec.json.Decoder(Row).decode
    line = 0
    with source.open() as stream:
        for raw in lines(stream):
            line += 1
            try:
                yield line, decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                text = raw.strip().removeprefix(b"\xef\xbb\xbf")
                if text and not text.startswith(b"#"):
                    yield line, _odd_row(source.name, line, text)


def _called(source: Source) -> Iterator[Called]:
    """What each line tells of names, as far as it can be read: the reading proper says what it cannot."""
    decode = msgspec.json.Decoder(Called).decode
    with source.open() as stream:
        for raw in lines(stream):
            try:
                yield decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                with suppress(Invalid, msgspec.ValidationError, TypeError, AttributeError):
                    yield convert(_texts(odd_line(raw, source.name, 0)), Called)


def is_row(raw: bytes) -> bool:
    """Whether the line is read as a row, however oddly it is written."""
    return type(_odd_row("", 0, raw)) is not Unknown


def _odd_row(name: str, line: int, raw: bytes) -> Row | Unknown:
    """A row whose ids are numbers or whose text is cut inside an emoji. Raises Invalid where it is no JSON at all."""
    record = odd_line(raw, name, line)
    try:
        return cast("Row", convert(_texts(record), Row))
    except (msgspec.ValidationError, TypeError, AttributeError):
        return Unknown(line=line, raw=raw.decode(errors="replace")[:MAX_RAW], why=BROKEN_RECORD)


def _texts(record: dict[str, Any]) -> dict[str, Any]:
    """The record with numbers in text fields as text."""
    for name in _TEXTS:
        if isinstance(record.get(name), int | float):
            record[name] = str(record[name])
    return record


class _Reader:
    """One chat being read."""

    def __init__(self, source: Source, meta: Meta) -> None:
        self.platform = (meta.platform or "").lower()
        key = str(meta.chat_id or meta.name or source.name)
        self.chat = Chat(
            key, meta.name or key, self.platform or "chatlab", "dm" if meta.type == "private" else "group"
        )
        self.source = source
        self.roll = Roll()
        self.stage = Stage(chat=key, roll=self.roll, names=self._all_names, account=self.account)
        self._names: Names | None = None

    def account(self, ref: str, name: str) -> Person:
        """The person of a platform id; our own export puts another kind of account's scheme in front."""
        carried = CARRIED.fullmatch(ref)
        if carried:
            return Person(ref, carried[1], self.chat.key if carried[1] == "name" else "", carried[2], name)
        if self.platform in NAME_ONLY:
            return Person(ref, "name", self.chat.key, ref, name or ref)
        if self.platform in UNSTATED:
            return Person(ref, "unknown.id", self.chat.key, ref, name)
        scheme = SCHEMES.get(self.platform, f"{self.platform}.id")
        if scheme == "qq.uin" and not ref.isdigit():
            scheme = "qq.uid"
        return Person(ref, scheme, "", ref, name)

    def member(self, row: Member) -> Iterator[Entry]:
        if row.platform_id == SYSTEM:
            return
        name = row.nickname or row.account or ""
        others = dict.fromkeys(
            alias for alias in (row.account, *(row.aliases or ())) if alias and alias != name
        )
        yield from self.roll.meet(
            msgspec.structs.replace(
                self.account(row.platform_id, name),
                aliases=tuple(others),
                roles=tuple(role.name or role.id for role in row.roles or ()),
                is_listed=True,
            )
        )

    def message(self, row: Message, line: int) -> Iterator[Entry]:
        if not 0 <= row.timestamp < LATEST:
            yield Unknown(line=line, raw=f"{row.timestamp}: {row.content or ''}"[:MAX_RAW], why=BROKEN_RECORD)
            return
        at = int(row.timestamp * 1000 if row.timestamp < MILLISECONDS else row.timestamp)
        if row.type == SYSTEM_TYPE or row.sender == SYSTEM:
            yield from self._system(row, at, line)
            return
        if row.type == POKE:
            return
        form = FORMS.get(row.type)
        if form is None and row.type != RECALL_TYPE:
            yield Unknown(line=line, raw=f"type {row.type}: {row.content or ''}"[:MAX_RAW], why=STRANGE_KIND)
            return
        if row.sender not in self.roll:
            yield from self.roll.meet(self.account(row.sender, row.nickname or row.account or ""))
        if form is None:
            yield Act("recall", at, row.sender, id=row.id or "", target=row.id or "", line=line)
            return
        yield Act(
            "message", at, row.sender, row.id or "", row.content or "", form, row.reply_to or "", line=line
        )

    def _system(self, row: Message, at: int, line: int) -> Iterator[Entry]:
        text = (row.content or "").removeprefix("[已撤回]").strip()
        told = _understand(text)
        if told is None:
            yield Unknown(line=line, raw=text[:MAX_RAW], why=STRANGE_SYSTEM_LINE)
            return
        yield from self.stage.play(told, at=at, line=line, raw=text[:MAX_RAW], id_=row.id or "")

    def _all_names(self) -> Names:
        """Every name of the file, read in one more pass the first time a system line names somebody."""
        if self._names is None:
            found = self._names = Names()
            latest: dict[str, Called] = {}
            for row in self._everyone():
                ref = row.sender or row.platform_id
                known = latest.get(ref)  # nearly everybody is called what they were called a message before
                if row != known:
                    latest[ref] = row
                    _learn(found, ref, row.account, row.nickname, *(row.aliases or ()))
        return self._names

    def _everyone(self) -> Iterator[Called]:
        if is_rows(self.source):
            yield from _called(self.source)
            return
        for place in ("members.item", "messages.item"):
            yield from (convert(_texts(raw), Called) for raw in items(self.source, place))


def _learn(found: Names, ref: str, *names: str | None) -> None:
    for name in names if ref != SYSTEM else ():
        found.add(name, ref)


def _understand(text: str) -> tuple[SystemLine, ...] | None:
    own = chatlab_system.parse(text)
    if own is not None:
        return (own,)
    for table in (wechat_system.parse, qq_system.parse):
        told = table(text)
        if told is not None:
            return told
    return None


CHATLAB = Format("chatlab", gettext_lazy("ChatLab 聊天记录（JSON / JSONL）"), sniff, read)

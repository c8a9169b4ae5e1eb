"""QQ's old text export: one chat, or all chats one after another in blocks of 消息分组 and 消息对象."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec import structs

from qunying.connectors.importers import qq_system, whys, whys_text
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.moments import hour_24, local_ms, zone_of
from qunying.connectors.importers.roster import Namesakes, Roster
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.text_lines import head_lines, text_lines, texts, the_text
from qunying.connectors.incoming import Act, Chat, Entry, Form, Guess, Options, Unknown

_HEAD = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{2}):(\d{2})(?: ([AP]M))?(?:[ \t]+(.*))?$")
_SENDER = re.compile(
    r"(?:【(?P<title>[^】]*)】)?(?P<nick>.*?)(?:\((?P<uin>\d{4,12})\)|<(?P<mail>[^<>\s]+@[^<>\s]+)>)?",
    re.DOTALL,
)
_RULER = re.compile(r"={20,}$")
_CATEGORY, _OBJECT = "消息分组:", "消息对象:"
_TITLE_LINE = "消息记录"
_SYSTEM = frozenset({"10000", "1000000"})
_ROLES = {"群主": ("owner",), "管理员": ("admin",)}
_PLACEHOLDERS: dict[str, Form] = {
    "[图片]": "image",
    "[表情]": "sticker",
    "[动画表情]": "sticker",
    "[语音]": "audio",
    "[视频]": "video",
    "[文件]": "file",
    "[红包]": "red_packet",
    "[QQ红包]": "red_packet",
}


@dataclass(frozen=True)
class _Message:
    """A head with the lines below it."""

    line: int
    head: re.Match[str]
    body: list[str]

    @property
    def sender(self) -> re.Match[str] | None:
        return _SENDER.fullmatch((self.head[8] or "").strip())

    @property
    def text(self) -> str:
        return "\n".join(self.body).replace("\r", "\n").strip()


@dataclass
class _Block:
    """One chat of the file: its category and its name."""

    category: str = ""
    name: str = ""


@dataclass
class _Survey:
    """What a first pass learns of one chat."""

    names: Namesakes = field(default_factory=Namesakes)
    speakers: set[str] = field(default_factory=set)
    has_ids: bool = False

    def look(self, message: _Message) -> None:
        sender = message.sender
        if sender is None or sender["uin"] in _SYSTEM:
            self.has_ids = self.has_ids or bool(sender)
            return
        self.speakers.add(sender["nick"])
        scheme, value = _account(sender)
        if value:
            self.has_ids = True
            self.names.add(sender["nick"], scheme, value)

    def is_dm(self, block: _Block) -> bool:
        return not re.search("群|讨论组", block.category) and not self.has_ids and len(self.speakers) <= 2


def sniff(source: Source) -> Guess | None:
    """The title and the rulers around 消息对象, or heads of date, time and name."""
    for name in texts(source):
        lines = head_lines(source, name)
        if any(line.startswith(_OBJECT) for line in lines) and any(_RULER.match(line) for line in lines):
            return Guess(96, _("文件头有“消息分组”和“消息对象”"))
        heads = [found for line in lines if (found := _HEAD.match(line)) and found[8]]
        if any("(" in found[8] or "<" in found[8] for found in heads):
            return Guess(70, _("消息行是“日期 时间 昵称(QQ号)”"))
    return None


def read(source: Source, options: Options) -> Iterator[Entry]:
    """Every chat of the file. It is read twice, first for which accounts carry which names."""
    name = the_text(source)
    surveys: list[_Survey] = []
    for piece in _pieces(text_lines(source, name, options)):
        if isinstance(piece, _Block) or not surveys:
            surveys.append(_Survey())
        if isinstance(piece, _Message):
            surveys[-1].look(piece)
    stem = PurePosixPath(name).stem
    yield from _entries(
        _pieces(text_lines(source, name, options)), iter(surveys), stem, zone_of(options.zone)
    )


def _pieces(numbered: Iterator[tuple[int, str]]) -> Iterator[_Block | _Message | Unknown]:
    """The file as blocks and messages. A ruler belongs to a block only if 消息分组 or 消息对象 follows."""
    message: _Message | None = None
    block: _Block | None = None
    ruler = ""
    for at, line in numbered:
        if _RULER.match(line):
            ruler = line
            continue
        if ruler and line.startswith((_CATEGORY, _OBJECT)):
            if message:
                yield message
                message = None
            block = block or _Block()
            if line.startswith(_CATEGORY):
                block.category = line.removeprefix(_CATEGORY).strip()
            else:
                block.name = line.removeprefix(_OBJECT).strip()
                yield block
                block = None
            ruler = ""
            continue
        if ruler and message:
            message.body.append(ruler)
        ruler = ""
        found = _HEAD.match(line)
        if found:
            if message:
                yield message
            message = _Message(at, found, [])
        elif message:
            message.body.append(line)
        elif line.strip() and not line.startswith(_TITLE_LINE):
            yield Unknown(line=at, raw=line, why=whys_text.NO_HEADER)
    if message:
        yield message


def _entries(
    pieces: Iterator[_Block | _Message | Unknown], surveys: Iterator[_Survey], stem: str, zone: ZoneInfo
) -> Iterator[Entry]:
    roster: Roster | None = None
    seen: dict[str, int] = {}
    for piece in pieces:
        if roster is None or isinstance(piece, _Block):
            survey = next(surveys)
            block = piece if isinstance(piece, _Block) else _Block(name=stem)
            chat = _chat(block, survey, seen)
            roster = Roster(chat.key, survey.names)
            yield chat
        if isinstance(piece, Unknown):
            yield piece
        elif isinstance(piece, _Message):
            for entry in _entry(piece, roster, zone):
                yield from roster.fresh()
                yield entry


def _chat(block: _Block, survey: _Survey, seen: dict[str, int]) -> Chat:
    """Two chats of one name are two: the second is numbered."""
    seen[block.name] = seen.get(block.name, 0) + 1
    number = f"#{seen[block.name]}" if seen[block.name] > 1 else ""
    kind = "dm" if survey.is_dm(block) else "group"
    return Chat(
        key=block.name + number, name=block.name, platform="qq", kind="dm" if kind == "dm" else "group"
    )


def _entry(message: _Message, roster: Roster, zone: ZoneInfo) -> Iterator[Entry]:
    year, month, day, hour, minute, second = map(int, message.head.groups()[:6])
    whole = f"{message.head[0]}\n{message.text}"
    try:
        at = local_ms(zone, (year, month, day), hour_24(hour, message.head[7]), minute, second)
    except ValueError:
        yield Unknown(line=message.line, raw=whole, why=whys_text.BAD_TIME)
        return
    sender = message.sender
    act = Act("message", at, "", line=message.line)
    if sender is None or not (sender["nick"] or _account(sender)[1]):
        yield Unknown(line=message.line, raw=whole, why=whys.NO_SENDER)
    elif sender["uin"] in _SYSTEM:
        told = qq_system.parse(message.text)
        if told is None:
            yield Unknown(line=message.line, raw=message.text, why=whys.STRANGE_SYSTEM_LINE)
            return
        for line in told:
            yield roster.told(line, act, message.text, "qq.uin")
    else:
        form = _PLACEHOLDERS.get(message.text, "text")
        text = message.text if form == "text" else ""
        yield structs.replace(act, actor=_person(roster, sender), form=form, text=text)


def _account(sender: re.Match[str]) -> tuple[str, str]:
    """(scheme, id) of a sender; without an id, an empty one."""
    if sender["uin"]:
        return "qq.uin", sender["uin"]
    return "email", (sender["mail"] or "").lower()


def _person(roster: Roster, sender: re.Match[str]) -> str:
    scheme, value = _account(sender)
    nick = sender["nick"]
    if not value:
        return roster.named(nick) or roster.weak(nick)
    return roster.account(scheme, value, "" if nick == value else nick, _ROLES.get(sender["title"] or "", ()))


QQ_TEXT = Format(
    key="qq.text",
    label=gettext_lazy("QQ 聊天记录（文本）"),
    sniff=sniff,
    read=read,
    clock="local",
    keyed=False,
)

"""Any table of acts, one a row, as CSV or XLSX: our own columns, usual headers, or the operator's mapping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers import whys, whys_text
from qunying.connectors.importers.chatlab import SCHEMES, UNSTATED
from qunying.connectors.importers.column_mapping import assign
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.moments import moment, zone_of
from qunying.connectors.importers.roster import Roster
from qunying.connectors.importers.sheet_templates import Column
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.tables import Cells, Table, numbers_lost, peek, raw, tables, text
from qunying.connectors.incoming import Act, ActKind, Chat, Entry, Guess, Options, Unknown
from qunying.kit.errors import Invalid

OWN = (
    "platform",
    "chat_id",
    "chat_name",
    "message_id",
    "timestamp",
    "user_id",
    "user_name",
    "kind",
    "text",
    "reply_to",
    "reaction",
    "target_user",
    "source",
)
"""Our own columns, which are also the fields a mapping may name."""

COLUMNS = (
    Column("platform", "platform|平台"),
    Column("chat_id", "chat_id|群号|群id|群聊id|会话id"),
    Column("chat_name", "chat_name|群名称|群名|群聊名称|会话名称|话题"),
    Column("message_id", "message_id|消息id|消息编号"),
    Column("timestamp", "timestamp|时间|发送时间|发言时间|消息时间|日期时间|time|date|created_at|日期"),
    Column("user_id", "user_id|用户id|发送者id|发送人id|成员id|账号|qq号|uid|sender_id|author_id"),
    Column("user_name", "user_name|用户名|昵称|发送者|发送人|发言人|成员|姓名|sender|author|name|nickname"),
    Column("kind", "kind|类型|行为|行为类型|消息类型|type|event"),
    Column("text", "text|内容|消息|消息内容|正文|content|message|body"),
    Column("reply_to", "reply_to|回复消息id|回复|引用消息id"),
    Column("reaction", "reaction|表情回应|表情|emoji"),
    Column("target_user", "target_user|对象|目标用户|被操作人|邀请人"),
    Column("source", "source|来源|入群方式|入群来源"),
)

_WORDS: tuple[tuple[ActKind, str], ...] = (
    ("message", "|消息|发言|文本|text|文字|回复|reply"),
    ("reaction", "点赞|表情回应|赞|like"),
    ("unreaction", "取消点赞|取消赞"),
    ("join", "入群|加入|加群|进群"),
    ("leave", "退群|退出|离开"),
    ("remove", "移出|踢出|移除|kick"),
    ("invite", "邀请"),
    ("recall", "撤回"),
    ("pin", "置顶"),
    ("share", "分享|转发"),
    ("notice", "公告|通知"),
)
_KINDS: dict[str, ActKind] = {word: kind for kind, words in _WORDS for word in (kind, *words.split("|"))}
_ABOUT_TARGET = frozenset({"join", "leave", "remove", "invite"})
"""Kinds whose member is the target where there is one: `user_id` did it, `target_user` came or went."""


def sniff(source: Source) -> Guess | None:
    """Our own columns for sure; other headers that tell time, person and text as a guess to check."""
    for table in peek(source):
        found = table.header(_suffices)
        if found is None:
            continue
        line, names = found
        fields = assign(names, COLUMNS, {})
        own = [name for name in names if name in OWN]
        is_own = "timestamp" in own and len(own) >= 5
        told = (
            _("自定义表格的列：%(columns)s") % {"columns": "、".join(own)}
            if is_own
            else _guessed(names, fields)
        )
        at = fields.get("user_id")
        if at is not None and any(
            numbers_lost(cells[at]) for row, cells in table.head() if row > line and at < len(cells)
        ):
            told += _("。注意：编号列是数字格式，开头的 0 和第 15 位以后的数字可能已丢失")
        return Guess(90 if is_own else 40, told)
    return None


def _guessed(names: list[str], fields: dict[str, int]) -> str:
    heads = "、".join(names[at] for at in sorted(fields.values()))
    return _("按表头猜测了这些列的用途，请核对：%(columns)s") % {"columns": heads}


def _suffices(names: list[str]) -> bool:
    return _is_enough(assign(names, COLUMNS, {}))


def _is_enough(fields: dict[str, int]) -> bool:
    has_person = "user_id" in fields or "user_name" in fields
    return "timestamp" in fields and has_person and ("text" in fields or "kind" in fields)


def read(source: Source, options: Options) -> Iterator[Entry]:
    """Every table whose columns tell at least time, person, and text or kind. Invalid where none does."""
    found_one = False
    zone = zone_of(options.zone)
    for table in tables(source, options):
        found = table.header(lambda names: _is_enough(assign(names, COLUMNS, options.mapping)))
        if found is not None:
            found_one = True
            line, names = found
            yield from _Reader(table, assign(names, COLUMNS, options.mapping), zone).entries(line, len(names))
    if not found_one:
        raise Invalid("connectors.columns_missing", columns="时间、账号或昵称、内容或行为类型")


@dataclass(frozen=True)
class _Reader:
    table: Table
    fields: dict[str, int]
    zone: ZoneInfo

    def entries(self, line: int, width: int) -> Iterator[Entry]:
        rosters: dict[Chat, Roster] = {}
        chat: Chat | None = None
        for row in self.table.below(line, width):
            if isinstance(row, Unknown):
                yield row
                continue
            at, cells = row
            now = self._chat(cells)
            roster = rosters.setdefault(now, Roster(now.key))
            if now != chat:
                chat = now
                yield chat
            entry = self._act(chat, roster, at, cells)
            yield from roster.fresh()
            yield entry

    def _text(self, cells: Cells, field: str) -> str:
        at = self.fields.get(field)
        return "" if at is None else text(cells[at])

    def _chat(self, cells: Cells) -> Chat:
        key, name = self._text(cells, "chat_id"), self._text(cells, "chat_name")
        platform = self._text(cells, "platform").lower() or "other"
        return Chat(key or name or self.table.name, name or key or self.table.name, platform)

    def _act(self, chat: Chat, roster: Roster, at: int, cells: Cells) -> Act | Unknown:
        kind = _KINDS.get(self._text(cells, "kind").lower())
        when = moment(cells[self.fields["timestamp"]], self.zone)
        user = self._person(chat, roster, cells)
        target = self._target(chat, roster, cells)
        if target == user:
            target = ""
        if kind is None or when is None or not (user or target):
            why = (
                whys_text.STRANGE_KIND_WORD
                if kind is None
                else whys_text.BAD_TIME
                if when is None
                else whys.NO_SENDER
            )
            return Unknown(line=at, raw=raw(cells), why=why)
        is_target = bool(target) and (kind in _ABOUT_TARGET or not user)
        return Act(
            kind=kind,
            at=when[0],
            actor=target if is_target else user,
            id=self._text(cells, "message_id"),
            text=self._text(cells, "text"),
            target=self._text(cells, "reply_to"),
            other=user if is_target else target,
            emoji=self._text(cells, "reaction"),
            source=self._text(cells, "source"),
            precision=when[1],
            line=at,
        )

    def _person(self, chat: Chat, roster: Roster, cells: Cells) -> str:
        value, name = self._text(cells, "user_id"), self._text(cells, "user_name")
        return _account(chat, roster, value, name) if value else roster.weak(name) if name else ""

    def _target(self, chat: Chat, roster: Roster, cells: Cells) -> str:
        """An id where the row knows its person by id, else a name."""
        value = self._text(cells, "target_user")
        if not value:
            return ""
        return _account(chat, roster, value, "") if self._text(cells, "user_id") else roster.weak(value)


def _account(chat: Chat, roster: Roster, value: str, name: str) -> str:
    """A platform nobody named makes ids mean something in their chat only."""
    if chat.platform not in UNSTATED:
        return roster.account(SCHEMES.get(chat.platform, f"{chat.platform}.id"), value, name)
    return roster.account("unknown.id", value, name, scope=chat.key)


GENERIC = Format(
    key="generic",
    label=gettext_lazy("自定义表格（CSV、XLSX，可指定列对应）"),
    sniff=sniff,
    read=read,
    clock="local",
    keyed=False,
)

"""WeChat messages as CSV: the table of LC044 (12 columns, or 9 without senders) and the one of chatlog.

We only read files somebody already has. The exporter's private notes (`Remark`) are not read.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy
from msgspec import structs

from qunying.connectors.importers import wechat_system, whys, whys_text
from qunying.connectors.importers.csv_rows import CsvRow, CsvTable, csv_sniff, csv_tables
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.moments import moment, zone_of
from qunying.connectors.importers.roster import Namesakes, Roster
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.wechat_chatlog import (
    APP,
    APP_FORMS,
    FORMS,
    NOTICE,
    PAT,
    SYSTEM,
    SYSTEM_TYPES,
)
from qunying.connectors.incoming import Act, Chat, Entry, Form, Guess, Options, Unknown

_LC044 = ("localId", "TalkerId", "Type", "SubType", "IsSender", "CreateTime", "StrContent")
_CHATLOG = ("Time", "SenderName", "Sender", "TalkerName", "Talker", "Content")
_WXID = "wechat.wxid"
_INLINE = re.compile(r"(?P<id>[\w@.-]{3,64}):\r?\n(?P<text>.*)", re.DOTALL)
_QUOTE = re.compile(r"> (?P<name>[^\n]+?): [^\n]*(?:\n>[^\n]*)*\n(?P<text>.*)", re.DOTALL)
_PLACEHOLDER = re.compile(r"!?\[(?P<word>[^\[\]|\n]{1,8})(?:\|[^\]\n]*)?\](?:\([^)\n]*\))?$")
_WORDS: dict[str, Form] = {
    "图片": "image",
    "视频": "video",
    "语音": "audio",
    "动画表情": "sticker",
    "表情": "sticker",
    "文件": "file",
    "链接": "link",
    "位置": "location",
    "名片": "card",
    "小程序": "card",
    "红包": "red_packet",
    "转账": "other",
    "语音通话": "other",
    "视频通话": "other",
    "视频号": "video",
    "合并转发": "quote",
    "聊天记录": "quote",
}


def sniff_lc044(source: Source) -> Guess | None:
    return csv_sniff(source, _LC044, 95)


def sniff_chatlog(source: Source) -> Guess | None:
    return csv_sniff(source, _CHATLOG, 94)


@dataclass
class _Survey:
    """What a first pass learns of one chat: whose name is whose, who the owner is, who speaks."""

    names: Namesakes = field(default_factory=Namesakes)
    owner: str = ""
    senders: set[str] = field(default_factory=set)
    is_crowd: bool = False


def read_lc044(source: Source, options: Options) -> Iterator[Entry]:
    """Every chat of the table. The file does not name chats: the first takes the file's name."""
    for table in csv_tables(source, _LC044, options):
        surveys = _survey(table)
        rosters: dict[str, Roster] = {}
        now = ""
        for row in table.rows():
            if isinstance(row, Unknown):
                yield row
                continue
            talker = row["TalkerId"]
            survey = surveys[talker]
            if talker not in rosters:
                rosters[talker] = Roster(talker, survey.names, self_ref=survey.owner)
            if talker != now:
                now = talker
                name = table.table.name if talker == next(iter(surveys)) else f"{table.table.name} {talker}"
                is_dm = len(survey.senders) <= 2 and not survey.is_crowd
                yield Chat(talker, name, "wechat", "dm" if is_dm else "group")
            for entry in _lc044_entries(row, rosters[talker]):
                yield from rosters[talker].fresh()
                yield entry


def _survey(table: CsvTable) -> dict[str, _Survey]:
    surveys: dict[str, _Survey] = {}
    for row in table.rows():
        if isinstance(row, Unknown):
            continue
        survey = surveys.setdefault(row["TalkerId"], _Survey())
        sender = row["Sender"]
        if sender:
            survey.names.add(row["NickName"], _WXID, sender)
        survey.senders |= {sender or row["IsSender"]} if row["Type"] != "10000" else set()
        survey.owner = sender if row["IsSender"] == "1" and sender else survey.owner
        inside = _INLINE.match(row["StrContent"]) if not sender else None
        survey.is_crowd = survey.is_crowd or "群聊" in row["StrContent"][:80] or inside is not None
    return surveys


def _lc044_entries(row: CsvRow, roster: Roster) -> Iterator[Entry]:
    when = moment(row["CreateTime"], zone_of("UTC"))
    try:
        kind, sub = int(row["Type"]), int(row["SubType"] or 0)
    except ValueError:
        yield Unknown(line=row.line, raw=row.raw, why=whys.STRANGE_KIND)
        return
    if when is None:
        yield Unknown(line=row.line, raw=row.raw, why=whys_text.BAD_TIME)
        return
    act = Act("message", when[0], "", id=row["localId"], line=row.line)
    content = row["StrContent"]
    if kind in SYSTEM_TYPES:
        yield from _system(roster, act, content)
        return
    if kind == APP and sub == PAT:
        return
    form = APP_FORMS.get(sub, "other") if kind == APP else FORMS.get(kind)
    if form is None:
        yield Unknown(line=row.line, raw=row.raw, why=whys.STRANGE_KIND)
        return
    actor, content = _sender(row, roster, content)
    if kind == APP and sub == NOTICE:
        yield structs.replace(act, kind="notice", actor=actor, text=_inner(content, "textannouncement|title"))
    elif kind == APP:
        author = _inner(content, "chatusr|fromusr")
        yield structs.replace(
            act,
            actor=actor,
            form=form,
            text=_inner(content, "title") if form == "text" else "",
            target=_inner(content, "svrid"),
            other=roster.account(_WXID, author) if author else "",
        )
    else:
        yield structs.replace(act, actor=actor, form=form, text=content if form == "text" else "")


def _sender(row: CsvRow, roster: Roster, content: str) -> tuple[str, str]:
    """Who said it, and the text. Nine columns know only whether the owner did; groups then put the id in the text."""
    if row["Sender"]:
        return roster.account(_WXID, row["Sender"], row["NickName"]), content
    inside = _INLINE.match(content)
    if inside and row["IsSender"] != "1":
        return roster.account(_WXID, inside["id"]), inside["text"]
    return roster.weak("我" if row["IsSender"] == "1" else "对方"), content


def _inner(content: str, tags: str) -> str:
    found = re.search(rf"<({tags})>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</\1>", content, re.DOTALL)
    return html.unescape(found[2]).strip() if found else ""


def _system(roster: Roster, act: Act, content: str) -> Iterator[Entry]:
    told = wechat_system.parse(content)
    if told is None:
        yield Unknown(line=act.line, raw=content, why=whys.STRANGE_SYSTEM_LINE)
        return
    for count, line in enumerate(told, start=1):
        # The acts of one line share its id with /2, /3 … behind it.
        id_ = act.id if count == 1 or not act.id else f"{act.id}/{count}"
        yield roster.told(line, structs.replace(act, id=id_), content, _WXID)


def read_chatlog(source: Source, options: Options) -> Iterator[Entry]:
    """Every chat of the table, by its own id."""
    zone = zone_of(options.zone)
    for table in csv_tables(source, _CHATLOG, options):
        names: dict[str, Namesakes] = {}
        for row in table.rows():
            if not isinstance(row, Unknown) and row["Sender"] != SYSTEM:
                names.setdefault(row["Talker"], Namesakes()).add(row["SenderName"], _WXID, row["Sender"])
        rosters: dict[str, Roster] = {}
        now = ""
        for row in table.rows():
            if isinstance(row, Unknown):
                yield row
                continue
            talker = row["Talker"]
            roster = rosters.setdefault(talker, Roster(talker, names.get(talker, Namesakes())))
            if talker != now:
                now = talker
                kind = "group" if talker.endswith("@chatroom") else "dm"
                yield Chat(talker, row["TalkerName"] or talker, "wechat", "dm" if kind == "dm" else "group")
            when = moment(row["Time"], zone)
            if when is None:
                yield Unknown(line=row.line, raw=row.raw, why=whys_text.BAD_TIME)
                continue
            act = Act("message", when[0], "", precision=when[1], line=row.line)
            for entry in _chatlog_entries(row, roster, act):
                yield from roster.fresh()
                yield entry


def _chatlog_entries(row: CsvRow, roster: Roster, act: Act) -> Iterator[Entry]:
    content = row["Content"]
    if row["Sender"] == SYSTEM:
        yield from _system(roster, act, content)
    elif not row["Sender"]:
        yield Unknown(line=row.line, raw=row.raw, why=whys.NO_SENDER)
    else:
        actor = roster.account(_WXID, row["Sender"], row["SenderName"])
        quote = _QUOTE.fullmatch(content)
        placeholder = _PLACEHOLDER.fullmatch(content)
        form = _WORDS.get(placeholder["word"]) if placeholder else None
        other = roster.named(quote["name"]) if quote else ""
        text = "" if form else quote["text"] if quote else content
        yield structs.replace(act, actor=actor, form=form or "text", text=text, other=other)


WECHAT_LC044 = Format(
    key="wechat.lc044", label=gettext_lazy("微信聊天记录（LC044 表格）"), sniff=sniff_lc044, read=read_lc044
)
CHATLOG_CSV = Format(
    key="wechat.chatlog_csv",
    label=gettext_lazy("微信聊天记录（chatlog CSV）"),
    sniff=sniff_chatlog,
    read=read_chatlog,
    clock="local",
    keyed=False,
)

"""chatlog JSON: an array of WeChat messages, of one chat or of several mixed.

`seq` is the time of the message with three digits behind it and is what quotations refer to, so it is the id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers import wechat_system
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.json_stream import (
    MAX_RAW,
    Record,
    each_numbered,
    head_text,
    items,
    snippet,
    text_of,
)
from qunying.connectors.importers.people import Names, Roll
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.spool import Spool
from qunying.connectors.importers.system_acts import Stage
from qunying.connectors.importers.system_line import Who
from qunying.connectors.importers.whys import BROKEN_RECORD, NO_SENDER, STRANGE_KIND, STRANGE_SYSTEM_LINE
from qunying.connectors.incoming import Act, Chat, Entry, Form, Guess, Options, Person, Unknown

FORMS: dict[int, Form] = {
    1: "text", 3: "image", 34: "audio", 42: "card", 43: "video", 47: "sticker", 48: "location", 50: "other",
}  # fmt: skip
APP_FORMS: dict[int, Form] = {
    1: "text", 3: "link", 4: "link", 5: "link", 6: "file", 8: "sticker", 17: "location", 19: "quote", 33: "card",
    36: "card", 51: "video", 53: "other", 57: "text", 63: "link", 74: "file", 92: "link", 2000: "other",
    2001: "red_packet",
}  # fmt: skip
APP, SYSTEM_TYPES, PAT, NOTICE = 49, (10000, 10002), 62, 87
SYSTEM = "系统消息"


def sniff(source: Source) -> Guess | None:
    if source.is_many:
        return None
    head = head_text(source)
    marks = ('"talker"', '"seq"', '"subType"')
    if head.startswith("[") and all(mark in head for mark in marks):
        return Guess(93, _("每条记录都有 seq、talker、subType"))
    return None


def read(source: Source, options: Options) -> Iterator[Entry]:
    """Chat by chat, in the order in which they first come."""
    with Spool() as spool:
        for line, record in enumerate(items(source, "item"), start=1):
            if isinstance(record, dict) and record.get("talker"):
                spool.put(text_of(record["talker"]), line, record)
            else:
                yield Unknown(line=line, raw=snippet(record), why=BROKEN_RECORD)
        for key in spool.chats():
            yield from _Talk(spool, key).entries()


class _Talk:
    """One chat being read, after one look at who is in it."""

    def __init__(self, spool: Spool, key: str) -> None:
        self.spool = spool
        names, title, is_group, owner = Names(), "", False, ""
        for _line, record in spool.records(key):
            ref = text_of(record.get("sender"))
            title = title or text_of(record.get("talkerName"))
            is_group = is_group or bool(record.get("isChatRoom"))
            if ref != SYSTEM:
                names.add(text_of(record.get("senderName")), ref)
                owner = ref if record.get("isSelf") else owner
        self.chat = Chat(key, title or key, "wechat", "group" if is_group else "dm")
        self.stage = Stage(key, Roll(), lambda: names, _account, owner)

    def entries(self) -> Iterator[Entry]:
        yield self.chat
        yield from each_numbered(self.spool.records(self.chat.key), self._take)

    def _take(self, line: int, record: Record) -> Iterator[Entry]:
        stage = self.stage
        sender, kind, sub = (
            text_of(record.get("sender")),
            int(record["type"]),
            int(record.get("subType") or 0),
        )
        at, id_ = _ms(record), text_of(record.get("seq"))
        if kind in SYSTEM_TYPES or sender == SYSTEM:
            yield from self._system(line, text_of(record.get("content")), at, id_)
            return
        if kind == APP and sub == PAT:
            return
        form = APP_FORMS.get(sub, "other") if kind == APP else FORMS.get(kind)
        if form is None or not sender:
            yield Unknown(line=line, raw=snippet(record), why=STRANGE_KIND if sender else NO_SENDER)
            return
        yield from stage.roll.meet(_account(sender, text_of(record.get("senderName"))))
        refer = (record.get("contents") or {}).get("refer") or {}
        author, introduced = stage.meet(Who(text_of(refer.get("senderName")), text_of(refer.get("sender"))))
        yield from introduced
        yield Act(
            kind="notice" if kind == APP and sub == NOTICE else "message",
            at=at,
            actor=sender,
            id=id_,
            text=text_of(record.get("content")) if form == "text" or sub == NOTICE else "",
            form="text" if sub == NOTICE else form,
            target=text_of(refer.get("seq")),
            other=author,
            line=line,
        )

    def _system(self, line: int, text: str, at: int, id_: str) -> Iterator[Entry]:
        told = wechat_system.parse(text)
        if told is None:
            yield Unknown(line=line, raw=text[:MAX_RAW], why=STRANGE_SYSTEM_LINE)
            return
        yield from self.stage.play(told, at=at, line=line, raw=text[:MAX_RAW], id_=id_)


def _account(ref: str, name: str) -> Person:
    return Person(ref, "wechat.wxid", "", ref, name)


def _ms(record: Record) -> int:
    return int(dt.datetime.fromisoformat(record["time"]).timestamp()) * 1000


WECHAT_CHATLOG = Format("wechat_chatlog", gettext_lazy("微信聊天记录（chatlog JSON）"), sniff, read)

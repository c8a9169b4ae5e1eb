"""WeFlow and echotrace JSON: one WeChat chat.

Their message numbers count rows of one phone's database, so two people's files give one message different numbers:
they are not taken as ids, and messages are told apart by time, sender and text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers import wechat_system
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.json_stream import (
    MAX_RAW,
    Record,
    each,
    first,
    head_text,
    items,
    snippet,
    text_of,
)
from qunying.connectors.importers.people import Names, Roll
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.system_acts import Stage
from qunying.connectors.importers.system_line import Who
from qunying.connectors.importers.whys import NO_SENDER, STRANGE_KIND, STRANGE_SYSTEM_LINE
from qunying.connectors.incoming import Act, Chat, Entry, Form, Guess, Options, Person, Unknown

FORMS: dict[str, Form] = {
    "文本消息": "text", "引用消息": "text", "图片消息": "image", "语音消息": "audio", "视频消息": "video",
    "文件消息": "file", "动画表情": "sticker", "表情消息": "sticker", "链接消息": "link", "卡片式链接": "link",
    "名片消息": "card", "小程序": "card", "小程序消息": "card", "小程序分享": "card", "位置消息": "location",
    "红包消息": "red_packet", "红包": "red_packet", "转账消息": "other", "转账": "other", "聊天记录": "quote",
    "合并转发的聊天记录": "quote", "聊天记录合并转发": "quote", "通话消息": "other", "语音通话": "other",
    "视频号": "link", "视频号消息": "link", "其他消息": "other", "接龙": "other", "投票": "poll",
}  # fmt: skip
PATS = {"拍一拍", "拍一拍消息"}
SYSTEM = "系统消息"

_QUOTED = re.compile(r"\n?\[引用 (?P<name>[^：:\]]*)[：:].*\]\s*$", re.DOTALL)


def sniff(source: Source) -> Guess | None:
    if source.is_many:
        return None
    head = head_text(source)
    marks = ('"session"', '"wxid"')
    if head.startswith("{") and all(mark in head for mark in marks) and '"chatlab"' not in head[:200]:
        return Guess(92, _("开头有 session 和 wxid，来自微信聊天记录导出工具"))
    return None


def read(source: Source, options: Options) -> Iterator[Entry]:
    chat = _Chat(source, first(source, "session") or {})
    yield chat.chat
    yield from each(items(source, "messages.item"), chat.take)


class _Chat:
    """One chat being read."""

    def __init__(self, source: Source, session: Record) -> None:
        self.source = source
        key = text_of(session.get("wxid"))
        name = text_of(session.get("displayName") or session.get("nickname"))
        self.chat = Chat(key or name, name, "wechat", "group" if key.endswith("@chatroom") else "dm")
        self.roll = Roll()
        self.stage = Stage(self.chat.key, self.roll, self._names, self.account)
        self._known: Names | None = None

    def account(self, ref: str, name: str) -> Person:
        return Person(ref, "wechat.wxid", "", ref, name)

    def _names(self) -> Names:
        """Every name of the file and, found in the same pass, whose phone wrote it."""
        if self._known is None:
            self._known = Names()
            for record in items(self.source, "messages.item"):
                ref = text_of(record.get("senderUsername"))
                if record.get("isSend") == 1:
                    self.stage.self_ref = ref
                if record.get("type") != SYSTEM and ref != self.chat.key:
                    self._known.add(record.get("senderDisplayName"), ref)
                    self._known.add(record.get("senderGroupNickname"), ref)
        return self._known

    def take(self, line: int, record: Record) -> Iterator[Entry]:
        kind, ref = text_of(record["type"]), text_of(record.get("senderUsername"))
        at, text = int(record["createTime"]) * 1000, text_of(record.get("content"))
        if kind in PATS:
            return
        if kind == SYSTEM or ref == self.chat.key:
            yield from self._system(line, text, at)
            return
        if not ref or kind not in FORMS:
            yield Unknown(line=line, raw=snippet(record), why=STRANGE_KIND if ref else NO_SENDER)
            return
        yield from self.roll.meet(self.account(ref, text_of(record.get("senderDisplayName"))))
        form, other = FORMS[kind], ""
        if kind == "引用消息":
            quoted = _QUOTED.search(text)
            if quoted:
                text = text[: quoted.start()]
                other, introduced = self.stage.meet(Who(name=quoted["name"]))
                yield from introduced
        yield Act("message", at, ref, text=text if form == "text" else "", form=form, other=other, line=line)

    def _system(self, line: int, text: str, at: int) -> Iterator[Entry]:
        told = wechat_system.parse(text)
        if told is None:
            yield Unknown(line=line, raw=text[:MAX_RAW], why=STRANGE_SYSTEM_LINE)
            return
        yield from self.stage.play(told, at=at, line=line, raw=text[:MAX_RAW])


WEFLOW = Format(
    "wechat_weflow", gettext_lazy("微信聊天记录（WeFlow / echotrace JSON）"), sniff, read, keyed=False
)

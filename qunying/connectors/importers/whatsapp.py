"""WhatsApp's text export of one chat, by iPhone or Android, in seven languages, also inside the zip with media."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec import structs

from qunying.connectors.importers import whys, whys_text
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.moments import zone_of
from qunying.connectors.importers.roster import Roster
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.text_lines import head_lines, text_lines, texts, the_text
from qunying.connectors.importers.whatsapp_dates import Clock, Head, Order, head
from qunying.connectors.importers.whatsapp_words import (
    AND,
    DELETED,
    EDITED,
    ENCRYPTED,
    PLACE,
    POLL,
    SELF,
    WORDINGS,
    Deed,
    media,
    omitted,
)
from qunying.connectors.incoming import Act, ActKind, Chat, Entry, Form, Guess, Options, Unknown

_ADDED, _LINK, _CREATED = "添加", "链接", "创建"
_DEEDS: dict[Deed, ActKind] = {"left": "leave", "pinned": "pin", "renamed": "notice", "described": "notice"}
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BLANKS = re.compile("[\u00a0\u202f]")
_PHONE = re.compile(r"\+\d[\d ()./-]{5,20}$")
_QUOTES = re.compile('["“„«].*?["”“»]')
_FILE_TITLE = re.compile(
    r"(?:WhatsApp[ -]Chat (?:with|mit|-) |Chat de WhatsApp con |Conversa do WhatsApp com "
    r"|Discussion WhatsApp avec |WhatsApp - |与)(?P<t>.+?)(?: ?的 ?(?:WhatsApp ?)?(?:聊天记录|聊天|对话))?$"
)


@dataclass
class _Survey:
    """What a first look at the whole file tells: the order of dates, who speaks, and what the group is called."""

    clock: Clock = field(default_factory=Clock)
    speakers: set[str] = field(default_factory=set)
    announcers: list[str] = field(default_factory=list)
    title: str = ""
    is_crowd: bool = False

    def look(self, seen: Head) -> None:
        self.clock.learn(seen)
        sender, body = _split(seen)
        text, is_marked = _clean(body), body.startswith("\u200e")
        if sender is None:
            self._system(text)
        elif ENCRYPTED.search(text) and (is_marked or self.clock.heads == 1):
            self.announcers.append(sender)
        elif is_marked or (sender in self.announcers and _told(text)[0]):
            self._system(text)  # old iPhones set no mark, yet let the group speak
        else:
            self.speakers.add(sender)

    def _system(self, text: str) -> None:
        deed, groups = _told(text)
        self.is_crowd = self.is_crowd or deed in {"created", "added", "joined", "removed", "renamed"}
        if deed in {"created", "renamed"} and groups.get("t"):
            self.title = groups["t"]

    def chat(self, name: str) -> Chat:
        """The chat: an iPhone lets the group, or in a single chat the other one, speak the first notice."""
        announcer = next(iter(self.announcers), "")
        titled = _FILE_TITLE.search(PurePosixPath(name).stem)
        title = (titled["t"] if titled else "") or self.title or announcer or PurePosixPath(name).stem
        if announcer and announcer not in self.speakers:
            title = announcer
        is_dm = (
            not self.is_crowd
            and len(self.speakers) <= 2
            and (title in self.speakers or announcer in self.speakers)
        )
        return Chat(key=title, name=title, platform="whatsapp", kind="dm" if is_dm else "group")


def sniff(source: Source) -> Guess | None:
    """Line heads `[date time] name:` or `date, time - name:` at the start of a text file."""
    for name in texts(source):
        lines = head_lines(source, name)
        heads = [seen for line in lines if (seen := head(line))]
        if not any(head(line) for line in lines[:3]):
            continue
        clock = Clock()
        for seen in heads:
            clock.learn(seen)
        if not clock.steps_back:
            continue
        phone = "iPhone" if heads[0].is_iphone else "Android"
        order = {"dmy": _("日、月、年"), "mdy": _("月、日、年"), "ymd": _("年、月、日")}[clock.order]
        told = _("%(phone)s 导出的行首，日期依次为%(order)s") % {"phone": phone, "order": order}
        return Guess(92, told + _("（开头几行看不出月和日，请核对）") if clock.is_open else told)
    return None


def read(source: Source, options: Options) -> Iterator[Entry]:
    """The chat; the file is read twice, first for the order of its dates."""
    name = the_text(source)
    survey = _Survey()
    for _at, line in text_lines(source, name, options):
        seen = head(line)
        if seen:
            survey.look(seen)
    chat = survey.chat(source.name if PurePosixPath(name).stem == "_chat" else name)
    yield chat
    order = survey.clock.order if survey.clock.heads else "dmy"
    reader = _Reader(chat, survey.clock, order, zone_of(options.zone), survey.speakers)
    yield from reader.entries(text_lines(source, name, options))


def _split(seen: Head) -> tuple[str | None, str]:
    """Sender and body. A system line of Android has no sender: its colons, if any, stand inside quotes."""
    sender, colon, body = seen.rest.partition(": ")
    if not colon and seen.rest.endswith(":"):
        sender, colon = seen.rest[:-1], ":"
    if not colon or (not seen.is_iphone and ": " not in _QUOTES.sub("", seen.rest) + " "):
        return None, seen.rest
    return _name(sender), body


def _name(written: str) -> str:
    return _BLANKS.sub(" ", _MARKS.sub("", written)).strip().removeprefix("~").strip()


def _clean(body: str) -> str:
    return _MARKS.sub("", body).replace("\r\n", "\n").replace("\r", "\n").strip()


def _told(text: str) -> tuple[Deed | None, dict[str, str]]:
    flat = _BLANKS.sub(" ", text)
    for wording in WORDINGS:
        found = wording.pattern.fullmatch(flat)
        if found:
            return wording.deed, {key: value for key, value in found.groupdict().items() if value}
    return None, {}


@dataclass
class _Reader:
    chat: Chat
    clock: Clock
    order: Order
    zone: ZoneInfo
    speakers: set[str]
    moved: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.roster = Roster(self.chat.key)

    def entries(self, numbered: Iterator[tuple[int, str]]) -> Iterator[Entry]:
        """A line without a head goes on with the message above it."""
        start, seen, more = 0, None, list[str]()
        for at, line in numbered:
            found = head(line)
            if found is None and seen is not None:
                more.append(line)
            elif found is None:
                if _clean(line):
                    yield Unknown(line=at, raw=line, why=whys_text.NO_HEADER)
            else:
                if seen is not None:
                    yield from self._entry(start, seen, more)
                start, seen, more = at, found, []
        if seen is not None:
            yield from self._entry(start, seen, more)

    def _entry(self, line: int, seen: Head, more: list[str]) -> Iterator[Entry]:
        at = self.clock.at(seen, self.order, self.zone)
        whole = "\n".join([seen.rest, *more])
        if at is None:
            yield Unknown(line=line, raw=whole, why=whys_text.BAD_TIME)
            return
        act = Act("message", at, "", precision="min" if seen.second is None else "s", line=line)
        sender, body = _split(seen._replace(rest=whole))
        acts = (
            self._system(act, _clean(body), whole)
            if sender is None
            else self._spoken(act, sender, body, whole)
        )
        for entry in acts:
            yield from self.roster.fresh()
            yield entry

    def _spoken(self, act: Act, sender: str, body: str, whole: str) -> Iterator[Entry]:
        """Something said by somebody; what an iPhone itself writes begins with a left-to-right mark."""
        is_marked = body.startswith("\u200e")
        text = _clean(body)
        is_chat_speaking = sender == self.chat.name and sender not in self.speakers
        deleted = DELETED.fullmatch(text)
        if deleted:
            by = deleted["a"]
            actor = self._person(by or sender)
            yield _made(act, kind="recall", actor=actor, other=self._person(sender) if by else "")
            return
        if is_chat_speaking or (is_marked and not POLL.match(text)):
            form = omitted(text)
            if form:
                yield _made(act, actor=self._person(sender), form=form)
                return
            if not media(text):
                yield from self._system(act, text, whole)
                return
        yield self._message(act, sender, text)

    def _message(self, act: Act, sender: str, text: str) -> Act:
        text = EDITED.sub("", text)
        form: Form = "text"
        if found := media(text):
            form, text = found
        elif POLL.match(text):
            form = "poll"
        elif PLACE.match(text):
            form = "location"
        return _made(act, actor=self._person(sender), form=form, text=text)

    def _system(self, act: Act, text: str, whole: str) -> Iterator[Entry]:
        deed, groups = _told(text)
        if deed is None:
            yield Unknown(line=act.line, raw=_clean(whole), why=whys.STRANGE_SYSTEM_LINE)
            return
        actor, people = groups.get("a", ""), [one for one in AND.split(groups.get("p", "")) if one]
        if deed == "moved":
            self._move(actor, groups["b"])
        elif deed in {"added", "removed", "joined"}:
            other = "" if _is_self(actor) else self._person(actor)
            source = {"added": _ADDED, "joined": _LINK}.get(deed, "")
            act = _made(act, kind="remove" if deed == "removed" else "join", other=other, source=source)
            for name in people:
                yield self._done_by(act, name, whole)
        elif deed == "created":
            yield self._done_by(_made(act, kind="join", source=_CREATED), actor, whole)
        elif deed in _DEEDS:
            yield self._done_by(_made(act, kind=_DEEDS[deed], text=groups.get("t", "")), actor, whole)

    def _done_by(self, act: Act, name: str, whole: str) -> Act | Unknown:
        """The act of somebody named. The phone's owner stands there as “you”: nobody knows under which name."""
        if _is_self(name):
            return Unknown(line=act.line, raw=_clean(whole), why=whys.NO_SENDER)
        return _made(act, actor=self._person(name))

    def _person(self, name: str) -> str:
        """The ref of a displayed name or phone number; a new number of an account is still that account."""
        name = _name(name)
        if name in self.moved:
            return self.moved[name]
        if _PHONE.fullmatch(name):
            return self.roster.account("phone", re.sub(r"[^\d+]", "", name), name)
        return self.roster.named(name)

    def _move(self, name: str, number: str) -> None:
        ref, number = self._person(name), _name(number)
        self.moved[number] = ref
        before = self.roster.known[ref]
        self.roster.put(structs.replace(before, aliases=(*before.aliases, number)))


def _is_self(name: str) -> bool:
    return not name or name.lower() in SELF


def _made(act: Act, **changes: object) -> Act:
    return structs.replace(act, **changes)


WHATSAPP = Format(
    key="whatsapp",
    label=gettext_lazy("WhatsApp 聊天记录（文本）"),
    sniff=sniff,
    read=read,
    clock="local",
    keyed=False,
)

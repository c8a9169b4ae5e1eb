"""LINE's text export: a title, lines with a date, and rows of time, name and text parted by tabs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers import whys, whys_text
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.line_words import (
    PLACEHOLDERS,
    RULES,
    SAVED,
    TITLE,
    TITLE_THAI,
    WEEKDAYS,
    YEAR_FIRST,
    YEAR_LAST,
)
from qunying.connectors.importers.moments import hour_24, local_ms, zone_of
from qunying.connectors.importers.roster import Roster
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.system_line import understand
from qunying.connectors.importers.text_lines import head_lines, text_lines, texts, the_text
from qunying.connectors.incoming import Act, Chat, Entry, Guess, Options, Unknown

_ROW = re.compile(
    r"(上午|下午|午前|午後|오전|오후|凌晨|早上|中午|晚上)?\s?(\d{1,2}):(\d{2})\s?([AaPp]\.?[Mm]\.?)?(?:\s?น\.)?\t(.*)$",
    re.DOTALL,
)
Date = tuple[int, int, int]


def sniff(source: Source) -> Guess | None:
    """`[LINE]` in the first line, or a date line followed by rows with tabs."""
    for name in texts(source):
        lines = head_lines(source, name)
        if lines and lines[0].startswith("[LINE]"):
            return Guess(97, _("第一行以“[LINE]”开头"))
        if any(_date(line) for line in lines) and any(_ROW.match(line) for line in lines):
            return Guess(80, _("有日期行和以制表符分隔的消息行"))
    return None


def read(source: Source, options: Options) -> Iterator[Entry]:
    """One chat a file. It is read twice, first for who speaks."""
    name = the_text(source)
    title, speakers = "", set[str]()
    for _at, line in text_lines(source, name, options):
        title = title or _title(line)
        found = _ROW.match(line)
        if found:
            speakers.add(found[5].partition("\t")[0])
    title = title or PurePosixPath(name).stem
    is_dm = title in speakers and len(speakers) <= 2
    chat = Chat(key=title, name=title, platform="line", kind="dm" if is_dm else "group")
    yield chat
    roster, zone = Roster(chat.key), zone_of(options.zone)
    for row in _rows(text_lines(source, name, options)):
        for entry in _entries(row, roster, zone):
            yield from roster.fresh()
            yield entry


def _title(line: str) -> str:
    found = TITLE_THAI.match(line) or TITLE.match(line)
    return found["t"] if found else ""


@dataclass(frozen=True)
class _Row:
    """A row with the day it stands under and the lines that go on with it."""

    line: int
    on: Date | None
    head: re.Match[str]
    more: list[str]

    @property
    def raw(self) -> str:
        return "\n".join([self.head[0], *self.more])


def _rows(numbered: Iterator[tuple[int, str]]) -> Iterator[_Row | Unknown]:
    """A date line counts only after an empty line, as inside a message it may be anything."""
    on: Date | None = None
    row: _Row | None = None
    is_after_blank = True
    for at, line in numbered:
        found = _ROW.match(line)
        day = _date(line) if is_after_blank else None
        if found or day:
            if row:
                yield row
            row = _Row(at, on, found, []) if found else None
            on = day or on
        elif row:
            row.more.append(line)
        elif line.strip() and not line.startswith("[LINE]") and not SAVED.match(line):
            yield Unknown(line=at, raw=line, why=whys_text.NO_HEADER)
        is_after_blank = not line.strip() or bool(SAVED.match(line))
    if row:
        yield row


def _date(line: str) -> Date | None:
    """The day of a date line; where month and day may be either, the weekday beside them decides."""
    line = line.strip()
    found = YEAR_FIRST.match(line)
    if found:
        return int(found[1]), int(found[2]), int(found[3])
    found = YEAR_LAST.match(line)
    if not found:
        return None
    first, second, year = int(found[2]), int(found[3]), int(found[4])
    year -= 543 if year > 2400 else 0  # Buddhist years on Thai phones
    for month, day in ((first, second), (second, first)):
        try:
            if dt.date(year, month, day).weekday() == WEEKDAYS[found[1]]:
                return year, month, day
        except ValueError:
            continue
    return None


def _entries(row: _Row | Unknown, roster: Roster, zone: ZoneInfo) -> Iterator[Entry]:
    if isinstance(row, Unknown):
        yield row
        return
    before, hour, minute, after, rest = row.head.groups()
    try:
        if row.on is None:
            raise ValueError
        at = local_ms(zone, row.on, hour_24(int(hour), before or after), int(minute))
    except ValueError:
        yield Unknown(line=row.line, raw=row.raw, why=whys_text.BAD_TIME)
        return
    act = Act("message", at, "", precision="min", line=row.line)
    name, tab, body = rest.partition("\t")
    body = "\n".join([body if tab else name, *row.more]).replace("\r", "\n").strip()
    if name and tab:
        form = PLACEHOLDERS.get(body, "text")
        text = _unquoted(body) if form == "text" else ""
        yield Act("message", at, roster.weak(name), text=text, form=form, precision="min", line=row.line)
        return
    told = understand(body, RULES, separators="、,，")
    if told is None:
        yield Unknown(line=row.line, raw=row.raw, why=whys.STRANGE_SYSTEM_LINE)
        return
    for line in told:
        yield roster.told(line, act, row.raw, "name")


def _unquoted(body: str) -> str:
    """A text of several lines stands in quotation marks."""
    is_quoted = len(body) > 1 and "\n" in body and body[0] == body[-1] == '"'
    return body[1:-1].replace('""', '"') if is_quoted else body


LINE = Format(
    key="line",
    label=gettext_lazy("LINE 聊天记录（文本）"),
    sniff=sniff,
    read=read,
    clock="local",
    keyed=False,
)

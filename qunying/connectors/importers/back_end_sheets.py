"""Reads the sheets of platforms' back ends: groups, member lists, daily statistics; no messages needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from django.utils.translation import gettext as _

from qunying.connectors.importers import whys_text
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.moments import day
from qunying.connectors.importers.roster import Roster
from qunying.connectors.importers.sheet_members import read_members
from qunying.connectors.importers.sheet_rows import Sheet, amount, sheets
from qunying.connectors.importers.sheet_templates import SHEET_TEMPLATES, SheetTemplate
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.tables import Cells, numbers_lost, peek, raw, tables, text
from qunying.connectors.incoming import Chat, Entry, Figure, Guess, Options, Person, Unknown
from qunying.kit.errors import Invalid

_NAMED_DAY = re.compile(r"(?<!\d)(20\d\d)[-_.年]?(\d\d)[-_.月]?(\d\d)(?=\D|$|\d{4}(?:\d\d)?(?!\d))")
"""A day in a file's name, alone or with a time of day right behind it."""
_TOTALS = frozenset({"合计", "总计", "汇总", "均值", "平均", "total", "Total"})


def sniff(template: SheetTemplate, source: Source) -> Guess | None:
    """How well the headers fit, naming those that matched; a hint in the file's or sheet's name counts."""
    guesses = [
        Guess(_sureness(sheet, f"{source.name} {sheet.table.name}".lower()), _evidence(sheet))
        for sheet in sheets(template, peek(source))
    ]
    return max(guesses, key=lambda guess: guess.sureness, default=None)


def _sureness(sheet: Sheet, name: str) -> int:
    template = sheet.template
    hinted = any(hint in name for hint in template.hints)
    others = (other for other in SHEET_TEMPLATES if other.platform != template.platform)
    misled = not hinted and any(hint in name for other in others for hint in other.hints)
    return min(99, 50 + 4 * len(sheet.fields) + 15 * hinted - 15 * misled)


def _evidence(sheet: Sheet) -> str:
    headers = "、".join(sheet.titles[at] for at in sorted(sheet.fields.values()))
    told = _("符合“%(template)s”的表头：%(headers)s") % {"template": sheet.template.label, "headers": headers}
    rows = (row for row in sheet.rows() if not isinstance(row, Unknown))
    if any(numbers_lost(sheet.cell(cells, "id")) for _at, cells in rows):
        told += _("。注意：编号列是数字格式，开头的 0 和第 15 位以后的数字可能已丢失")
    return told


def read(template: SheetTemplate, source: Source, options: Options) -> Iterator[Entry]:
    """Every table of the source that has the template's headers. Invalid where none has."""
    found_one = False
    for sheet in sheets(template, tables(source, options)):
        found_one = True
        if template.kind == "members":
            yield from read_members(sheet, options)
        elif template.kind == "groups":
            yield from _read_chats(sheet, source.name)
        else:
            yield from _read_statistics(sheet)
    if not found_one:
        wanted = (*template.required, *template.telling)
        heads = [column.headers.split("|")[0] for column in template.columns if column.field in wanted]
        raise Invalid("connectors.columns_missing", columns="、".join(heads))


def _read_chats(sheet: Sheet, file_name: str) -> Iterator[Entry]:
    """One chat a row with its owner, its size on the day of the export and the day it was made."""
    exported = _day_in(sheet.table.name) or _day_in(file_name)
    is_told = exported is not None or "as_of" in sheet.fields or not sheet.template.figures(sheet.fields)
    for row in sheet.rows():
        if isinstance(row, Unknown):
            yield row
            continue
        at, cells = row
        chat = sheet.chat(cells)
        if not chat.name:
            yield Unknown(line=at, raw=raw(cells), why=whys_text.NO_CHAT_NAME)
            continue
        yield chat
        if not is_told:
            yield Unknown(line=sheet.line, raw=sheet.table.name, why=whys_text.NO_EXPORT_DAY)
            is_told = True
        yield from _chat(sheet, chat, at, cells)
        yield from _sizes(sheet, at, cells, exported)


def _chat(sheet: Sheet, chat: Chat, at: int, cells: Cells) -> Iterator[Entry]:
    owner = sheet.text(cells, "owner")
    if owner:
        ref = Roster(chat.key).weak_ref(owner)
        yield Person(
            ref, "name", chat.key, owner, name=owner, roles=("owner",), is_staff=True, is_listed=True
        )
    if sheet.text(cells, "created"):
        made = day(sheet.cell(cells, "created"))
        if made is None:
            yield Unknown(line=at, raw=raw(cells), why=whys_text.BAD_DAY)
        else:
            yield Figure(day=made, name="new_chats", value=1, owner=owner)


def _sizes(sheet: Sheet, at: int, cells: Cells, exported: int | None) -> Iterator[Entry]:
    """The group's numbers on the day the sheet was exported; without a day they are nobody's figures."""
    counted = day(sheet.cell(cells, "as_of")) if "as_of" in sheet.fields else exported
    if counted is None and "as_of" in sheet.fields:
        yield Unknown(line=at, raw=raw(cells), why=whys_text.BAD_DAY)
    elif counted is not None:
        yield from _figures(sheet, at, cells, counted)


def _day_in(name: str) -> int | None:
    found = _NAMED_DAY.search(name)
    return day("-".join(found.groups())) if found else None


def _read_statistics(sheet: Sheet) -> Iterator[Entry]:
    """One day (and owner, and group where there is a column) a row. Rows of totals are left out."""
    template = sheet.template
    whole = Chat(key=template.key, name=str(template.label), platform=template.platform, kind="sheet")
    by_chat = "chat" in sheet.fields or "chat_id" in sheet.fields
    chat: Chat | None = None
    for row in sheet.rows():
        if isinstance(row, Unknown):
            yield row
            continue
        at, cells = row
        if sheet.text(cells, "day") in _TOTALS:
            continue
        now = sheet.chat(cells) if by_chat else whole
        if now != chat:
            chat = now
            yield chat
        on = day(sheet.cell(cells, "day"))
        if on is None:
            yield Unknown(line=at, raw=raw(cells), why=whys_text.BAD_DAY)
        else:
            yield from _figures(sheet, at, cells, on)


def _figures(sheet: Sheet, at: int, cells: Cells, on: int) -> Iterator[Entry]:
    owner = sheet.text(cells, "owner")
    for name, column in sheet.template.figures(sheet.fields).items():
        value = amount(cells[column])
        if isinstance(value, str):
            yield Unknown(line=at, raw=text(cells[column]), why=whys_text.NO_WHOLE_NUMBER)
        elif value is not None:
            yield Figure(day=on, name=name, value=value, owner=owner)


SHEET_FORMATS = tuple(
    Format(
        key=f"sheet.{template.key}",
        label=template.label,
        sniff=partial(sniff, template),
        read=partial(read, template),
        clock="local" if template.kind == "members" else "absolute",
        keyed=False,
        lists_people=template.kind == "members",
    )
    for template in SHEET_TEMPLATES
)

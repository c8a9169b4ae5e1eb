"""What readers of back-end sheets share: finding the header, the chat of a row, whole numbers as written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qunying.connectors.importers.moments import Cell
from qunying.connectors.importers.sheet_templates import SheetTemplate
from qunying.connectors.importers.tables import Cells, Table, text
from qunying.connectors.incoming import Chat, Unknown

_AMOUNT = re.compile(r"([+-]?\d[\d,，]*(?:\.\d+)?)\s*(万|亿|w)?\s*(?:人|个|条|次)?$", re.IGNORECASE)
_UNITS = {"": 1, "万": 10_000, "w": 10_000, "亿": 100_000_000}
_NONE = frozenset({"", "-", "--", "—", "——", "/", "n/a", "无"})


@dataclass(frozen=True)
class Sheet:
    """One table with the template it follows: the header's line, its plain names, field → column, names as written."""

    template: SheetTemplate
    table: Table
    line: int
    names: list[str]
    fields: dict[str, int]
    titles: list[str]

    def rows(self) -> Iterator[tuple[int, Cells] | Unknown]:
        return self.table.below(self.line, len(self.names))

    def cell(self, cells: Cells, field: str) -> Cell:
        """The cell of a field; "" where the sheet has no such column."""
        at = self.fields.get(field)
        return "" if at is None else cells[at]

    def text(self, cells: Cells, field: str) -> str:
        return text(self.cell(cells, field))

    def chat(self, cells: Cells) -> Chat:
        """The group a row is about: by id where there is one, else by name, else by the table's name."""
        name, key = self.text(cells, "chat"), self.text(cells, "chat_id")
        fallback = "" if "chat" in self.fields else self.table.name
        return Chat(
            key=key or name or fallback, name=name or key or fallback, platform=self.template.platform
        )


def sheets(template: SheetTemplate, tables: Iterable[Table]) -> Iterator[Sheet]:
    """The tables that have the template's header."""
    for table in tables:
        found = table.header(lambda names: bool(template.match(names)))
        if found is not None:
            line, names = found
            yield Sheet(template, table, line, names, template.match(names), table.titles(line))


def amount(cell: Cell) -> int | str | None:
    """A whole number as back ends write it (1,234 or 1.2万); None if empty, the text if it is no whole number."""
    written = text(cell)
    if written.lower() in _NONE:
        return None
    found = _AMOUNT.match(written)
    if not found:
        return written
    value = float(found[1].replace(",", "").replace("，", "")) * _UNITS[(found[2] or "").lower()]
    return int(value) if value.is_integer() else written

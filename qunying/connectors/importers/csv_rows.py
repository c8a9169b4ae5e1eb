"""Rows of CSV files whose columns a tool fixed: by name, whatever their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qunying.connectors.importers.source import Source
from qunying.connectors.importers.tables import Cells, Table, peek, raw, tables, text
from qunying.connectors.incoming import Guess, Options, Unknown
from qunying.kit.errors import Invalid


@dataclass(frozen=True)
class CsvRow:
    """One row; a column the file lacks reads as empty."""

    line: int
    columns: dict[str, int]
    cells: Cells

    def __getitem__(self, column: str) -> str:
        at = self.columns.get(column.lower())
        return "" if at is None else text(self.cells[at])

    @property
    def raw(self) -> str:
        return raw(self.cells)


@dataclass(frozen=True)
class CsvTable:
    """One file with the header a tool writes."""

    table: Table
    line: int
    names: list[str]

    def rows(self) -> Iterator[CsvRow | Unknown]:
        columns = {name: at for at, name in enumerate(self.names)}
        for row in self.table.below(self.line, len(self.names)):
            yield row if isinstance(row, Unknown) else CsvRow(row[0], columns, row[1])


def csv_sniff(source: Source, columns: tuple[str, ...], sureness: int) -> Guess | None:
    """Whether a table has all the columns, which the evidence names."""
    if any(_found(table, columns) for table in peek(source)):
        return Guess(sureness, _("表头有这些列：%(columns)s") % {"columns": "、".join(columns)})
    return None


def csv_tables(source: Source, columns: tuple[str, ...], options: Options) -> Iterator[CsvTable]:
    """Every table with all the columns. Invalid where there is none."""
    found_one = False
    for table in tables(source, options):
        found = _found(table, columns)
        if found:
            found_one = True
            yield CsvTable(table, *found)
    if not found_one:
        raise Invalid("connectors.columns_missing", columns="、".join(columns))


def _found(table: Table, columns: tuple[str, ...]) -> tuple[int, list[str]] | None:
    wanted = {column.lower() for column in columns}
    return table.header(lambda names: wanted <= set(names))

"""A report as a workbook: a sheet for each table of its blocks, numbers as numbers."""

from __future__ import annotations

import io
import re
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from qunying.kit.sheets import plain
from qunying.metrics.reports import scopes
from qunying.metrics.reports.report import Report
from qunying.metrics.reports.tables import Cell, Share, Table

FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
NAME = 31
"""Letters of a sheet's name, and what it may not hold: the format's own rules."""
WIDE, NARROW = 40, 14
WIDE_FROM = 16


def workbook(report: Report, *, made_at: str) -> bytes:
    """The cover's words first, then the tables in the report's order; no text is taken for a formula or an address."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        forms = {"head": book.add_format({"bold": True}), "share": book.add_format({"num_format": "0.0%"})}
        taken: set[str] = set()
        _fill(book.add_worksheet(_named(_("报告"), taken)), cover(report, made_at=made_at), forms)
        for part in report.parts:
            for table in part.tables:
                _fill(book.add_worksheet(_named(table.title, taken)), table, forms)
    return file.getvalue()


def cover(report: Report, *, made_at: str) -> Table:
    """What the report is about and when it was made."""
    about = report.about
    rows: tuple[tuple[Cell, ...], ...] = (
        (_("品牌"), about.brand.name),
        (_("报告"), report.title),
        (_("社群"), scopes.place(about)),
        (_("自"), about.range.from_day.isoformat()),
        (_("至"), about.range.to_day.isoformat()),
        (_("时区"), about.brand.zone),
        (_("生成时间"), made_at),
    )
    return Table(report.title, (), rows, about.scope.freshness())


def _named(title: str, taken: set[str]) -> str:
    """The title as a sheet's name that no other sheet has."""
    clean = FORBIDDEN.sub(" ", title).strip()[:NAME] or "-"
    name, number = clean, 1
    while name.casefold() in taken:
        number += 1
        name = f"{clean[: NAME - 4]} {number}"
    taken.add(name.casefold())
    return name


# The library is published without types.
def _fill(sheet: Any, table: Table, forms: dict[str, Any]) -> None:
    row = 0
    if table.head:
        sheet.write_row(0, 0, [plain(cell) for cell in table.head], forms["head"])
        sheet.freeze_panes(1, 0)
        row = 1
    for row, cells in enumerate(table.rows, row):  # noqa: B020  # goes on counting where the head ended
        for column, cell in enumerate(cells):
            if cell is not None and cell != "":
                sheet.write(row, column, plain(cell), forms["share"] if isinstance(cell, Share) else None)
    if table.note:
        sheet.write(row + 2 if table.rows else row, 0, plain(table.note))
    for column in range(max(map(len, (table.head, *table.rows)), default=1)):
        widest = max((len(str(line[column])) for line in table.rows if column < len(line)), default=0)
        sheet.set_column(column, column, WIDE if widest > WIDE_FROM else NARROW)

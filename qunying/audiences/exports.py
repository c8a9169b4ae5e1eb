"""Lists of people as CSV and XLSX files: exactly the rows that were asked for, safe to open in a spreadsheet."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import xlsxwriter
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from qunying.audiences.roster import Ints, Line, Roster
from qunying.brands.actions import log
from qunying.brands.reasons import reason_given
from qunying.kit import days
from qunying.kit.sheets import csv_lines, plain

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Row = tuple[str | int, ...]


def as_file(
    roster: Roster, bits: Ints, *, form: str, about: Mapping[str, object], reason: str
) -> HttpResponse | StreamingHttpResponse:
    """A download of these people; the export is logged with how many they were, what was asked and why. Who may
    not see personal data gets masks."""
    scope = roster.scope
    after = {
        "people": len(bits),
        "form": "xlsx" if form == "xlsx" else "csv",
        **about,
        "reason": reason_given(reason),
    }
    about_text = f"community:{scope.node.pk}" if scope.node else f"brand:{scope.brand.slug}"
    at = dt.datetime.now(dt.UTC)
    log(scope.brand, by=scope.staff, deed="members.exported", about=about_text, at=at, after=after)
    name = f"members-{days.date(scope.today).isoformat()}"
    rows = (cells(line) for line in roster.all_lines(bits))
    return workbook(head(), rows, name) if form == "xlsx" else comma_file(head(), rows, name)


def head() -> Row:
    return (
        _("编号"),
        _("群成员"),
        _("账号"),
        _("社群"),
        _("生命周期阶段"),
        _("标签"),
        _("近30天发言"),
        _("入群日期"),
        _("最近互动"),
    )


def cells(line: Line) -> Row:
    return (
        line.pk,
        line.name,
        line.account,
        "、".join(line.communities),
        str(line.stage_label),
        "、".join(line.tags),
        line.said,
        line.joined_on.isoformat() if line.joined_on else "",
        line.last_at.strftime("%Y-%m-%d %H:%M") if line.last_at else "",
    )


def comma_file(first: Row, rows: Iterable[Row], name: str) -> StreamingHttpResponse:
    """CSV with a byte order mark, sent as it is written."""
    response = StreamingHttpResponse(csv_lines(first, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def workbook(first: Row, rows: Iterable[Row], name: str) -> FileResponse:
    """XLSX written row by row in constant memory; texts stay texts."""
    holder = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115  # the answer closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(holder.name, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(first) - 1, 16)
        sheet.write_row(0, 0, first, bold)
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, [plain(cell) for cell in row])
    return FileResponse(
        Path(holder.name).open("rb"), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX
    )

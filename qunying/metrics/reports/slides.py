"""A report as slides: a title page, then each table of its blocks as a chart one can edit, or as a table."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width

from django.utils.translation import gettext as _
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.table import _Cell
from pptx.util import Inches, Length, Pt

from qunying.kit.sheets import plain
from qunying.metrics.reports import scopes
from qunying.metrics.reports.report import Report
from qunying.metrics.reports.tables import Cell, Share, Table
from qunying.outbox.queries import short

FONT = "Microsoft YaHei"
"""On every Windows, and with every Office for the Mac; elsewhere the reader's program takes its own Chinese font."""
CHARTS = {
    "line": XL_CHART_TYPE.LINE,
    "bar": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "stack": XL_CHART_TYPE.COLUMN_STACKED,
}
WIDTH, HEIGHT, EDGE = Inches(13.333), Inches(7.5), Inches(0.6)
INNER = Length(WIDTH - 2 * EDGE)
TOP, LINE = Inches(1.5), Inches(0.24)
LINES = 23
"""Lines of text that a slide's table holds."""
SMALL, BODY = Pt(11), Pt(14)
LETTERS = 300
"""Of one cell; a slide is no place for more."""
TITLE, BLANK = 0, 5
"""Places of the layouts “title” and “title only” in the library's own template."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def deck(report: Report, *, made_at: str) -> bytes:
    """The slides; long tables go on to further ones, what has no data says why."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    _dress(deck)
    _cover(deck, report, made_at)
    for part in report.parts:
        for table in part.tables:
            title = part.label if table.title == part.label else f"{part.label} · {table.title}"
            _show(deck, table, title)
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def _dress(deck: Deck) -> None:
    """The font of everything, charts too, is the theme's."""
    theme = deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    named = re.sub(rb'(<a:(?:latin|ea) typeface=")[^"]*"', rb"\g<1>" + FONT.encode() + b'"', theme.blob)
    theme._blob = re.sub(rb'(script="Hans" typeface=")[^"]*"', rb"\g<1>" + FONT.encode() + b'"', named)


def _cover(deck: Deck, report: Report, made_at: str) -> None:
    about = report.about
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE])
    title, below = slide.placeholders[0], slide.placeholders[1]
    title.left, title.top, title.width, title.height = EDGE, Inches(2), INNER, Inches(1.4)
    below.left, below.top, below.width, below.height = EDGE, Inches(3.6), INNER, Inches(2.6)
    title.text_frame.text = _clean(f"{about.brand.name} · {report.title}")
    made = f"{_('生成时间')} {made_at} · {about.brand.zone}"
    lines = (scopes.place(about), about.range.days, about.scope.freshness(), made)
    below.text_frame.text = _clean("\n".join(lines))
    for line in below.text_frame.paragraphs[2:]:
        line.font.size = BODY


def _show(deck: Deck, table: Table, title: str) -> None:
    drawing = table.drawing
    if drawing is not None and drawing.kind in CHARTS:
        slide = _slide(deck, title, table.note)
        _chart(slide, table, is_lying=bool(drawing.data and drawing.data.get("horizontal")))
    elif not table.rows:
        _slide(deck, title, table.note or _("这部分没有内容。"))
    else:
        pages = list(_pages(table))
        for at, rows in enumerate(pages, 1):
            which = f"{title}（{at}/{len(pages)}）" if len(pages) > 1 else title
            _table(_slide(deck, which, table.note), rows)


def _slide(deck: Deck, title: str, note: str) -> Slide:
    slide: Slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    head = slide.shapes.title
    assert head is not None  # the layout “title only” has one
    head.left, head.top, head.width, head.height = EDGE, Inches(0.3), INNER, Inches(0.7)
    head.text_frame.text = _clean(title)
    head.text_frame.paragraphs[0].font.size = Pt(26)
    if note:
        frame = slide.shapes.add_textbox(EDGE, Inches(1), INNER, Inches(0.4)).text_frame
        frame.word_wrap = True
        frame.text = _clean(note)
        frame.paragraphs[0].font.size = SMALL
    return slide


def _chart(slide: Slide, table: Table, *, is_lying: bool) -> None:
    drawing = table.drawing
    assert drawing is not None
    is_share = any(isinstance(cell, Share) for row in table.rows for cell in row)
    data = CategoryChartData(number_format="0.0%" if is_share else "General")
    data.categories = [_safe(row[0]) for row in table.rows]
    for place, name in enumerate(table.head[1:], 1):
        data.add_series(_safe(name), [row[place] for row in table.rows])
    kind = XL_CHART_TYPE.BAR_CLUSTERED if is_lying else CHARTS[drawing.kind]
    frame = slide.shapes.add_chart(kind, EDGE, TOP, INNER, Length(HEIGHT - TOP - Inches(0.4)), data)
    chart = frame.chart
    chart.font.size = SMALL
    chart.has_title = False
    chart.has_legend = len(table.head) > 2
    if chart.legend is not None:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    if is_lying:
        chart.category_axis.reverse_order = True


def _pages(table: Table) -> Iterator[list[list[str]]]:
    """The rows of each slide under the head, as many as fit."""
    columns = table.brief or range(len(table.head))
    head = [table.head[at] for at in columns]
    page, room = [head], LINES - 1
    for row in table.rows:
        said = [short(_said(row[at]), LETTERS) for at in columns]
        needs = _lines(said)
        if needs > room and len(page) > 1:
            yield page
            page, room = [head], LINES - 1
        page.append(said)
        room -= needs
    yield page


def _lines(row: Sequence[str]) -> int:
    """How many lines the row takes: of 110 narrow letters a line, shared out evenly."""
    return max(-(-_width(cell) * len(row) // 110) or 1 for cell in row)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WFA" else 1 for letter in text)


def _table(slide: Slide, rows: Sequence[Sequence[str]]) -> None:
    height = Length(LINE * sum(map(_lines, rows)))
    frame = slide.shapes.add_table(len(rows), len(rows[0]), EDGE, TOP, INNER, height)
    for at, row in enumerate(rows):
        for place, text in enumerate(row):
            _write(frame.table.cell(at, place), text)


def _write(cell: _Cell, text: str) -> None:
    cell.margin_top = cell.margin_bottom = Pt(1)
    cell.margin_left = cell.margin_right = Pt(3)
    cell.text_frame.text = _clean(text)
    cell.text_frame.paragraphs[0].font.size = SMALL


def _said(cell: Cell) -> str:
    if cell is None:
        return "—"
    if isinstance(cell, Share):
        return f"{cell * 100:.1f}%"
    if isinstance(cell, str):
        return cell
    return f"{cell:,.0f}" if float(cell).is_integer() else f"{cell:,.1f}"


def _safe(text: Cell) -> str:
    """A word in a chart's own little workbook, where it must not begin like a formula."""
    return str(plain(_clean(str(text))))


def _clean(text: str) -> str:
    """Without what no XML may hold."""
    return CONTROL.sub("", text)

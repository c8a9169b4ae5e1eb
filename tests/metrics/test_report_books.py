"""A report as a workbook and as slides: the figures of the page, safe to open, complete."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from typing import Any

import pytest
from pptx import Presentation
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from qunying.brands.models import AuditEntry, Staff
from qunying.cli.commands import app
from qunying.metrics.actions.reports import comment
from qunying.metrics.reports import export, scopes
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.report import compose
from qunying.metrics.reports.slides import FONT, HEIGHT
from tests.metrics.chats import NOW, Chat, Line
from tests.metrics.reports_world import owner_of, signed_in, staff_of, three_weeks

pytestmark = pytest.mark.django_db
HOSTILE = '=HYPERLINK("http://x","y")'
Sheets = dict[str, list[list[Any]]]


@pytest.fixture
def tea() -> Chat:
    return three_weeks()


def of(chat: Chat, staff: Staff, first: int = 14, last: int = 20) -> About:
    return scopes.about(staff, node=None, first=chat.first + first, last=chat.first + last, at=NOW)


def sheets(about: About) -> Sheets:
    book = CalamineWorkbook.from_filelike(io.BytesIO(export.as_bytes(about, "xlsx")))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def slides(about: About) -> list[Any]:
    """The library's slides, half of which has no types."""
    return list(Presentation(io.BytesIO(export.as_bytes(about, "pptx"))).slides)


def charts(about: About) -> dict[str, list[tuple[str, list[float | None]]]]:
    """Title of each slide with a chart → the names and values of its series."""
    return {
        slide.shapes.title.text: [(row.name, list(row.values)) for row in shape.chart.plots[0].series]
        for slide in slides(about)
        for shape in slide.shapes
        if shape.has_chart
    }


def cells(about: About, title: str) -> list[list[str]]:
    """The table under the title, put together again from all the slides it goes over, without their heads."""
    return [
        [cell.text for cell in row.cells]
        for slide in slides(about)
        if slide.shapes.title.text.split("（")[0] == title
        for shape in slide.shapes
        if shape.has_table
        for row in list(shape.table.rows)[1:]
    ]


def blank(value: object) -> object:
    return "" if value is None else value


def test_the_workbook_holds_the_figures_of_the_json_report_with_both_their_parts(tea):
    about = of(tea, owner_of(tea.brand))
    figures = json.loads(export.as_bytes(about, "json"))["blocks"]["figures"]["figures"]

    head, *rows = sheets(about)["核心数据"][: len(figures) + 1]

    assert head[:5] == ["指标", "数值", "单位", "分子", "分母"]
    assert [[row[at] for at in (0, 1, 3, 4, 5, 6, 8, 9, 10)] for row in rows] == [
        [
            row["label"],
            *(blank(row[key]) for key in ("value", "numerator", "denominator", "from", "to")),
            *(blank(row["before"][key]) for key in ("value", "numerator", "denominator")),
        ]
        for row in figures
    ]


def test_the_workbook_has_a_sheet_for_each_chart_and_list_in_the_reports_order(tea):
    about = of(tea, owner_of(tea.brand))

    found = sheets(about)

    assert list(found) == ["报告", *(table.title for part in compose(about).parts for table in part.tables)]
    assert found["报告"][:5] == [
        ["品牌", "tea"],
        ["报告", "社群周报"],
        ["社群", "全部社群"],
        ["自", "2026-03-16"],
        ["至", "2026-03-22"],
    ]
    assert found["值得挽回的群成员"][1] == ["dora", "活跃", "沉默", "2026-03-12"]
    assert found["消息"][1] == ["03-16", 3.0, 3.0]


def test_slides_and_workbook_draw_the_numbers_of_the_pages_charts(tea):
    about = of(tea, owner_of(tea.brand))
    blocks = json.loads(export.as_bytes(about, "json"))["blocks"]
    drawn = {
        f"{part.label} · {row['title']}": row
        for part in compose(about).parts
        for row in blocks[part.key].get("drawings", [])
        if row["data"] is not None and "series" in row["data"]
    }

    found, rows = charts(about), sheets(about)

    assert found == {
        title: [(each["name"], each["values"]) for each in row["data"]["series"]]
        for title, row in drawn.items()
    }
    for row in drawn.values():
        data = row["data"]
        assert rows[row["title"]][1 : len(data["x"]) + 1] == [
            [label, *(blank(each["values"][at]) for each in data["series"])]
            for at, label in enumerate(data["x"])
        ]


def test_slides_begin_with_a_title_page_and_hold_each_part_of_the_report_on_the_page(tea):
    about = of(tea, owner_of(tea.brand))

    first, *rest = slides(about)

    assert first.shapes.title.text == "tea · 社群周报"
    parts = list(dict.fromkeys(slide.shapes.title.text.split("（")[0].split(" · ")[0] for slide in rest))
    assert parts == [part.label for part in compose(about).parts if part.tables]
    assert cells(about, "核心数据")[:2] == [
        ["群人数", "5", "人", "3", "较上期 +66.7%", ""],
        ["新增入群", "1", "人次", "1", "较上期 0.0%", ""],
    ]
    assert [shape.name for slide in rest for shape in slide.shapes if shape.top + shape.height > HEIGHT] == []


def test_every_text_of_the_slides_is_in_a_font_that_has_chinese(tea):
    deck = Presentation(io.BytesIO(export.as_bytes(of(tea, owner_of(tea.brand)), "pptx")))

    theme = next(
        rel.target_part for rel in deck.slide_master.part.rels.values() if rel.reltype.endswith("/theme")
    )

    assert theme.blob.count(f'<a:ea typeface="{FONT}"/>'.encode()) == 2


def test_names_are_masked_for_who_may_not_see_them_and_none_is_taken_for_a_formula():
    lines = [Line(day * 1440, HOSTILE, "早上好呀各位") for day in range(14)]
    chat = Chat(lines, name="tea", joins=[(0, HOSTILE, 0)])
    owner, analyst = of(chat, owner_of(chat.brand), 7, 13), of(chat, staff_of(chat.brand, "analyst"), 7, 13)

    names = [sheets(about)["值得感谢的群成员"][1][1] for about in (owner, analyst)]
    shown = [cells(about, "值得感谢的群成员")[0][1] for about in (owner, analyst)]

    assert names == [f"'{HOSTILE}", "'=**"]
    assert shown == [HOSTILE, "=**"]


def test_a_long_comment_is_whole_in_the_workbook_and_goes_over_slides_without_breaking_them(tea):
    owner = owner_of(tea.brand)
    for number in range(12):
        text = f"{number} " + "下雨，线下活动改期。\x0b" * 60
        comment(owner, community=None, first=tea.first + 14, last=tea.first + 20, text=text, at=NOW)
    about = of(tea, owner)

    kept = [str(row[2]) for row in sheets(about)["备注"][1:13]]
    shown = cells(about, "备注")

    assert [len(text.strip()) > 600 for text in kept] == [True] * 12
    assert [row[2][:2].strip() for row in shown] == [str(number) for number in range(12)]


@pytest.mark.parametrize(("first", "last"), [(14, 27), (0, 6), (400, 406), (-400, -394)])
def test_periods_that_run_or_lie_outside_what_is_known_make_files_too(tea, first, last):
    about = of(tea, owner_of(tea.brand), first, last)

    assert len(sheets(about)) > 5
    assert len(slides(about)) > 5


def test_both_leave_through_the_page_and_are_written_down(tea):
    client = signed_in(owner_of(tea.brand))
    asked = {"from": "2026-03-16", "to": "2026-03-22"}

    page = client.get("/b/tea/report/?span=week&on=2026-03-18").content.decode()
    answers = [client.post("/b/tea/report/file/", {**asked, "form": form}) for form in ("xlsx", "pptx")]

    assert [f'name="form" value="{form}"' in page for form in ("xlsx", "pptx")] == [True, True]
    assert [(answer["Content-Type"].split(".")[-1], answer.content[:2]) for answer in answers] == [
        ("sheet", b"PK"),
        ("presentation", b"PK"),
    ]
    noted = AuditEntry.objects.filter(brand=tea.brand, deed="report.exported").order_by("number")
    assert [entry.after for entry in noted] == [{"form": "xlsx"}, {"form": "pptx"}]


def test_a_narrow_data_scope_takes_out_its_own_communities_only(tea):
    narrow = staff_of(tea.brand, "operator", reach=[tea.communities[1].pk])

    found = sheets(of(tea, narrow))

    assert found["报告"][2] == ["社群", "tea c1"]
    assert [row[1] for row in found["值得感谢的群成员"][1:2]] == ["cat"]
    assert (
        signed_in(narrow).post(f"/b/tea/report/file/?c={tea.communities[0].pk}", {"form": "xlsx"}).status_code
        == 404
    )


@pytest.mark.parametrize("form", ["xlsx", "pptx"])
def test_the_command_line_writes_them_with_names_masked(tea, tmp_path, form):
    path = tmp_path / f"report.{form}"
    days = [str(dt.date(2026, 3, day)) for day in (16, 22)]

    told = CliRunner().invoke(
        app, ["report", "--brand", "tea", "--from", days[0], "--to", days[1], "--out", str(path)]
    )

    with zipfile.ZipFile(path) as parts:
        body = b"".join(parts.read(name) for name in parts.namelist())
    assert told.exit_code == 0
    assert (b"d**" in body, b"dora" in body) == (True, False)

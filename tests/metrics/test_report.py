"""The report: its numbers, its people, its files."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import cast

import pytest
from django.http import QueryDict

from qunying.brands.actions import open_brand
from qunying.brands.models import AuditEntry
from qunying.communities.actions import cover, find_community
from qunying.kit import days
from qunying.kit.errors import Invalid, Refused, Upstream
from qunying.metrics.asking import metric
from qunying.metrics.reports import export, pdf, scopes
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.figures import COHORTS, Figure, figure, keys
from qunying.metrics.reports.people import Missed, Thanked, missed, thanks
from qunying.metrics.reports.range import between, range_of
from qunying.metrics.reports.report import compose
from tests.metrics.chats import NOW, Chat
from tests.metrics.reports_world import owner_of, signed_in, staff_of, three_weeks

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea() -> Chat:
    return three_weeks()


def about_of(chat: Chat, role: str = "owner", *, first: int = 14, last: int = 20) -> About:
    """The report of the chat's days first..last (0 is its first), as the role reads it."""
    staff = staff_of(chat.brand, role)
    return scopes.about(staff, node=None, first=chat.first + first, last=chat.first + last, at=NOW)


def test_every_figure_is_what_the_metric_answers(tea):
    about = about_of(tea)

    body = json.loads(export.as_bytes(about, "json"))

    found = {row["metric"]: row for row in body["blocks"]["figures"]["figures"]}
    assert list(found) == keys(about)
    for key, row in found.items():
        shift = 7 if key in COHORTS else 0
        now = tea.asker.ask(key, tea.first + 14 - shift, tea.first + 20 - shift)
        before = tea.asker.ask(key, tea.first + 7 - shift, tea.first + 13 - shift)
        assert (row["value"], row["numerator"], row["denominator"], row["state"]) == (
            now.value, now.numerator, now.denominator, now.state,
        )  # fmt: skip
        assert row["before"] == {
            "value": before.value,
            "numerator": before.numerator,
            "denominator": before.denominator,
            "state": before.state,
            "reason": str(before.reason),
        }


def test_the_figures_counted_by_hand(tea):
    about = about_of(tea)

    figures = [figure(about, key) for key in ("joins", "messages", "wau")]

    found = {row.entry.key: (row.now.value, row.before and row.before.value) for row in figures}

    assert found == {"joins": (1, 1), "messages": (21, 12), "wau": (3, 1)}


def test_a_running_period_is_marked_and_compared_with_nothing(tea):
    about = about_of(tea, first=14, last=27)

    shown = compose(about).parts[0].block

    assert (shown["is_partial"], shown["until"], shown["compared"]) == (True, dt.date(2026, 3, 22), "")
    assert {row.before for row in cast(list[Figure], shown["figures"])} == {None}


def test_a_period_without_a_known_one_before_is_compared_with_nothing(tea):
    about = about_of(tea, first=0, last=6)

    assert {figure(about, key).before for key in keys(about)} == {None}


def test_equal_contributions_share_a_rank(tea):
    found = thanks(about_of(tea))

    assert found is not None
    # 7 messages at 2 points each
    assert [
        (row.rank, row.name, row.score, row.messages) for row in cast(list[Thanked], found["people"])
    ] == [
        (1, "ann", 14, 7),
        (1, "bob", 14, 7),
        (1, "cat", 14, 7),
    ]
    assert found["more"] == 0


def test_whom_to_win_back_stood_active_before_and_fell_silent(tea):
    found = missed(about_of(tea))

    assert found is not None
    assert [
        (row.name, str(row.was), row.stage, row.last_on) for row in cast(list[Missed], found["people"])
    ] == [("dora", "活跃", "silent", dt.date(2026, 3, 12))]


def test_names_are_masked_for_roles_without_personal_data(tea):
    about = about_of(tea, "analyst")

    found, gone = thanks(about), missed(about)

    assert found is not None and gone is not None
    assert [row.name for row in cast(list[Thanked], found["people"])] == ["a**", "b**", "c**"]
    assert [row.name for row in cast(list[Missed], gone["people"])] == ["d**"]


def test_the_page_shows_figures_charts_people_and_definitions(tea):
    client = signed_in(owner_of(tea.brand))

    page = client.get(f"/b/tea/report/?span=week&on={days.date(tea.first + 15)}")

    text = page.content.decode()
    assert page.status_code == 200
    assert "2026-03-16 – 2026-03-22" in text
    shown = re.findall(r'id="part-([a-z]+)"', text)
    assert shown == [part.key for part in compose(about_of(tea)).parts]
    assert [name in text for name in ("dora", "ann", str(metric("wau.calendar").formula))] == [
        True,
        True,
        True,
    ]


def test_a_report_of_one_community_speaks_of_it_alone(tea):
    client = signed_in(owner_of(tea.brand))
    place = tea.communities[1].pk

    text = client.get(f"/b/tea/report/?c={place}&span=week&on=2026-03-18").content.decode()

    assert ("cat" in text, "dora" in text) == (True, False)


def test_a_community_out_of_reach_or_of_another_brand_is_not_there(tea):
    other = three_weeks("coffee")
    narrow = signed_in(staff_of(tea.brand, "operator", reach=[tea.communities[0].pk]))

    asked = [row.pk for row in (tea.communities[1], other.communities[0])]

    assert [narrow.get(f"/b/tea/report/?c={pk}").status_code for pk in asked] == [404, 404]
    assert [narrow.get(f"/b/tea/daily/?c={pk}").status_code for pk in asked] == [404, 404]


# -- the range of days ----------------------------------------------------------------------------------------------


def test_by_default_the_last_week_that_is_over(tea):
    scope = about_of(tea).scope

    assert range_of(QueryDict(""), scope).days == "2026-03-16 – 2026-03-22"
    assert range_of(QueryDict("span=month&on=2026-03-05"), scope).days == "2026-03-01 – 2026-03-31"
    assert (
        range_of(QueryDict("span=custom&from=2026-03-03&to=2026-03-05"), scope).days
        == "2026-03-03 – 2026-03-05"
    )


def test_a_whole_week_or_month_is_known_as_one():
    kinds = [
        between(days.number(first), days.number(last), since=0, until=10**6).key
        for first, last in (
            (dt.date(2026, 3, 16), dt.date(2026, 3, 22)),
            (dt.date(2026, 2, 1), dt.date(2026, 2, 28)),
            (dt.date(2026, 3, 17), dt.date(2026, 3, 23)),
        )
    ]

    assert kinds == ["week", "month", "custom"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("span=year", "metrics.bad_span"),
        ("from=2026-13-01", "metrics.bad_date"),
        ("from=2026-03-05&to=2026-03-01", "metrics.days_reversed"),
        ("from=2020-03-05&to=2026-03-01", "metrics.too_many_days"),
    ],
)
def test_days_that_make_no_sense_are_refused(tea, query, code):
    scope = about_of(tea).scope

    with pytest.raises(Invalid) as refused:
        range_of(QueryDict(query), scope)

    assert refused.value.code == code


# -- files ----------------------------------------------------------------------------------------------------------


def test_the_file_needs_nothing_else_and_masks_names(tea, tmp_path: Path):
    path = tmp_path / "report.html"

    export.write(tea.brand, tea.communities, tea.first + 14, tea.first + 20, path, NOW)

    text = path.read_text("utf-8")
    assert re.findall(r"<script|<link|src=|https?://|href=", text) == []
    assert ("d**" in text, "dora" in text) == (True, False)
    assert text.count("<svg") >= 4


def test_a_report_becomes_a_pdf_where_a_browser_is_and_else_a_refusal_with_the_page(tea, tmp_path: Path):
    path = tmp_path / "report.pdf"

    if pdf.browser():
        export.write(tea.brand, tea.communities, tea.first + 14, tea.first + 20, path, NOW)
        assert (path.read_bytes()[:5], path.with_suffix(".html").exists()) == (b"%PDF-", False)
    else:
        with pytest.raises(Upstream) as refused:
            export.write(tea.brand, tea.communities, tea.first + 14, tea.first + 20, path, NOW)
        assert (refused.value.code, path.with_suffix(".html").exists()) == ("metrics.no_browser", True)


def test_without_a_browser_the_page_stands_beside_the_refusal(tea, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pdf, "PLACES", ())
    path = tmp_path / "report.pdf"

    with pytest.raises(Upstream) as refused:
        export.write(tea.brand, tea.communities, tea.first + 14, tea.first + 20, path, NOW)

    assert refused.value.code == "metrics.no_browser"
    assert (path.exists(), path.with_suffix(".html").exists()) == (False, True)


def test_a_report_over_some_communities_counts_those_alone(tea, tmp_path: Path):
    third = find_community(tea.brand, name="tea c2", at=NOW)
    cover(third, first=tea.first, last=tea.last, has_speech=True)
    path = tmp_path / "report.json"

    export.write(tea.brand, tea.communities, tea.first + 14, tea.first + 20, path, NOW)

    body = json.loads(path.read_text("utf-8"))
    assert (body["community"], body["communities"]) == (None, ["tea c0", "tea c1"])


def test_a_brand_without_data_has_no_report(tmp_path: Path):
    brand = open_brand("empty", at=NOW, slug="empty")
    find_community(brand, name="empty c0", at=NOW)

    with pytest.raises(Refused) as refused:
        export.write(brand, list(brand.communities.all()), 20_000, 20_006, tmp_path / "report.json", NOW)

    assert refused.value.code == "metrics.nothing_to_report"


def test_days_beyond_what_is_known_are_said_to_be_so(tea):
    client = signed_in(owner_of(tea.brand))

    pages = [client.get(f"/b/tea/report/?span=week&on={day}") for day in ("2027-05-01", "2020-01-01")]

    assert ["这段时间没有数据" in page.content.decode() for page in pages] == [True, True]


def test_an_unknown_form_is_refused(tea, tmp_path: Path):
    with pytest.raises(Invalid) as refused:
        export.write(tea.brand, tea.communities, tea.first, tea.last, tmp_path / "report.docx", NOW)

    assert refused.value.code == "metrics.bad_form"


def test_taking_a_report_out_is_written_down(tea):
    client = signed_in(owner_of(tea.brand))

    answer = client.post("/b/tea/report/file/", {"form": "json", "from": "2026-03-16", "to": "2026-03-22"})

    assert answer["Content-Disposition"] == 'attachment; filename="report_2026-03-16_2026-03-22.json"'
    assert json.loads(answer.content)["from"] == "2026-03-16"
    entry = AuditEntry.objects.filter(brand=tea.brand).latest("number")
    assert (entry.deed, entry.about, entry.after) == (
        "report.exported",
        "report:2026-03-16..2026-03-22",
        {"form": "json"},
    )

"""The report and the daily report for programs: what their pages show, within what the token carries."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from qunying.brands.actions import open_brand
from qunying.metrics.reports.daily import KEYS, daily
from qunying.metrics.reports.export import as_json
from qunying.metrics.reports.report import compose
from qunying.metrics.reports.scopes import about
from qunying.outbox.actions import assign
from tests.api.asking import asked, told
from tests.metrics.chats import NOW, Chat
from tests.metrics.reports_world import owner_of, staff_of, three_weeks

pytestmark = pytest.mark.django_db
FOUND = ("numbers.read", "members.read", "members.personal", "advice.read", "reports.share")


@pytest.fixture
def tea() -> Chat:
    return three_weeks()


def test_the_report_is_its_json_file(tea):
    first, owner = tea.first + 14, owner_of(tea.brand)
    span = about(owner, node=tea.communities[0], first=first, last=first + 6, at=NOW)

    asked_for = f"report?community={tea.communities[0].pk}&from=2026-03-16&to=2026-03-22"
    answer = told(owner, asked_for, *FOUND)

    file = json.loads(as_json(compose(span)))
    assert answer.pop("made_at") > file.pop("made_at")
    assert answer == file


def test_without_days_it_is_the_last_week_that_is_over(tea):
    answer = told(owner_of(tea.brand), "report", "numbers.read")

    assert [answer[name] for name in ("title", "from", "to", "is_partial", "community")] == [
        *("社群周报", "2026-03-16", "2026-03-22", False, None),
    ]
    assert answer["communities"] == ["tea c0", "tea c1"]


def test_names_in_it_are_masked_unless_the_token_carries_them(tea):
    owner = owner_of(tea.brand)

    names = [
        [[row["name"] for row in told(owner, "report", *scopes)["blocks"][part]["people"]] for part in PEOPLE]
        for scopes in (("numbers.read",), ("numbers.read", "members.personal"))
    ]

    assert names == [[["a**", "b**", "c**"], ["d**"]], [["ann", "bob", "cat"], ["dora"]]]


PEOPLE = ("thanks", "missed")


def test_it_leads_nowhere_the_token_may_not_go(tea):
    rows = told(owner_of(tea.brand), "report", "numbers.read")["blocks"]["thanks"]["people"]

    assert {row["url"] for row in rows} == {""}


@pytest.mark.parametrize("path", ["report", "daily"])
def test_a_narrow_data_scope_reads_of_its_own_communities_only(tea, path):
    mine, other = tea.communities
    narrow = staff_of(tea.brand, "operator", reach=[mine.pk])

    answer = asked(narrow, path, "numbers.read", "members.personal")

    assert (answer.status_code, "cat" in answer.content.decode()) == (200, False)
    assert asked(narrow, f"{path}?community={other.pk}", "numbers.read").status_code == 404
    assert asked(narrow, path, "members.read").status_code == 403


@pytest.mark.parametrize("path", ["report", "daily"])
def test_where_there_is_no_data_it_says_so(path):
    owner = owner_of(open_brand("empty", at=NOW, slug="empty"))

    answer = asked(owner, path, "numbers.read")

    assert (answer.status_code, answer.json()["code"]) == (409, "metrics.nothing_to_report")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("report?to=2026-03-22", "api.bad_request"),
        ("report?from=2026-03-22&to=2026-03-16", "metrics.days_reversed"),
        ("report?from=monday", "metrics.bad_date"),
        ("daily?on=monday", "metrics.bad_date"),
    ],
)
def test_days_that_make_no_sense_are_refused(tea, query, code):
    answer = asked(owner_of(tea.brand), query, "numbers.read")

    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_the_daily_report_tells_the_figures_and_their_changes(tea):
    answer = told(owner_of(tea.brand), "daily?on=2026-03-17", "numbers.read", "members.personal")

    figures = {row["key"]: row for row in answer["figures"]}
    assert list(figures) == [key.format(by="anyone") for key in KEYS]
    assert figures["speaking_rate"] == {
        "key": "speaking_rate",
        "label": "发言率",
        "unit": "share",
        "value": 0.6,
        "numerator": 3,
        "denominator": 5,
        "state": "ok",
        "reason": "",
        "since_yesterday": {"text": "0.0 个百分点", "direction": "flat"},
        "since_week": {"text": "+26.7 个百分点", "direction": "up"},
    }
    assert figures["leaves"]["since_week"] is None
    assert [answer[name] for name in ("heading", "day", "is_partial", "plan")] == [
        *("tea · 全部社群日报", "2026-03-17", False, None),
    ]


def test_its_text_and_news_are_those_of_the_page(tea):
    owner, day = owner_of(tea.brand), tea.first + 15
    page = daily(about(owner, node=None, first=day, last=day, at=dt.datetime.now(dt.UTC)))

    answer = told(owner, "daily?on=2026-03-17", "numbers.read", "members.personal")

    assert answer["text"] == page.text
    assert answer["news"] == [{"title": item.title, "proof": item.proof} for item in page.news]
    assert "ann" in answer["text"]
    assert "ann" not in told(owner, "daily?on=2026-03-17", "numbers.read")["text"]


def test_without_a_day_it_is_the_last_that_is_over_and_tells_what_is_due(tea):
    owner = owner_of(tea.brand)
    assign(tea.communities[0], text="联系新人", due_on=NOW.date(), staff=owner, cause="", key="new", at=NOW)

    answer = told(owner, "daily", "numbers.read", "tasks.do")

    assert (answer["day"], answer["plan"]) == (
        "2026-03-22",
        {
            "things": [{"kind": "员工待办", "title": "联系新人", "where": "tea c0", "owner": owner.name}],
            "more": 0,
        },
    )
    assert told(owner, "daily", "numbers.read")["plan"] is None  # the token opens no task

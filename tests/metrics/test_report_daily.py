"""The daily report: its figures, its news, its text; and charts drawn without scripts."""

from __future__ import annotations

import re

import numpy as np
import pytest

from qunying.communities.scope import Scope
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.changes import Jump, jump
from qunying.metrics.reports.daily import KEYS, Daily, daily
from qunying.metrics.reports.pictures import picture
from qunying.metrics.reports.range import Range
from qunying.metrics.reports.scopes import about
from tests.metrics.chats import NOW, Chat
from tests.metrics.reports_world import owner_of, signed_in, staff_of, three_weeks

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea() -> Chat:
    return three_weeks()


def day_of(chat: Chat, place: int, role: str = "owner") -> Daily:
    """The daily report of the chat's day (0 is its first)."""
    day = chat.first + place
    scope: Scope = about(staff_of(chat.brand, role), node=None, first=day, last=day, at=NOW).scope
    return daily(About(scope, Range("custom", day, day, scope.since, scope.complete), NOW))


def test_it_has_twelve_figures_of_the_day_as_the_metrics_answer_them(tea):
    found = day_of(tea, 20)

    assert len(KEYS) == 12
    assert [(row.entry.key, row.now.value) for row in found.rows] == [
        (key, tea.asker.ask(key, tea.first + 20, tea.first + 20).value)
        for key in (part.format(by="anyone") for part in KEYS)
    ]


def test_each_figure_stands_against_yesterday_and_the_same_weekday(tea):
    rows = {row.entry.key: row for row in day_of(tea, 14).rows}

    messages, net = rows["messages"], rows["net"]

    # Monday: 3 messages; the Sunday before none; the Monday before dora's 3.
    assert (messages.value, messages.since_yesterday, messages.compared) == ("3 条", None, "较上周同日 0.0%")
    assert (net.value, net.compared) == ("1 人次", "较昨日 +1 · 较上周同日 0")


def test_a_day_that_has_not_ended_is_compared_with_nothing(tea):
    day = tea.first + 20
    scope = day_of(tea, 20).about.scope

    found = daily(About(scope, Range("custom", day, day, scope.since, day - 1), NOW))

    assert {row.compared for row in found.rows} == {""}


def test_the_text_says_all_of_it(tea):
    text = day_of(tea, 15).text

    assert text.splitlines() == [
        "tea · 全部社群日报 · 2026-03-17 周二",
        "群人数 5 人 · 较昨日 0.0% · 较上周同日 +66.7%",
        "新增入群 0 人次 · 较昨日 −100.0%",
        "退群 0 人次",
        "净增 0 人次 · 较昨日 −1 · 较上周同日 0",
        "日活跃人数 3 人 · 较昨日 0.0% · 较上周同日 +200.0%",
        "近7天活跃人数 4 人 · 较昨日 0.0% · 较上周同日 +300.0%",
        "发言人数 3 人 · 较昨日 0.0% · 较上周同日 +200.0%",
        "发言率 60.0% · 较昨日 0.0 个百分点 · 较上周同日 +26.7 个百分点",
        "消息数 3 条 · 较昨日 0.0% · 较上周同日 0.0%",
        "互动次数 3 次 · 较昨日 0.0% · 较上周同日 0.0%",
        "提问数 3 个 · 较昨日 0.0%",
        # ann waits 5 minutes for bob, bob a day less 5 minutes for ann, cat for nobody
        "首次回复时长（含未回复估计） 1,435 分钟 · 较昨日 0.0%",
        "",
        "当日要点",
        "1. 发言最多 · ann / bob / cat，各 1 条",
        "2. 最热闹的时段 · 10:00–11:00，互动 2 次",
        "3. 最活跃的社群 · tea c0，2 人互动",
        "",
        "数据截至 2026-03-22，时区 UTC，覆盖 2/2 个社群。",
    ]


def test_names_in_the_text_are_masked_for_roles_without_personal_data(tea):
    told = day_of(tea, 15, "analyst").text

    assert ("a** / b** / c**" in told, "ann" in told) == (True, False)


def test_the_page_shows_the_text_that_is_copied_and_offers_a_long_picture(tea):
    page = signed_in(owner_of(tea.brand)).get("/b/tea/daily/?on=2026-03-17")

    text = page.content.decode()
    assert page.status_code == 200
    assert day_of(tea, 15).text in text
    assert [word in text for word in ("<copy-text", "<long-image", "sheet-tiles")] == [True, True, True]


def test_a_day_far_from_the_usual_ones_is_told_by_how_far():
    before = np.array([10.0, 12, 11, 9, 10, 11, 10, 12, 11, 9, 10, 11, 10, 12])

    far = jump(np.append(before, 30))

    assert far == Jump(30.0, 10.5, (30 - 10.5) / (1.4826 * 0.5))
    assert jump(np.append(before[:5], 30)) is None
    assert jump(np.full(20, 7.0)) is None


# -- charts without scripts -----------------------------------------------------------------------------------------


def test_texts_in_a_picture_are_escaped():
    drawn = picture(
        "bar", {"x": ["<b>"], "series": [{"name": "a&b", "values": [1]}, {"name": "c", "values": [2]}]}
    )

    assert ("&lt;b&gt;" in drawn, "a&amp;b" in drawn, "<b>" in drawn) == (True, True, False)


def test_a_step_that_nobody_took_has_no_bar():
    joined = {"name": "a", "window": "", "value": 4}
    spoke = {**joined, "value": 0, "of": 4, "before": 4}
    again = {**joined, "value": 0, "of": 0, "before": 0}

    drawn = picture("steps", {"steps": [joined, spoke, again, {**joined, "value": None, "reason": "&"}]})

    assert re.findall(r'width="([\d.]+)" height="14"', drawn) == ["200.0", "0.0", "0.0"]
    assert "— &amp;</td>" in drawn


def test_stacked_bars_reach_from_the_sum_below_to_the_sum_above():
    data = {
        "x": ["w"],
        "series": [
            {"name": "a", "values": [30]},
            {"name": "b", "values": [10]},
            {"name": "c", "values": [-20]},
        ],
    }

    drawn = picture("stack", data)

    assert drawn.count("<rect") == 3
    assert all(f">{step}<" in drawn for step in ("-20", "0", "40"))


def test_a_cell_that_has_not_ended_stays_empty():
    data = {"cols": ["第1周", "第2周"], "rows": [{"label": "03-02", "n": 40, "values": [0.25, None]}]}

    drawn = picture("retention", data)

    assert '<td>40</td><td class="tone3">25.0%</td><td></td></tr>' in drawn

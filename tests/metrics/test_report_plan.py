"""Today's plan in the daily report: what is due by tonight, for whom, and only where it is still to come."""

from __future__ import annotations

import datetime as dt

import pytest

from qunying.brands.models import Staff
from qunying.communities.models import Channel
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.daily import Daily, daily
from qunying.metrics.reports.plan import MOST
from qunying.metrics.reports.range import Range
from qunying.metrics.reports.scopes import about
from qunying.outbox.actions import Wish, assign, order, say
from tests.metrics.chats import NOW, Chat
from tests.metrics.reports_world import owner_of, signed_in, staff_of, three_weeks

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
LAST = 20


@pytest.fixture
def tea() -> Chat:
    return three_weeks()


def asked(chat: Chat, text: str, *, late: int = 0, place: int = 0, staff: Staff | None = None) -> None:
    due_on = TODAY - dt.timedelta(days=late)
    assign(chat.communities[place], text=text, due_on=due_on, staff=staff, cause="", key=text[:60], at=NOW)


def leaving(chat: Chat, text: str, *, at: dt.datetime, is_ours: bool = True) -> None:
    channel, _new = Channel.objects.get_or_create(
        brand=chat.brand, community=chat.communities[0], platform="telegram", key="1"
    )
    words = Wish("message.create", {"text": text}, is_unsolicited=is_ours)
    order(channel, wish=words, key=text, at=NOW, not_before=at)


def report(staff: Staff, chat: Chat, place: int = LAST, node: int | None = None) -> Daily:
    day = chat.first + place
    chosen = None if node is None else chat.communities[node]
    scope = about(staff, node=chosen, first=day, last=day, at=NOW).scope
    return daily(About(scope, Range("custom", day, day, scope.since, scope.complete), NOW))


def lines(found: Daily) -> list[str] | None:
    return found.plan.lines if found.plan else None


def test_the_report_of_the_last_day_says_what_is_due_by_tonight_the_longest_due_first(tea):
    owner = owner_of(tea.brand)
    asked(tea, "联系新人", late=2, staff=owner)
    asked(tea, "明天的事", late=-1)
    say(
        tea.communities[1],
        text="早上好\n各位",
        kind="value",
        due_on=TODAY,
        staff=None,
        cause="",
        key="d",
        at=NOW,
    )
    leaving(tea, "今晚开团", at=NOW + dt.timedelta(hours=5))
    leaving(tea, "明早再说", at=NOW + dt.timedelta(hours=21))
    leaving(tea, "回答某人", at=NOW, is_ours=False)

    found = report(owner, tea)

    assert lines(found) == [
        f"1. 员工待办 · 联系新人 · tea c0 · {owner.name}",
        "2. 草稿帖 · 在“tea c1”里发出这条：早上好 各位",
        "3. 今天要发 · 09:00 发消息 · 今晚开团 · tea c0",
    ]
    assert "\n\n今日计划\n" + "\n".join(lines(found) or []) + "\n\n数据截至" in found.text


def test_a_report_of_an_earlier_day_has_no_plan(tea):
    asked(tea, "联系新人")

    found = report(owner_of(tea.brand), tea, LAST - 1)

    assert (found.plan, "今日计划" in found.text) == (None, False)


def test_a_day_with_nothing_due_says_so(tea):
    assert lines(report(owner_of(tea.brand), tea)) == ["今天没有要做的事"]


def test_the_plan_is_of_the_chosen_community_and_of_the_readers_own_reach(tea):
    asked(tea, "甲群的事", place=0)
    asked(tea, "乙群的事", place=1)
    narrow = staff_of(tea.brand, "operator", reach=[tea.communities[1].pk])

    assert lines(report(owner_of(tea.brand), tea, node=0)) == ["1. 员工待办 · 甲群的事 · tea c0"]
    assert lines(report(narrow, tea)) == ["1. 员工待办 · 乙群的事 · tea c1"]


def test_who_does_not_decide_sees_only_what_is_theirs_or_nobodys(tea):
    owner, planner = owner_of(tea.brand), staff_of(tea.brand, "planner")
    asked(tea, "负责人的事", staff=owner)
    asked(tea, "策划的事", staff=planner)

    assert lines(report(planner, tea)) == [f"1. 员工待办 · 策划的事 · tea c0 · {planner.name}"]


def test_who_has_nothing_to_do_here_sees_no_plan(tea):
    asked(tea, "联系新人")

    assert report(staff_of(tea.brand, "volunteer"), tea).plan is not None
    assert report(Staff(brand=tea.brand, role="", is_active=False), tea).plan is None


def test_a_long_plan_and_long_words_are_cut_and_say_so(tea):
    for number in range(MOST + 3):
        asked(tea, f"{number:02} {'长' * 90}")

    found = lines(report(owner_of(tea.brand), tea)) or []

    assert len(found) == MOST + 1
    assert found[0] == f"1. 员工待办 · 00 {'长' * 56}… · tea c0"
    assert found[-1] == "另有 3 项，见今日待办。"


def test_the_page_shows_the_plan_and_puts_it_in_the_long_picture(tea):
    asked(tea, "<b>联系新人</b>")

    day = TODAY - dt.timedelta(days=3)
    page = signed_in(owner_of(tea.brand)).get(f"/b/tea/daily/?on={day}").content.decode()

    assert page.count("今日计划") == 3  # a card, the text, the picture
    assert page.count("&lt;b&gt;联系新人&lt;/b&gt;") == 3
    assert "<b>联系新人</b>" not in page

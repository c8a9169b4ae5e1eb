"""Findings in a report and in the daily report's news."""

from __future__ import annotations

import datetime as dt
from typing import cast

import pytest
from django.test import Client

from qunying.diagnosis.detectors import DETECTORS
from qunying.diagnosis.models import Finding
from qunying.diagnosis.report_blocks import Shown, block, news
from qunying.metrics.actions.reports import share_report
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.daily import daily
from qunying.metrics.reports.range import Range
from qunying.metrics.reports.scopes import about
from tests.metrics.chats import NOW, Chat
from tests.metrics.reports_world import owner_of, staff_of, three_weeks

pytestmark = pytest.mark.django_db

STOPPED = next(detector for detector in DETECTORS if detector.key == "joins.stopped")


@pytest.fixture
def tea() -> Chat:
    return three_weeks()


def found(chat: Chat, *, opened: int, closed: int | None, place: int = 0, severity: int = 2) -> Finding:
    """A finding of a community."""
    return Finding.objects.create(
        brand=chat.brand,
        community=chat.communities[place],
        detector=STOPPED.key,
        subject=f"{opened}",
        severity=severity,
        opened_on=dt.date(2026, 3, opened),
        last_seen_on=dt.date(2026, 3, opened),
        closed_on=dt.date(2026, 3, closed) if closed else None,
        evidence={"days": 7, "now": 1, "usual": 12},
        members=b"",
    )


def of_week(chat: Chat, reach: list[int] | None = None) -> About:
    staff = staff_of(chat.brand, "operator", reach=reach)
    return about(staff, node=None, first=chat.first + 14, last=chat.first + 20, at=NOW)


def test_the_block_counts_opened_closed_and_open_ones_of_the_period(tea):
    found(tea, opened=3, closed=10)  # over before the week
    found(tea, opened=12, closed=18)
    found(tea, opened=17, closed=None, severity=3)
    found(tea, opened=20, closed=24)  # still open when the week ended
    found(tea, opened=23, closed=None)  # after it

    shown = block(of_week(tea))

    assert shown is not None
    assert {key: shown[key] for key in ("opened", "closed", "open", "more")} == {
        "opened": 2,
        "closed": 1,
        "open": 2,
        "more": 0,
    }
    rows = cast(list[Shown], shown["findings"])
    assert [(row.level, row.opened_on, row.closed_on) for row in rows] == [
        ("bad", "2026-03-17", None),
        ("warn", "2026-03-20", None),
        ("ok", "2026-03-12", "2026-03-18"),
    ]


def test_findings_beyond_the_readers_reach_stay_out(tea):
    found(tea, opened=17, closed=None, place=1)

    whole, narrow = block(of_week(tea)), block(of_week(tea, reach=[tea.communities[0].pk]))

    assert whole is not None and narrow is not None
    assert (whole["open"], narrow["open"]) == (1, 0)


def test_news_are_what_opened_and_closed_on_the_last_day(tea):
    found(tea, opened=12, closed=22)
    found(tea, opened=22, closed=None)
    found(tea, opened=21, closed=None)

    told = news(of_week(tea))

    label = f"tea c0 · {STOPPED.label}"
    assert [(item.title, item.proof, item.level) for item in told] == [
        (f"已恢复：{label}", "2026-03-12 出现，现已恢复正常", "ok"),
        (label, "近 7 天只有 1 人入群，往常同期约 12 人。", "warn"),
    ]


def test_a_finding_leads_the_daily_report(tea):
    found(tea, opened=17, closed=None)
    scope, day = of_week(tea).scope, tea.first + 15

    told = daily(About(scope, Range("custom", day, day, scope.since, scope.complete), NOW)).news

    assert [item.title for item in told] == [f"tea c0 · {STOPPED.label}", "发言最多", "最热闹的时段"]


def test_a_shared_report_shows_findings_without_ways_in(tea):
    found(tea, opened=17, closed=None)
    share = share_report(
        owner_of(tea.brand), community=None, first=tea.first + 14, last=tea.first + 20, live_days=300, at=NOW
    )

    text = Client().get(f"/s/{share.token}/").content.decode()

    assert (str(STOPPED.label) in text, "/findings/" in text) == (True, False)

"""Calendar weeks and months: what they are compared with, and which actives their reports count."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, cast

import numpy as np
import pytest
from django.db import transaction
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from qunying.communities.scope import Scope
from qunying.kit import days
from qunying.metrics import charts
from qunying.metrics.asking import Asker, metric
from qunying.metrics.cards import DAILY, Deck
from qunying.metrics.periods import Period, intervals, period_of
from qunying.metrics.reports import export, scopes
from qunying.metrics.series import series
from tests.metrics.chats import NOW, Chat, Line
from tests.metrics.reports_world import owner_of

pytestmark = pytest.mark.django_db
DAY = 1440


def at(month: int, day: int, year: int = 2026) -> int:
    return days.number(dt.date(year, month, day))


def span(first: int, last: int, key: str = "custom") -> tuple[str, str]:
    before = Period(key, first, last).before
    return before.from_day.isoformat(), before.to_day.isoformat()


@pytest.fixture
def two_months() -> Chat:
    """Ann speaks every day from 2 March to 10 May, bob in March alone, cat on 3 April alone."""
    lines = [Line(day * DAY + 60, "ann", "早上好呀各位") for day in range(70)]
    lines += [Line(day * DAY + 90, "bob", "早上好呀各位") for day in range(30)]
    lines += [Line(32 * DAY, "cat", "早上好呀各位")]
    return Chat(lines, covered=70)


def report(chat: Chat, first: int, last: int) -> dict[str, object]:
    at_the_end = NOW + dt.timedelta(days=60)
    about = scopes.about(owner_of(chat.brand), node=None, first=first, last=last, at=at_the_end)
    body = json.loads(export.as_bytes(about, "json"))
    figures = body["blocks"]["figures"]["figures"]
    lines = next(row for row in body["blocks"]["trends"]["drawings"] if row["key"] == "active")
    return {
        "actives": {
            row["metric"]: (row["value"], row["before"] and row["before"]["value"])
            for row in figures
            if row["metric"].startswith(("wau", "mau"))
        },
        "compared": body["blocks"]["figures"]["compared"],
        "lines": [line["name"] for line in lines["data"]["series"]],
    }


def test_a_calendar_month_is_compared_with_the_month_before_and_a_week_with_the_week_before():
    assert {
        "march": span(at(3, 1), at(3, 31)),
        "february, from a monday": span(at(2, 1, 2027), at(2, 28, 2027)),
        "january": span(at(1, 1), at(1, 31)),
        "a week": span(at(3, 16), at(3, 22)),
        "most of a month": span(at(3, 1), at(3, 30)),
    } == {
        "march": ("2026-02-01", "2026-02-28"),
        "february, from a monday": ("2027-01-01", "2027-01-31"),
        "january": ("2025-12-01", "2025-12-31"),
        "a week": ("2026-03-09", "2026-03-15"),
        "most of a month": ("2026-01-30", "2026-02-28"),
    }


def test_month_and_week_reports_count_actives_by_the_calendar_and_other_ranges_rolling(two_months):
    month = report(two_months, at(4, 1), at(4, 30))
    week = report(two_months, at(4, 6), at(4, 12))
    other = report(two_months, at(4, 6), at(4, 13))

    assert [month, week, other] == [
        {"actives": {"mau.calendar": (2, None)}, "compared": "", "lines": ["日活跃", "日活跃（上期）"]},
        {
            "actives": {"wau.calendar": (1, 3)},
            "compared": "2026-03-30 – 2026-04-05",
            "lines": ["日活跃", "日活跃（上期）"],
        },
        {
            "actives": {"wau": (1, 3), "mau": (3, 3)},
            "compared": "2026-03-29 – 2026-04-05",
            "lines": [
                *("日活跃", "近7天活跃", "近30天活跃"),
                *("日活跃（上期）", "近7天活跃（上期）", "近30天活跃（上期）"),
            ],
        },
    ]


def test_a_running_month_stands_alone_and_a_whole_one_beside_the_month_before(two_months):
    staff = owner_of(two_months.brand)
    nodes = tuple(two_months.communities)

    def shown(day: int) -> tuple[int, set[bool], list[str], list[float | None]]:
        scope = Scope(staff, nodes, None, day + 1, 0)
        period = period_of(QueryDict("range=month"), scope)
        since = min(period.first - 70, period.before.first)
        values = {key: np.arange(since, day + 2, dtype=np.float64) for key in DAILY}
        deck = Deck(scope, period, values, since=since)
        chart = charts.activity(scope, period, values, since)
        series = cast(list[dict[str, Any]], chart["series"])
        past = series[3]["values"] if len(series) > 3 else []
        return (
            period.length,
            {deck.last("dau").delta == "", deck.total("leaves").delta == ""},
            [str(line["name"]) for line in series],
            past,
        )

    running, whole = shown(at(4, 20)), shown(at(4, 30))

    names = ["日活跃", "近7天活跃", "近30天活跃"]
    assert running == (20, {True}, names, [])
    assert whole[:3] == (30, {False}, [*names, *(f"{name}（上期）" for name in names)])
    assert whole[3] == [float(day) for day in range(at(3, 1), at(3, 31))]


# -- the lifecycle by week and month --------------------------------------------------------------------------------


@given(
    acts=st.lists(st.tuples(st.integers(0, 119), st.sampled_from("abcd")), max_size=25),
    by=st.sampled_from(["day", "week", "month"]),
    until=st.integers(40, 119),
)
@settings(max_examples=12)
def test_steps_of_the_lifecycle_add_up_and_equal_a_plain_recount(acts, by, until):
    edges = [(day, who) for day in (29, 30, 35, 36, 60, 61) for who in "ab"]
    said = sorted({*acts, *edges[: len(acts)], (0, "a")})
    with transaction.atomic():
        chat = Chat([Line(day * DAY + 5, who) for day, who in said], covered=120)
        asker = Asker(chat.brand, chat.communities, at=NOW + dt.timedelta(days=200))
        found = {
            name: series(asker, metric(f"lifecycle.{name}"), chat.first + 35, chat.first + until, by=by)
            for name in ("first", "returning", "resurrecting", "dormant")
        }
        transaction.set_rollback(True)

    days_of = {who: {chat.first + day for day, by_whom in said if by_whom == who} for who in "abcd"}
    before: set[str] | None = None
    for place, step in enumerate(found["first"]):
        first, last = step.bucket.first, step.bucket.last
        now = {who for who, seen in days_of.items() if any(first <= day <= last for day in seen)}
        ever = {who for who, seen in days_of.items() if any(day < first for day in seen)}
        part = {name: steps[place].answer.numerator or 0 for name, steps in found.items()}
        if before is not None:
            assert part == {
                "first": len(now - ever),
                "returning": len(now & before),
                "resurrecting": len((now & ever) - before),
                "dormant": len(before - now),
            }
            assert len(now) == len(before) - part["dormant"] + part["first"] + part["resurrecting"]
        before = now


def test_a_running_month_stands_against_the_whole_month_before():
    spoke = [(2, "ann"), (27, "bob"), (31, "ann")]  # 4 and 29 March, 2 April
    chat = Chat([Line(day * DAY, who) for day, who in spoke], covered=35)
    asker = Asker(chat.brand, chat.communities, at=NOW + dt.timedelta(days=11))

    found = {
        name: series(asker, metric(f"lifecycle.{name}"), at(4, 1), at(4, 30), by="month")[0]
        for name in ("returning", "dormant")
    }

    assert {name: (step.answer.value, step.is_partial) for name, step in found.items()} == {
        "returning": (1, True),
        "dormant": (1, True),
    }


@pytest.mark.parametrize(
    ("step", "spans"),
    [
        ("day", [(at(4, 14), at(4, 14)), (at(4, 15), at(4, 15))]),
        ("week", [(at(3, 30), at(4, 5)), (at(4, 6), at(4, 12))]),
        ("month", [(at(2, 1), at(2, 28)), (at(3, 1), at(3, 31))]),
    ],
)
def test_the_chart_shows_the_latest_whole_days_weeks_or_months(step, spans):
    assert intervals(at(4, 15), step=step, many=2) == spans


def test_command_line_interface_and_chart_tell_the_same_months(two_months):
    now = NOW + dt.timedelta(days=47)  # 11 May
    asker = Asker(two_months.brand, two_months.communities, at=now)
    scope = Scope(owner_of(two_months.brand), tuple(two_months.communities), None, two_months.last + 1, 0)

    bars = charts.lifecycle_bars(asker, scope, two_months.last, step="month", many=12)
    told = {
        name: [
            step.answer.value
            for step in series(asker, metric(f"lifecycle.{name}"), at(4, 1), at(4, 30), by="month")
        ]
        for name in ("first", "returning", "resurrecting", "dormant")
    }

    assert told == {"first": [1], "returning": [1], "resurrecting": [0], "dormant": [1]}
    assert bars is None  # March is known from the 2nd on, so April has nothing whole to stand against

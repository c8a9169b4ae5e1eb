"""What the template words promise: numbers, dates, icons, sparklines and safe JSON."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.template import Context
from django.test import RequestFactory
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from qunying.console.templatetags import ui

NUMBERS = st.integers(-(10**12), 10**12)


def test_numbers_are_grouped_and_shortened_in_chinese_units() -> None:
    with translation.override("zh-hans"):
        shown = [ui.num(value) for value in (0, 1234, 999_999, 1_234_000, 250_000_000, -1_234_000, 3.5, None)]

    assert shown == ["0", "1,234", "999,999", "123.4万", "2.5亿", "-123.4万", "3.5", "—"]


def test_english_readers_get_their_own_units() -> None:
    with translation.override("en"):
        assert [ui.num(1_234_000), ui.num(12_345, "short"), ui.num(2_500_000_000)] == [
            "1.2M",
            "12.3K",
            "2.5B",
        ]


@given(NUMBERS)
def test_a_full_number_can_be_read_back(value: int) -> None:
    assert int(ui.num(value, "full").replace(",", "")) == value


def test_a_blank_number_is_a_dash_and_never_a_zero() -> None:
    words = (ui.num, ui.pct, ui.pp, ui.delta, ui.day, ui.moment)

    assert [word(None) for word in words] == ["—"] * 6


def test_shares_and_changes_carry_their_sign_and_unit() -> None:
    with translation.override("zh-hans"):
        shown = [
            ui.pct(0.331),
            ui.pct(0.5, 0),
            ui.pp(-0.062),
            ui.pp(0.0001),
            ui.delta(0.152),
            ui.delta(-12.0),
        ]

    assert shown == ["33.1%", "50%", "−6.2 个百分点", "0.0 个百分点", "+15.2%", "−1,200.0%"]


def test_moments_are_told_in_the_named_zone() -> None:
    noon = dt.datetime(2026, 11, 20, 16, 30, tzinfo=dt.UTC)

    assert [ui.moment(noon, "Asia/Shanghai"), ui.moment(noon, "UTC")] == [
        "2026-11-21 00:30",
        "2026-11-20 16:30",
    ]
    assert [ui.day(dt.date(2026, 11, 20)), ui.day(dt.date(2026, 11, 20), "short")] == ["2026-11-20", "11-20"]


def test_changing_a_parameter_keeps_the_others_and_forgets_the_page() -> None:
    context = Context({"request": RequestFactory().get("/members/?c=3&stage=core&stage=new&page=7")})

    changed = [ui.qs(context, c=4), ui.qs(context, c=None), ui.qs(context, page=8), ui.qs(context, q="a&b")]

    assert changed == [
        "?c=4&stage=core&stage=new",
        "?stage=core&stage=new",
        "?c=3&stage=core&stage=new&page=8",
        "?c=3&stage=core&stage=new&q=a%26b",
    ]


@given(
    st.recursive(
        st.none() | st.text() | NUMBERS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_in_a_page_reads_back_and_cannot_end_its_element(value: object) -> None:
    text = ui.jsn(value)

    assert json.loads(text) == value
    assert not set("<>&") & set(text)


def test_a_sparkline_leaves_a_gap_where_a_day_is_blank() -> None:
    line = ui.spark([1, 2, None, 4, 3])

    assert line.count('<path d="M') == 2
    assert "style=" not in line


@pytest.mark.parametrize("values", [[], [7], [None, None], [None, 7]])
def test_fewer_than_two_numbers_draw_nothing(values: list[int | None]) -> None:
    assert ui.spark(values) == ""


@given(st.lists(st.none() | NUMBERS, min_size=2, max_size=60))
def test_every_point_of_a_sparkline_is_inside_its_box(values: list[int | None]) -> None:
    line = ui.spark(values, 120, 38)

    lines = [part.split('"')[0] for part in line.split('<path d="M')[1:]]
    points = [tuple(float(n) for n in point.split(",")) for run in lines for point in run.split("L")]

    assert all(0 <= x <= 120 and 0 <= y <= 38 for x, y in points)


def test_an_icon_is_hidden_from_screen_readers_and_its_name_is_escaped() -> None:
    assert 'aria-hidden="true"' in ui.icon("bell")
    assert "<script>" not in ui.icon('"><script>')


@given(st.text())
def test_the_same_name_always_has_the_same_colour(name: str) -> None:
    assert ui.avatar_class(name) == ui.avatar_class(name)
    assert ui.avatar_class(name) in {f"av{n}" for n in range(8)}

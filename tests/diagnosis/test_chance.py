"""The statistics against worked examples, and what is said about words."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from qunying.diagnosis import chance
from qunying.diagnosis.kinds.uproar import contrast
from qunying.diagnosis.models import Finding
from qunying.diagnosis.queries import sentence
from qunying.playbooks.reviewing import newcombe


def test_newcombe_s_own_example():
    assert newcombe((48, 80), (56, 70)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_rolling_sum_starts_with_what_there_is():
    assert chance.rolling(np.array([1.0, 2.0, 3.0, 4.0]), 3).tolist() == [1, 3, 6, 9]


def test_what_is_usual_leaves_the_latest_days_out_and_shrugs_off_an_odd_one():
    series = np.array([10.0, 12.0, 90.0, 11.0, 10.0, 500.0])

    middle, spread = chance.usual(series, past=5, gap=1)

    assert (middle[5], spread[5]) == (11, pytest.approx(1.4826))
    assert np.isnan(middle[2])


def test_the_same_weekdays_are_compared():
    series = np.arange(28.0)

    assert chance.same_weekdays(series, weeks=3)[27] == np.median([20, 13, 6])


def test_words_stand_out_when_several_use_them_today_and_few_did_before():
    today = ["茶叶发霉了要退款", "发霉了怎么退款", "我的也发霉，退款"]

    assert contrast(today, ["今天喝茶真好", "茶叶到货了"] * 20, 3) == [["发霉", 3], ["退款", 3]]


@pytest.mark.parametrize(
    ("told", "ending"),
    [
        ({"words": [["退款", 9]], "texts": 20}, "突出的词：退款 9。"),
        ({"words": [], "texts": 0}, "没有原文，无法列出关键词。"),
    ],
)
def test_a_day_of_complaints_names_its_words_or_says_there_is_no_text(told: dict[str, object], ending: str):
    day = dt.date(2026, 3, 1)
    evidence = {"hour": 15, "people": 20, "usual": 1.0, **told}
    finding = Finding(detector="crisis.broke", severity=2, opened_on=day, last_seen_on=day, evidence=evidence)

    assert sentence(finding) == f"15 点前后投诉最集中，当天有 20 人表达不满，往常每天 1 人。{ending}"

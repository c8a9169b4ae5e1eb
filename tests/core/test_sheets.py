"""What spreadsheets would run never leaves us as anything but text."""

from __future__ import annotations

import csv

import pytest

from qunying.kit.sheets import csv_lines

FORMULA = "HYPERLINK(1)"
STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
BEFORE = ("", " ", "\t", "\r", "\n", "\u3000", "\xa0", "\ufeff", "\u200b")


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", BEFORE)
def test_a_formula_becomes_text_whatever_stands_before_it(before: str, start: str) -> None:
    cell = f"{before}{start}{FORMULA}"

    lines = b"".join(csv_lines(["名称"], [[cell]])).decode("utf-8-sig")

    assert list(csv.reader(lines.splitlines(keepends=True)))[1] == [f"'{cell}"]


def test_numbers_and_plain_texts_stay_as_they_are() -> None:
    lines = b"".join(csv_lines(["a", "b", "c"], [[-5, "老客 = 好客", "3-1"]])).decode("utf-8-sig")

    assert list(csv.reader(lines.splitlines())) == [["a", "b", "c"], ["-5", "老客 = 好客", "3-1"]]

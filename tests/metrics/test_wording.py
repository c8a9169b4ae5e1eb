"""How cards say a number: its sign, its counting word in the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from qunying.metrics.asking import metric
from qunying.metrics.wording import counted, said


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(-1, "times", "−1"), (-1234.5, "ratio", "−1,234.5"), (0, "times", "0"), (0.331, "share", "33.1%")],
)
def test_a_negative_value_has_the_minus_of_its_change(value: float, unit, text: str) -> None:
    assert said(value, unit) == text


@pytest.mark.parametrize(
    ("key", "chinese", "english"),
    [
        ("joins", "人次", ""),
        ("net", "人次", ""),
        ("messages", "条", ""),
        ("interactions", "次", ""),
        ("dau", "人", "people"),
    ],
)
def test_a_count_has_the_counting_word_of_what_it_counts(key: str, chinese: str, english: str) -> None:
    words = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            words.append(counted(metric(key)))

    assert words == [chinese, english]

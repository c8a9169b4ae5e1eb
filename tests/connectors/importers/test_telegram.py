"""Telegram Desktop's JSON."""

from __future__ import annotations

import pytest

from qunying.connectors.incoming import Entry
from tests.connectors.importers.goldens import telegram as golden
from tests.connectors.importers.reading import read


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("telegram_single.json", golden.SINGLE),
        ("telegram_full.json", golden.FULL),
        ("telegram_bad_escape.json", golden.BAD_ESCAPE),
        ("telegram_more.json", golden.MORE),
    ],
)
def test_every_entry_of_the_sample_is_what_it_says(sample: str, expected: list[Entry]) -> None:
    assert read(sample) == expected

"""Discourse topics."""

from __future__ import annotations

import pytest

from qunying.connectors.incoming import Entry
from tests.connectors.importers.goldens import discourse as golden
from tests.connectors.importers.reading import read


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("discourse_topic.json", golden.TOPIC),
        ("discourse_topics", golden.TOPICS),
    ],
)
def test_every_entry_of_the_sample_is_what_it_says(sample: str, expected: list[Entry]) -> None:
    assert read(sample) == expected

"""Meta's data download."""

from __future__ import annotations

import pytest

from qunying.connectors.incoming import Entry
from tests.connectors.importers.goldens import meta as golden
from tests.connectors.importers.reading import read


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("instagram_mojibake.json", golden.MOJIBAKE),
        ("meta_parts", golden.PARTS),
    ],
)
def test_every_entry_of_the_sample_is_what_it_says(sample: str, expected: list[Entry]) -> None:
    assert read(sample) == expected

"""qq-chat-exporter, versions 4 and 5."""

from __future__ import annotations

import pytest

from qunying.connectors.incoming import Entry
from tests.connectors.importers.goldens import qce as golden
from tests.connectors.importers.reading import read


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("qq_qce_v5.json", golden.V5),
        ("qq_qce_chunked", golden.V5),
        ("qq_qce_v4.json", golden.V4),
    ],
)
def test_every_entry_of_the_sample_is_what_it_says(sample: str, expected: list[Entry]) -> None:
    assert read(sample) == expected

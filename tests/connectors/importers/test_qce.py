"""qq-chat-exporter, versions 4 and 5."""

from __future__ import annotations

from pathlib import Path

import pytest

from qunying.connectors.importers.qce import QCE
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Chat, Entry, Options
from tests.connectors.importers.goldens import qce as golden
from tests.connectors.importers.reading import SAMPLES, read


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


@pytest.mark.parametrize(
    "name",
    [
        "group_612345678_20250301_080000.json",
        "group_茶友福利群_612345678_20250301_080000.json",
        "茶友福利群(612345678).json",
    ],
)
def test_a_group_is_known_by_the_number_in_the_name_of_the_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes((SAMPLES / "qq_qce_v5.json").read_bytes())

    entries = list(QCE.read(Source(path), Options()))

    assert entries[0] == Chat(key="612345678", name="茶友福利群", platform="qq")


def test_a_number_that_is_no_group_number_is_not_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "茶友福利群(1).json"
    path.write_bytes((SAMPLES / "qq_qce_v5.json").read_bytes())

    entries = list(QCE.read(Source(path), Options()))

    assert entries[0] == Chat(key="茶友福利群", name="茶友福利群", platform="qq")

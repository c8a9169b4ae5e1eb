"""A Slack workspace export."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from qunying.connectors.incoming import Entry
from tests.connectors.importers.goldens import slack as golden
from tests.connectors.importers.reading import SAMPLES, read


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("slack_export", golden.WORKSPACE),
    ],
)
def test_every_entry_of_the_sample_is_what_it_says(sample: str, expected: list[Entry]) -> None:
    assert read(sample) == expected


def test_a_zip_of_the_export_says_the_same_as_its_folder(tmp_path: Path) -> None:
    packed = tmp_path / "tea.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted((SAMPLES / "slack_export").rglob("*.json")):
            archive.write(file, f"Tea export/{file.relative_to(SAMPLES / 'slack_export').as_posix()}")

    assert read(packed) == golden.WORKSPACE


@pytest.mark.parametrize("nothing", [b"", b"\r\n", b"\xef\xbb\xbf", b"[]"])
def test_a_day_in_whose_file_nothing_stands_brings_nothing(nothing: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "tea"
    shutil.copytree(SAMPLES / "slack_export", folder)
    channel = next(folder.rglob("????-??-??.json")).parent
    (channel / "2031-01-01.json").write_bytes(nothing)

    assert read(folder) == golden.WORKSPACE

"""Zulip organisation exports and topic archives."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from qunying.connectors.incoming import Entry
from tests.connectors.importers.goldens import zulip as golden
from tests.connectors.importers.reading import SAMPLES, read


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("zulip", golden.REALM),
        ("zulip_more", golden.REALM_MORE),
        ("zulip_topics", golden.TOPICS),
    ],
)
def test_every_entry_of_the_sample_is_what_it_says(sample: str, expected: list[Entry]) -> None:
    assert read(sample) == expected


@pytest.mark.parametrize(
    ("folder", "expected"), [("zulip_more", golden.REALM_MORE), ("zulip_topics", golden.TOPICS)]
)
def test_a_zip_says_the_same_as_its_folder(tmp_path: Path, folder: str, expected: list[Entry]) -> None:
    packed = tmp_path / "tea.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted((SAMPLES / folder).rglob("*.json")):
            archive.write(file, file.relative_to(SAMPLES / folder).as_posix())

    assert read(packed) == expected


@pytest.mark.parametrize("nothing", [b"", b"\n", b"[]"])
def test_a_topic_in_whose_file_nothing_stands_brings_nothing(nothing: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "tea"
    shutil.copytree(SAMPLES / "zulip_topics", folder)
    stream = next(folder.rglob("*.json")).parent
    (stream / "zz quiet.json").write_bytes(nothing)

    assert read(folder) == golden.TOPICS

"""DiscordChatExporter's JSON."""

from __future__ import annotations

import pytest

from qunying.connectors.incoming import Entry
from tests.connectors.importers.goldens import discord as golden
from tests.connectors.importers.reading import read


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("discord_dce.json", golden.SERVER),
        ("discord_more.json", golden.GROUP),
    ],
)
def test_every_entry_of_the_sample_is_what_it_says(sample: str, expected: list[Entry]) -> None:
    assert read(sample) == expected

"""WeChat chats as WeFlow and chatlog JSON."""

from __future__ import annotations

import pytest

from qunying.connectors.incoming import Entry
from tests.connectors.importers.goldens import wechat as golden
from tests.connectors.importers.reading import read


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("wechat_weflow.json", golden.WEFLOW),
        ("wechat_chatlog.json", golden.CHATLOG),
        ("wechat_chatlog_two.json", golden.CHATLOG_TWO),
    ],
)
def test_every_entry_of_the_sample_is_what_it_says(sample: str, expected: list[Entry]) -> None:
    assert read(sample) == expected

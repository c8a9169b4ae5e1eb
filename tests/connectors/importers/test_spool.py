"""Setting mixed records apart by chat."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qunying.connectors.importers.spool import Spool

records = st.lists(
    st.tuples(st.sampled_from("abc"), st.dictionaries(st.text(), st.integers(0, 9) | st.text()))
)


@given(records)
def test_every_chat_gets_its_records_back_in_order_with_their_numbers(
    mixed: list[tuple[str, dict[str, object]]],
) -> None:
    with Spool() as spool:
        for line, (chat, record) in enumerate(mixed, start=1):
            spool.put(chat, line, record)

        back = {chat: list(spool.records(chat)) for chat in spool.chats()}

    expected: dict[str, list[tuple[int, dict[str, object]]]] = {}
    for line, (chat, record) in enumerate(mixed, start=1):
        expected.setdefault(chat, []).append((line, record))
    assert back == expected
    assert list(back) == list(expected)


def test_a_chat_without_records_has_none() -> None:
    with Spool() as spool:
        assert list(spool.records("x")) == []

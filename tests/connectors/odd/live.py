"""Its payloads are `chat|number|text`; a text of “坏的” becomes a number no database holds."""

from __future__ import annotations

from collections.abc import Iterator

from qunying.connectors.incoming import Act, Chat, Entry, Person
from qunying.connectors.live.connector import Connector

AT = 1_740_787_200_000


def decode(body: bytes, _heard_at: int) -> Iterator[Entry]:
    chat, number, text = body.decode().split("|")
    yield Chat(chat, "怪群", "odd")
    yield Person("a", "odd.user", "", "a", "阿怪")
    yield Act("message", AT + int(number), "a", id=number, text=text)
    if text == "坏的":
        yield Act("reaction", AT, "a", target=number, value=2**70)


CONNECTORS = (
    Connector(
        key="odd",
        label="Odd",
        platform="odd",
        fields=(),
        abilities={},
        hosts=(),
        account=lambda _keys: "odd",
        decode=decode,
        check=lambda _wire: (),
    ),
)

"""One row of the ingest API and how it reads as entries.

The natural key of a row is its platform, chat and id, the same as for an imported file and a live connection of that
platform, so a bridge, an export and a bot that tell the same message make one fact.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from qunying.connectors.incoming import Act, ActKind, Chat, Entry, Form, Person

Word = Annotated[str, Meta(min_length=1, max_length=200)]
Brief = Annotated[str, Meta(max_length=200)]
FURTHEST = 2**53
"""Beyond this numbers of other languages' JSON are not exact."""


class Who(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """成员账号: the account as its platform names it; `name` is how it is shown there now."""

    scheme: Annotated[str, Meta(min_length=1, max_length=40)]
    value: Word
    scope: Annotated[str, Meta(max_length=120)] = ""
    name: Brief = ""
    is_bot: bool = False
    is_staff: bool = False


class Row(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """行为: one thing somebody did. `at` is milliseconds UTC; `id` names a message within its chat for ever, so sending
    it again changes nothing. `target` is the id of the message it is about, `other` the inviter, kicker or author."""

    id: Word
    kind: ActKind
    at: Annotated[int, Meta(ge=0, le=FURTHEST)]
    platform: Annotated[str, Meta(min_length=1, max_length=30)]
    chat: Word
    who: Who
    chat_name: Brief = ""
    other: Who | None = None
    text: Annotated[str, Meta(max_length=20_000)] = ""
    form: Form = "text"
    target: Brief = ""
    emoji: Annotated[str, Meta(max_length=60)] = ""
    source: Annotated[str, Meta(max_length=80)] = ""
    edited_at: Annotated[int, Meta(ge=0, le=FURTHEST)] | None = None


_decode = msgspec.json.Decoder(Row).decode
_KEYS = re.compile(rb'"(\w+)"\s*:')
"""What may be the names of fields. Quotes within texts are escaped, so nothing that people wrote reads as one."""


def decode_row(raw: bytes) -> Row:
    """The row; one that says the same field twice is refused, since nobody knows which of them is meant."""
    row = _decode(raw)
    names = _KEYS.findall(raw)
    if len(set(names)) < len(names):
        json.loads(raw, object_pairs_hook=_once)  # an account has fields of the same name as another's
    return row


def _once(pairs: list[tuple[str, object]]) -> None:
    names = [name for name, _value in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise msgspec.ValidationError(f"Object contains field `{twice}` twice")


def entries(rows: Sequence[tuple[int, Row]]) -> Iterator[Entry]:
    """The rows, given with their place, as entries of their chats."""
    by_chat: dict[tuple[str, str], list[tuple[int, Row]]] = {}
    for numbered in rows:
        by_chat.setdefault((numbered[1].platform, numbered[1].chat), []).append(numbered)
    for (platform, chat), own in by_chat.items():
        yield Chat(chat, own[-1][1].chat_name, platform)
        met: set[Who] = set()
        for place, row in own:
            for who in (row.who, row.other):
                if who is not None and who not in met:
                    met.add(who)
                    yield Person(
                        _ref(who),
                        who.scheme,
                        who.scope,
                        who.value,
                        who.name,
                        is_bot=who.is_bot,
                        is_staff=who.is_staff,
                    )
            yield Act(
                row.kind,
                row.at,
                _ref(row.who),
                id=row.id,
                text=row.text,
                form=row.form,
                target=row.target,
                other=_ref(row.other) if row.other else "",
                emoji=row.emoji,
                source=row.source,
                edited_at=row.edited_at,
                line=place,
            )


def _ref(who: Who) -> str:
    return f"{who.scheme}:{who.value}" if not who.scope else f"{who.scheme}:{who.scope}:{who.value}"

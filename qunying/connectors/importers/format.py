"""The shape of one importer. `FORMATS` in the package gathers them; `IMPORTERS` of any app adds to them.

What every reader keeps to:

- Who came in by somebody is a `join` with that somebody as `other`. An invitation not yet taken up is nothing until
  the join, which then names the inviter.
- A system line tells an act, or is understood and tells no fact of a member (encryption and privacy hints, pats, red
  packet grabs, calls, owner and admin changes, muting, pictures of the group) and yields nothing, or is an `Unknown`.
  A new group name, topic or announcement is a `notice` by whoever made it.
- A reaction whose own time the source does not state stands at the time of its message with precision `day`. Known
  reactors are acts of their own; the rest is one act with actor "" and the remaining number as `value`.
- A recalled message whose record is still there yields the message without its text, then the recall; a line that
  only tells of a recall yields the recall alone. Actor "" on a recall means the source does not say whose it is.
- A reply is a message with `target`, and with `other` (the author answered) where the source says who.
- Several acts told by one line share its id: the second is `id/2`, and so on.
- Each chat comes once, with all its entries: where a file mixes chats, the reader sets them apart first (`spool`).
  A `Person` may come again with a name or roles not known before.
- What only one name tells is resolved inside the file when exactly one account carries it, else a weak person.
- `Unknown.why` is one of the message ids of `whys`, translated where it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Entry, Guess, Options
from qunying.kit.refusals import Text


@dataclass(frozen=True)
class Format:
    """One format. `sniff` looks at names and heads only and is cheap; `read` streams and holds no whole file.

    `clock` is "local" where times carry no zone, so the operator is asked; `keyed` is False where messages have no
    ids, so natural keys are built from the text (connectors §8.5). `lists_people` is for member tables, whose every row
    is about one person.
    """

    key: str
    label: Text
    sniff: Callable[[Source], Guess | None]
    read: Callable[[Source, Options], Iterator[Entry]]
    clock: Literal["absolute", "local"] = "absolute"
    keyed: bool = True
    lists_people: bool = False

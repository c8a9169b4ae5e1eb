"""What every importer and every live connector hands to intake, whatever the platform.

A reader yields a flat stream: first a `Chat`, then for that chat `Person`s, `Act`s, `Figure`s and `Unknown`s in any
order, except that a `Person` comes before the first entry that refers to it by `ref`. A file with several chats
yields several `Chat`s; entries belong to the latest one. Between a reader and intake messages may become `Spoken`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from msgspec import Struct

ActKind = Literal[
    "message",
    "reaction",
    "unreaction",
    "join",
    "leave",
    "remove",
    "invite",
    "recall",
    "pin",
    "share",
    "contact_add",
    "contact_loss",
    "notice",
]
Form = Literal[
    "text",
    "image",
    "audio",
    "video",
    "file",
    "sticker",
    "link",
    "card",
    "location",
    "red_packet",
    "poll",
    "quote",
    "other",
]
Precision = Literal["ms", "s", "min", "day"]


class Duplicates(StrEnum):
    """已有群成员的处理: what becomes of a member table's row about somebody the brand knew before the import: tell it
    too and let it count, fill only what is empty, or leave the row out."""

    UPDATE = "update"
    KEEP = "keep"
    SKIP = "skip"


class Chat(Struct, frozen=True, gc=False, tag=True):
    """One chat of the source. `key` is the platform's own id where it has one, else the name."""

    key: str
    name: str
    platform: str
    kind: Literal["group", "channel", "topic", "dm", "forum", "sheet"] = "group"


class Person(Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """One account. `ref` is how this file's entries name it; (scheme, scope, value) is the identity of connectors §8.4.

    A weak identity (scheme `name`) has only a display name; its scope is the chat, and it never merges people.
    `is_listed` marks one who stands in a member list, so is present even without an act. `row` is the row of a member
    table that is about this person; 0 elsewhere, and for those a row only mentions.
    """

    ref: str
    scheme: str
    scope: str
    value: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    is_bot: bool = False
    is_staff: bool = False
    is_listed: bool = False
    attributes: dict[str, str] = {}
    row: int = 0


class Act(Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """One thing somebody did.

    `at` is milliseconds UTC as the source states it; local times are converted with the zone in `Options`.
    `id` is the platform's message id, or "" where the source has none. `target` is the id of the message a reaction,
    recall, pin or reply is about. `other` is the second person: inviter of a join or invite (then `actor` is the one
    who came in), kicker of a remove (then `actor` is the one who left), author of the message reacted to where the
    source says so, the employee who won or lost a friend (then `actor` is the friend). `value` counts anonymous
    reactions; of a lost friend it is 1 when the friend ended it, 0 when we did. `source` says how a joiner came in
    (导入的来源文字 kept as is). `line` is the line or record number in the file.
    """

    kind: ActKind
    at: int
    actor: str
    id: str = ""
    text: str = ""
    form: Form = "text"
    target: str = ""
    other: str = ""
    emoji: str = ""
    value: int = 1
    source: str = ""
    edited_at: int | None = None
    precision: Precision = "s"
    line: int = 0


class Figure(Struct, frozen=True, gc=False, tag=True):
    """A daily number from a platform's back end: shown beside our own with its source, never added to them."""

    day: int
    name: str
    value: int
    owner: str = ""


class Unknown(Struct, frozen=True, gc=False, tag=True):
    """A line the reader could not place. Counted, listed, never silently taken for text."""

    line: int
    raw: str
    why: str


class Spoken(Struct, gc=False, tag=True):
    """发言: messages that follow each other in one chat, read as far as that goes without knowing who is who
    (`reading`). One list a field, a place a message: a million of them cost a fifth of what as many objects would.

    `key` is the natural key, `target` the number of the message answered, None for none. `marks` are those of
    somebody who is not staff. `version` is when it was last edited, or said. `edits` are (place, key of the edit).
    """

    line: list[int] = []
    actor: list[str] = []
    at: list[int] = []
    day: list[int] = []
    key: list[bytes] = []
    subject: list[int] = []
    target: list[int | None] = []
    form: list[Form] = []
    text: list[str] = []
    marks: list[int] = []
    likeness: list[int | None] = []
    version: list[int] = []
    edits: list[tuple[int, bytes]] = []

    def __len__(self) -> int:
        return len(self.at)

    def extend(self, more: Spoken) -> None:
        """Put what was said next behind it."""
        start = len(self)
        self.edits += [(start + place, key) for place, key in more.edits]
        for name in MESSAGE:
            getattr(self, name).extend(getattr(more, name))

    def only(self, places: list[int]) -> Spoken:
        """Those at the places."""
        new = {place: number for number, place in enumerate(places)}
        columns = {name: [values[place] for place in places] for name, values in self._columns()}
        return Spoken(**columns, edits=[(new[place], key) for place, key in self.edits if place in new])

    def _columns(self) -> list[tuple[str, list[Any]]]:
        return [(name, getattr(self, name)) for name in MESSAGE]


MESSAGE = tuple(name for name in Spoken.__struct_fields__ if name != "edits")
"""The fields of Spoken that hold one value a message."""

Entry = Chat | Person | Act | Spoken | Figure | Unknown


class Guess(Struct, frozen=True, gc=False):
    """What a sniffer thinks: how sure (0..100) and the evidence shown to the operator."""

    sureness: int
    evidence: str


class Options(Struct, frozen=True):
    """What the operator said about the file. `zone` is an IANA name, used for local times; `encoding` "" = detect;
    `mapping` (column → field) is for tables, `duplicates` for member tables."""

    zone: str = "Asia/Shanghai"
    encoding: str = ""
    mapping: dict[str, str] = {}
    duplicates: Duplicates = Duplicates.UPDATE

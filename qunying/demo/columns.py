"""Acts of a simulated community as columns, so that a year of chat is a few array operations.

A row names people by their place in the community's cast and other rows by `uid`; at the end it becomes
an `Act`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qunying.connectors.incoming import ActKind, Form

Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
Chance = np.random.Generator

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NONE = -1

KINDS: tuple[ActKind, ...] = (
    "message",
    "reaction",
    "unreaction",
    "join",
    "leave",
    "remove",
    "recall",
    "pin",
    "share",
    "notice",
)
MESSAGE, REACTION, UNREACTION, JOIN, LEAVE, REMOVE, RECALL, PIN, SHARE, NOTICE = range(len(KINDS))
FORMS: tuple[Form, ...] = ("text", "image", "sticker", "link", "audio", "video", "card", "red_packet", "poll")
TEXT, IMAGE, STICKER, LINK, AUDIO, VIDEO, CARD, RED_PACKET, POLL = range(len(FORMS))
EMOJI = ("👍", "❤️", "🌹", "😂", "🍵", "👏", "🙏")


class Acts(NamedTuple):
    """Equally long columns. `target` is a uid, `other` a place in the cast, `source` one in the plan's sources."""

    uid: Ints
    at: Ints
    who: Ints
    kind: Ints
    form: Ints
    text: Texts
    target: Ints
    other: Ints
    source: Ints
    emoji: Ints


def chance(seed: int, *path: int) -> Chance:
    """One generator per purpose, so that a change in one place leaves every other draw as it was."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, *path))))


def numbers(value: Ints | int, length: int) -> Ints:
    """A column of `length` numbers from one number or from a column."""
    return np.array(np.broadcast_to(np.asarray(value, dtype=np.int64), (length,)))


def words(value: Texts | str, length: int) -> Texts:
    """A column of `length` texts from one text or from a column."""
    if isinstance(value, str):
        return np.full(length, value, dtype=object)
    return value


def rows(
    first_uid: int,
    at: Ints,
    who: Ints | int,
    *,
    kind: Ints | int = MESSAGE,
    form: Ints | int = TEXT,
    text: Texts | str = "",
    target: Ints | int = NONE,
    other: Ints | int = NONE,
    source: Ints | int = NONE,
    emoji: Ints | int = NONE,
) -> Acts:
    """New rows with uids counted from `first_uid`; single values are repeated over all rows."""
    length = len(at)
    return Acts(
        uid=np.arange(first_uid, first_uid + length, dtype=np.int64),
        at=at // SECOND * SECOND,
        who=numbers(who, length),
        kind=numbers(kind, length),
        form=numbers(form, length),
        text=words(text, length),
        target=numbers(target, length),
        other=numbers(other, length),
        source=numbers(source, length),
        emoji=numbers(emoji, length),
    )


def next_uid(acts: Acts) -> int:
    """The first uid that no row has."""
    return int(acts.uid.max()) + 1 if len(acts.uid) else 0


def only(acts: Acts, keep: Marks | Ints) -> Acts:
    """The rows that are marked, or the rows in the order given."""
    return Acts._make(column[keep] for column in acts)


def together(*parts: Acts) -> Acts:
    """All rows by time; rows of one second in the order of their uids, so causes come before effects."""
    acts = Acts._make(np.concatenate(columns) for columns in zip(*parts, strict=True))
    return only(acts, np.lexsort((acts.uid, acts.at)))


def place_of_target(acts: Acts) -> Ints:
    """Per row, the row number of its target, or NONE where it has none or the target is not there."""
    place = np.full(next_uid(acts) + 1, NONE, dtype=np.int64)
    place[acts.uid] = np.arange(len(acts.uid))
    inside = (acts.target >= 0) & (acts.target < len(place))
    return np.where(inside, place[np.where(inside, acts.target, 0)], NONE)


def tidy(acts: Acts, *, first_member: int) -> Acts:
    """Drop what is about rows that are gone; a member's reply to such a row stays as a plain message."""
    while True:
        orphan = (acts.target != NONE) & (place_of_target(acts) == NONE)
        if not orphan.any():
            return acts
        plain = orphan & (acts.kind == MESSAGE) & (acts.who >= first_member)
        acts = acts._replace(
            target=np.where(plain, NONE, acts.target),
            other=np.where(plain, NONE, acts.other),
        )
        acts = only(acts, ~orphan | plain)

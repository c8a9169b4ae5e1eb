"""What an app declares so that one person can be erased everywhere (tuple ERASERS in `erasers`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qunying.kit.blacking import Told, without
from qunying.kit.refusals import Text
from qunying.members.models import Member


@dataclass(frozen=True)
class Traces:
    """What a person is known by: ids and names to look for in texts, longest first; two letters at least."""

    members: tuple[int, ...]
    words: tuple[str, ...]


def blacked(told: Told, traces: Traces) -> Told:
    """A text, or whatever holds texts, without any of the person's names and accounts."""
    return without(told, traces.words)


@dataclass(frozen=True)
class Eraser:
    """清除步骤: `erase(member, traces)` removes the person from one store and answers how many rows it touched."""

    key: str
    label: Text
    erase: Callable[[Member, Traces], int]

"""What an app declares so that one person can be erased everywhere (tuple ERASERS in `erasers`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qunying.kit.refusals import Text
from qunying.members.models import Member


@dataclass(frozen=True)
class Traces:
    """What a person is known by: ids and names to look for in texts, longest first; two letters at least."""

    members: tuple[int, ...]
    words: tuple[str, ...]


BLACKED = "▇"
"""Stands where a name or account was."""


def blacked(text: str, traces: Traces) -> str:
    """The text without any of the person's names and accounts."""
    for word in traces.words:
        text = text.replace(word, BLACKED)
    return text


@dataclass(frozen=True)
class Eraser:
    """清除步骤: `erase(member, traces)` removes the person from one store and answers how many rows it touched."""

    key: str
    label: Text
    erase: Callable[[Member, Traces], int]

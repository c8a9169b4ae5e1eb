"""Takes words out of what was written down: the names and accounts of a person who is erased."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

BLACKED = "▇"
"""Stands where a name or account was."""
Told = TypeVar("Told")


def without(told: Told, words: Sequence[str]) -> Told:
    """The same without the words: a text, or every text in lists and mappings, however deep. Names of fields stay: they
    are ours."""
    found: Any = told
    if isinstance(found, str):
        for word in words:
            found = found.replace(word, BLACKED)
    elif isinstance(found, dict):
        found = {name: without(value, words) for name, value in found.items()}
    elif isinstance(found, list):
        found = [without(each, words) for each in found]
    return found  # type: ignore[no-any-return]  # of the kind that it was

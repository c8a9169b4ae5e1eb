"""How the log of changes says what a list of people was filtered by."""

from __future__ import annotations

from django.http import QueryDict

from qunying.audiences.filters import filter_of
from qunying.kit.log_words import LogWord


def conditions(kept: object) -> str:
    """The conditions as the list's chips say them."""
    given = QueryDict(mutable=True)
    given.update({name: str(value) for name, value in kept.items()} if isinstance(kept, dict) else {})
    return "；".join(words for _name, words in filter_of(given).shown())


LOG_WORDS = (LogWord("filter", conditions),)

"""The shape of a wording for the log of changes. Apps declare theirs in their `log_words` module; brands shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class LogWord:
    """How the log says a value that it keeps under `field` by key: a stage, a playbook, a kind of community."""

    field: str
    say: Callable[[object], str]

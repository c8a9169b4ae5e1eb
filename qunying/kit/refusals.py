"""One sentence for one error code. Apps declare them in their `refusals` module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Text(Protocol):
    """A string, or a lazy translation that becomes one."""

    def __str__(self) -> str: ...


@dataclass(frozen=True)
class Refusal:
    """The sentence for an error code; `{name}` is filled from the error's details. It names the way out."""

    code: str
    sentence: Text

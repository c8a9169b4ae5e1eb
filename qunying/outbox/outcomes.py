"""What became of something that went out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qunying.kit.refusals import Text


class Result(StrEnum):
    """What a platform did with one action.

    UNKNOWN is the dangerous one: the request left and no answer came. It is never sent again blindly.
    """

    SENT = "sent"
    ACCEPTED = "accepted"
    PENDING = "pending"
    THROTTLED = "throttled"
    REJECTED = "rejected"
    UNSUPPORTED = "unsupported"
    AWAY = "away"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """`ids` are the platform's names for what was made, `handle` what to ask for later, `who` the person who has to
    tap, `retry_seconds` how long the platform wants to be left alone, `code` and `words` its own reason."""

    result: Result
    ids: tuple[str, ...] = ()
    handle: str = ""
    who: str = ""
    retry_seconds: float = 0
    code: str = ""
    words: Text = ""

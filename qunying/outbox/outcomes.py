"""What became of something that went out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qunying.kit.refusals import Text


class Result(StrEnum):
    """What a platform did with one action.

    UNKNOWN is the dangerous one: the request left and no answer came. It is never sent again blindly. LOST is the same
    where the platform itself keeps a repeat from happening twice. AWAY never left and waits until the line is there.
    """

    SENT = "sent"
    ACCEPTED = "accepted"
    PENDING = "pending"
    THROTTLED = "throttled"
    REJECTED = "rejected"
    UNSUPPORTED = "unsupported"
    AWAY = "away"
    LOST = "lost"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """`ids` are the platform's names for what was made, `handle` what to ask for later, `who` the person who has to
    tap, `retry_seconds` how long the platform wants to be left alone, with this op or `is_account_wide` with all,
    `code` and `words` its own reason. `tally` is how far people have come who have to tap: `to` and `sent` are numbers
    of groups or customers, `failed` those not reached by reason, `waiting` those left by who has to tap, `owners` the
    same for each of those with `at`, when they tapped (seconds UTC)."""

    result: Result
    ids: tuple[str, ...] = ()
    handle: str = ""
    who: str = ""
    retry_seconds: float = 0
    is_account_wide: bool = False
    code: str = ""
    words: Text = ""
    tally: Mapping[str, object] = field(default_factory=dict)

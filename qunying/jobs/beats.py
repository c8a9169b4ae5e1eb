"""What an app declares to be done again and again, by whichever worker comes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Beat:
    """节拍: `run()` every so many seconds, safe to run twice. While one worker runs it no other does, for at most
    `lease` seconds; a tick that was missed is not made up for."""

    key: str
    seconds: float
    run: Callable[[], None]
    lease: float = 60


BEATS: tuple[Beat, ...] = ()

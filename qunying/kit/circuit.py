"""Fail fast: while something we depend on does not answer, nobody but one asker at a time waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Circuit:
    """Closed while the other side answers. Once it did not, one asker every so many seconds is let through, until
    somebody says that it answers again. For all threads of a process."""

    def __init__(self, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._lock = threading.Lock()
        self._next: float | None = None

    @property
    def is_open(self) -> bool:
        return self._next is not None

    def lets_through(self) -> bool:
        """Whether to ask now. Whoever is let through while it is open has to tell how it went."""
        if self._next is None:
            return True
        with self._lock:
            if self._next is not None and self._clock() < self._next:
                return False
            self._next = self._clock() + self._seconds
            return True

    def broke(self) -> None:
        """There was no answer."""
        with self._lock:
            self._next = self._clock() + self._seconds

    def held(self) -> None:
        """There was an answer."""
        self._next = None

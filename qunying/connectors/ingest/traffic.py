"""Who sends how much just now, so that one group in uproar does not hold up the others."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping

Group = tuple[str, str, str]
"""Token, platform and chat."""
MOST_ROWS = 2_000
"""Rows a second of a group that sends more than all others together, while they send too. Alone it may send what can be
written."""
LONGEST_SECONDS = 5
"""However much a group has sent, so long after it nothing of that counts."""


class Traffic:
    """Rows of each group in this second and the one before, and by how much each is beyond its share. What is larger
    than a share is taken whole, and paid back by waiting."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._second = 0
        self._now: Counter[Group] = Counter()
        self._before: Counter[Group] = Counter()
        self._owed: Counter[Group] = Counter()

    def flooding(self, rows: Mapping[Group, int]) -> Group | None:
        """The first of these groups that has had its share and is louder than all others. What is let in counts."""
        self._turn()
        everybody = self._now.total() + self._before.total()
        for group in rows:
            own = self._now[group] + self._before[group]
            if self._owed[group] >= MOST_ROWS and own > everybody - own > 0:
                return group
        self._now.update(rows)
        self._owed.update(rows)
        return None

    def _turn(self) -> None:
        """Begin a new second if it is time."""
        second = int(self._clock())
        passed = second - self._second
        if passed:
            self._before = self._now if passed == 1 else Counter()
            self._second, self._now = second, Counter()
            most = MOST_ROWS * LONGEST_SECONDS
            self._owed = +Counter(
                {at: min(owed, most) - MOST_ROWS * passed for at, owed in self._owed.items()}
            )

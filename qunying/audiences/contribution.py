"""贡献分: integers over 30 days (architecture.md §5, version 1), and who the rule nominates for core."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.models import DayCount
from qunying.audiences.sets import Sets

Ints = NDArray[np.int64]
DAYS = 30
MESSAGE, MESSAGES_A_DAY = 2, 10
REPLIED_TO = 1
REACTION = 1
NOMINATE_DAYS = 12
LEAST, MOST = 3, 30


def scores(sets: Sets, day: int) -> tuple[Ints, Ints]:
    """Bits and their contribution over the 30 days ending on the day, positive ones only: message 2 (at most 10 a
    day), each reply received 1, each reaction given 1."""
    first = day - DAYS + 1
    parts: list[tuple[Ints, Ints]] = []
    for keys, times in sets.counts_by_day(DayCount.Kind.MESSAGES, first, day).values():
        parts.append((keys.astype(np.int64), MESSAGE * np.minimum(times.astype(np.int64), MESSAGES_A_DAY)))
    for kind, worth in ((DayCount.Kind.REPLIED_TO, REPLIED_TO), (DayCount.Kind.REACTIONS, REACTION)):
        keys, times = sets.counts(kind, first, day)
        parts.append((keys.astype(np.int64), worth * times.astype(np.int64)))
    bits = np.concatenate([part[0] for part in parts])
    worth_of = np.concatenate([part[1] for part in parts])
    unique, place = np.unique(bits, return_inverse=True)
    return unique, np.bincount(place, weights=worth_of, minlength=len(unique)).astype(np.int64)


def nominated(sets: Sets, day: int) -> BitMap:
    """Active on at least 12 of the 30 days and in the top 10 % by contribution; at least 3 (of those who have
    the days), at most 30 a community; whoever ties with the last one is in."""
    times: dict[int, int] = {}
    sets.load(day - DAYS + 1, day)
    for past in range(day - DAYS + 1, day + 1):
        for bit in sets.active(past):
            times[bit] = times.get(bit, 0) + 1
    bits, worth = scores(sets, day)
    steady = np.array([times.get(int(bit), 0) >= NOMINATE_DAYS for bit in bits], dtype=np.bool_)
    room = min(max(-(-len(bits) // 10), LEAST), MOST)
    bits, worth = bits[steady], worth[steady]
    if len(bits) > room:
        cut = np.sort(worth)[-room]
        bits = bits[worth >= cut]
    return BitMap(bits.astype(np.uint32))

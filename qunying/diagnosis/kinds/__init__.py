"""The shape of a detector, and one module for each family of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qunying.diagnosis.place import Floats, Ints, Mask, Place
from qunying.kit.refusals import Text

Number = int | float | str | list[list[int | str]]
Evidence = dict[str, Number]
"""Numbers by name. The exceptions: a source's name, and words that several people used, each with how many."""


@dataclass(frozen=True)
class Line:
    """What the chart of a finding shows: the value of each day and what was usual then (none for plain counts)."""

    value: Floats
    usual: Floats | None = None
    is_share: bool = False


@dataclass(frozen=True)
class Trace:
    """One thing watched in one community, over all its days. It opens on a day of `alarm` and closes when
    `heals(opened)` holds on three days running. `evidence(day)` are the numbers of a day, `people(opened, day)`
    those it is about, as places of `Place.bits`; `level` says per day how bad it is, from 1 to 3."""

    alarm: Mask
    heals: Callable[[int], Mask]
    evidence: Callable[[int], Evidence]
    people: Callable[[int, int], Ints]
    level: Floats
    line: Line
    subject: str = ""


@dataclass(frozen=True)
class Detector:
    """诊断规则: `examine` looks at one community's whole past, each day by what was known then. `watches` is
    the metric its chart shows, `least` the days of history it needs, `advises` playbooks, best first, `hides`
    detectors whose findings are only consequences while this one is open. `sentence` is filled with the
    evidence. One that `reads_text` says nothing of a community whose messages came without words."""

    key: str
    label: Text
    sentence: Text
    watches: str
    least: int
    examine: Callable[[Place], Sequence[Trace]]
    advises: tuple[str, ...]
    hides: tuple[str, ...] = ()
    reads_text: bool = False


def back_above(value: Floats, usual: Floats, part: float) -> Callable[[int], Mask]:
    """Healed once the value is again at least this part of what was usual when it opened."""
    return lambda opened: value >= part * usual[opened]


def back_below(value: Floats, usual: Floats, part: float, *, extra: float = 0.0) -> Callable[[int], Mask]:
    return lambda opened: value <= part * usual[opened] + extra


def quiet_for(alarm: Mask, days: int) -> Callable[[int], Mask]:
    """Healed when nothing happened for so many days; for findings that are single events."""
    since = days_since(alarm)
    return lambda opened: since >= days


def days_since(marks: Mask) -> Ints:
    """Days since the last marked one; a large number before the first."""
    place = np.arange(len(marks))
    last = np.maximum.accumulate(np.where(marks, place, -(10**6)))
    found: Ints = place - last
    return found


def graded(badness: Floats, *, bad: float, worse: float) -> Floats:
    """1 below `bad`, 2 from there, 3 from `worse`."""
    known = np.nan_to_num(badness)
    return 1.0 + (known >= bad).astype(np.float64) + (known >= worse).astype(np.float64)

"""From traces to findings: each day in order, opening, refreshing and closing, by what was known then."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qunying.diagnosis.kinds import Detector, Evidence, Line, Trace, days_since
from qunying.diagnosis.place import Floats, Ints, Place

CALM = 3
"""Days in a row of healed numbers before a finding closes."""
SETTLED = 28
"""Days without an alarm after which the new level has become the usual one."""
LOOK_BACK = 21
"""A consequence that was seen first closes when its cause opens within so many days."""


AROUND = 42
"""Days of the chart before the opening."""
AFTER = 14
"""Days of the chart after the closing."""
Series = dict[str, object]
"""first: day number, now and usual: one number or null a day, share: whether they are shares."""


@dataclass(frozen=True)
class Episode:
    """A finding from opening to closing, in days from the first covered one; `closed` is None while it is open."""

    detector: str
    community: int
    subject: str
    opened: int
    last_seen: int
    closed: int | None
    severity: int
    evidence: Evidence
    series: Series
    members: Ints
    """Membership bits, sorted."""


def examine(place: Place, detectors: Sequence[Detector]) -> list[Episode]:
    """Every finding of the community's past, oldest first, consequences of others left out."""
    found: list[Episode] = []
    for detector in detectors:
        if place.days >= detector.least:
            for trace in detector.examine(place):
                found += _episodes(place, detector, trace)
    kept = _without_consequences(found, {detector.key: detector.hides for detector in detectors})
    return sorted(kept, key=lambda episode: (episode.opened, episode.detector, episode.subject))


def _episodes(place: Place, detector: Detector, trace: Trace) -> list[Episode]:
    alarm = trace.alarm.copy()
    alarm[: detector.least] = False
    days = np.flatnonzero(alarm)
    found: list[Episode] = []
    start = 0
    while len(days := days[days >= start]):
        opened = int(days[0])
        closed = _closing(trace, opened, place.days)
        seen = days[days < (place.days if closed is None else closed)]
        last = int(seen[-1])
        found.append(
            Episode(
                detector=detector.key,
                community=place.community,
                subject=trace.subject,
                opened=opened,
                last_seen=last,
                closed=closed,
                severity=int(trace.level[seen].max()),
                evidence=trace.evidence(last),
                series=_series(place, trace.line, opened, place.days if closed is None else closed + AFTER),
                members=np.sort(place.bits[trace.people(opened, last)]),
            )
        )
        start = place.days if closed is None else closed
    return found


def _series(place: Place, line: Line, opened: int, end: int) -> Series:
    first, end = max(0, opened - AROUND), min(end, place.days)

    def cut(values: Floats | None) -> list[float | None]:
        some = () if values is None else values[first:end].tolist()
        return [round(value, 4) if math.isfinite(value) else None for value in some]

    return {
        "first": place.first + first,
        "now": cut(line.value),
        "usual": cut(line.usual),
        "share": line.is_share,
    }


def _closing(trace: Trace, opened: int, days: int) -> int | None:
    """The day on which the numbers had been healed for three days or had settled, or None."""
    healed = np.asarray(trace.heals(opened), dtype=np.bool_).copy()
    healed[: opened + 1] = False
    healed &= ~trace.alarm
    runs = np.convolve(healed, np.ones(CALM), mode="full")[:days] >= CALM
    runs |= (days_since(trace.alarm) >= SETTLED) & (np.arange(days) > opened)
    ends = np.flatnonzero(runs)
    return int(ends[0]) if len(ends) else None


def _without_consequences(found: Sequence[Episode], hides: dict[str, tuple[str, ...]]) -> list[Episode]:
    """Drop what opened while its cause was open; close what was seen shortly before its cause on the day that
    opened."""
    kept = []
    for episode in found:
        causes = [
            cause
            for cause in found
            if episode.detector in hides.get(cause.detector, ()) and _meet(cause, episode)
        ]
        if any(cause.opened <= episode.opened for cause in causes):
            continue
        later = min((cause.opened for cause in causes), default=None)
        kept.append(
            episode
            if later is None
            else replace(episode, closed=later, last_seen=min(episode.last_seen, later))
        )
    return kept


def _meet(cause: Episode, episode: Episode) -> bool:
    """Whether the cause was open when the other opened, or opened soon after while that was still open."""
    end = cause.closed if cause.closed is not None else 10**9
    if cause.opened <= episode.opened:
        return episode.opened <= end
    is_still_open = episode.closed is None or episode.closed > cause.opened
    return is_still_open and cause.opened - episode.opened <= LOOK_BACK

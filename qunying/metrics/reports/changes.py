"""The changes of one day that stand out: its figures against the four weeks before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from qunying.metrics.asking import metric
from qunying.metrics.cards import people_url
from qunying.metrics.figures import daily
from qunying.metrics.reports.blocks import About, News
from qunying.metrics.wording import said

Floats = NDArray[np.float64]
WATCHED = ("joins", "leaves", "dau", "speakers", "messages", "interactions", "speaking_rate")
DAYS = 28
LEAST = 14
FAR = 2.0
"""Spreads from the middle that are worth a sentence."""
FEWEST = 5
"""Of people and acts, a change by fewer is chance."""


@dataclass(frozen=True)
class Jump:
    """How a day's value lies among the days before: `middle` their median, `distance` in spreads (robust)."""

    value: float
    middle: float
    distance: float


def changes(about: About) -> Sequence[News]:
    """What of the watched figures moved far on the range's last day, the farthest weighing most."""
    day = about.range.period.last
    values = daily(about.scope, WATCHED, day - DAYS, day)
    found = []
    for key in WATCHED:
        moved = jump(values[key])
        if moved is not None and _matters(moved, metric(key).unit):
            found.append(_told(about, key, moved, day))
    return found


def _matters(moved: Jump, unit: str) -> bool:
    return abs(moved.distance) >= FAR and (unit == "share" or abs(moved.value - moved.middle) >= FEWEST)


def jump(values: Floats) -> Jump | None:
    """The last value against those before; None where fewer than 14 are known or nothing ever moves."""
    *_rest, value = values
    before = values[:-1][~np.isnan(values[:-1])]
    if np.isnan(value) or len(before) < LEAST:
        return None
    middle = float(np.median(before))
    spread = 1.4826 * float(np.median(np.abs(before - middle))) or float(before.std())
    if not spread:
        return None
    return Jump(float(value), middle, (float(value) - middle) / spread)


def _told(about: About, key: str, moved: Jump, day: int) -> News:
    entry = metric(key)
    is_up = moved.distance > 0
    title = (_("{name}明显偏高") if is_up else _("{name}明显偏低")).format(name=entry.label)
    usual, value = said(_whole(moved.middle, entry.unit), entry.unit), said(moved.value, entry.unit)
    proof = _("当天 {value}，近 {n} 天通常为 {usual}").format(value=value, n=DAYS, usual=usual)
    is_good = entry.good == ("up" if is_up else "down")
    url = people_url(about.scope, key, day, day) if about.scope.staff.may("members.read") else ""
    return News(title, proof, abs(moved.distance), "ok" if is_good else "warn", url)


def _whole(value: float, unit: str) -> float:
    return value if unit == "share" else float(round(value))

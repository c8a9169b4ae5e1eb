"""Before and after: the playbook's metric over as many days before the start as after it, with an interval."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
from numpy.typing import NDArray

from qunying.kit import days
from qunying.metrics.asking import Asker, metric
from qunying.metrics.readings import series_of
from qunying.playbooks.kinds import playbook
from qunying.playbooks.models import Run

Z = 1.96
RIPE = 8
"""Days a cohort of 7-day retention needs until it can be read."""


def measure(run: Run, *, at: dt.datetime) -> dict[str, object]:
    """The fields of the run's Review; None where a side cannot be told."""
    book = playbook(run.playbook)
    start, window = days.number(run.started_on), book.window
    fields: dict[str, object] = {"metric": book.metric, "good": book.good}
    if metric(book.metric).window == "cohort":
        return fields | _shares(run, book.metric, start, window, at)
    values = series_of(
        run.brand,
        [book.metric],
        first=start - window,
        last=start + window - 1,
        communities=(run.community_id,),
    )[book.metric, run.community_id]
    return fields | _means(values[:window], values[window:])


def _means(before: NDArray[np.float64], after: NDArray[np.float64]) -> dict[str, object]:
    """Means per day and the interval of their difference (Welch)."""
    before, after = before[np.isfinite(before)], after[np.isfinite(after)]
    found: dict[str, object] = {"before_n": len(before), "after_n": len(after), "is_share": False}
    if not len(before) or not len(after):
        return found
    one, two = float(before.mean()), float(after.mean())
    found |= {"before": one, "after": two}
    if len(before) > 1 and len(after) > 1:
        error = math.sqrt(float(before.var(ddof=1)) / len(before) + float(after.var(ddof=1)) / len(after))
        found |= {"low": two - one - Z * error, "high": two - one + Z * error}
    return found


def _shares(run: Run, key: str, start: int, window: int, at: dt.datetime) -> dict[str, object]:
    """Shares of those who joined before and after, and Newcombe's interval of their difference."""
    asker = Asker(run.brand, [run.community], at=at)
    before = asker.ask(key, start - window, start - 1)
    after = asker.ask(key, start, start + window - RIPE)
    found: dict[str, object] = {
        "before_n": before.denominator or 0,
        "after_n": after.denominator or 0,
        "is_share": True,
    }
    if before.value is None or after.value is None:
        return found
    one, two = float(before.value), float(after.value)
    low, high = newcombe(
        (before.numerator or 0, before.denominator or 1), (after.numerator or 0, after.denominator or 1)
    )
    return found | {"before": one, "after": two, "low": low, "high": high}


def newcombe(before: tuple[int, int], after: tuple[int, int]) -> tuple[float, float]:
    """95 % interval of after − before for two shares given as (hits, tries)."""
    one, two = before[0] / before[1], after[0] / after[1]
    low_one, high_one = wilson(*before)
    low_two, high_two = wilson(*after)
    difference = two - one
    low = difference - math.sqrt((two - low_two) ** 2 + (high_one - one) ** 2)
    high = difference + math.sqrt((high_two - two) ** 2 + (one - low_one) ** 2)
    return low, high


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """95 % interval of a share."""
    share = hits / tries
    middle = share + Z * Z / (2 * tries)
    half = Z * math.sqrt(share * (1 - share) / tries + Z * Z / (4 * tries * tries))
    below = 1 + Z * Z / tries
    return (middle - half) / below, (middle + half) / below

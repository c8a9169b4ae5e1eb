"""The statistics of detectors: rolling sums, a usual level that weekdays and single odd days do not move, and
how many standard deviations a count or a share lies from it. Arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MAD_TO_SD = 1.4826
LEVEL = 5.0
"""Standard deviations needed. We look at nineteen things a day in each community, so one in three million is
none too strict."""


def rolling(series: Floats, days: int) -> Floats:
    """Sum of the `days` values ending at each place; fewer at the start."""
    total = np.concatenate([np.zeros((*series.shape[:-1], 1)), np.cumsum(series, axis=-1)], axis=-1)
    end = np.arange(1, series.shape[-1] + 1)
    found: Floats = total[..., end] - total[..., np.maximum(end - days, 0)]
    return found


def week_and_before(series: Floats) -> tuple[Floats, Floats]:
    """Sums of the seven days that end at each place, and of the four weeks before them."""
    month = np.concatenate([np.zeros(7), rolling(series, 28)])[: len(series)]
    return rolling(series, 7), month


def usual(series: Floats, *, past: int, gap: int) -> tuple[Floats, Floats]:
    """(median, spread) over the `past` values that end `gap` before each place; nan where fewer than half are known.

    The spread is the median absolute deviation on the scale of a standard deviation.
    """
    padded = np.concatenate([np.full(past + gap - 1, np.nan), series])
    windows = sliding_window_view(padded, past)[: len(series)]
    known = np.isfinite(windows).sum(axis=1)
    enough = known * 2 >= past
    middle, spread = np.full(len(series), np.nan), np.full(len(series), np.nan)
    some = windows[enough]
    if len(some):
        middle[enough] = np.nanmedian(some, axis=1)
        spread[enough] = MAD_TO_SD * np.nanmedian(np.abs(some - middle[enough][:, None]), axis=1)
    return middle, spread


def same_weekdays(series: Floats, *, weeks: int, gap: int = 1) -> Floats:
    """For each day the median of the same weekday in the `weeks` that end `gap` weeks before; nan where under
    half known."""
    lagged = np.full((weeks, len(series)), np.nan)
    for place in range(weeks):
        shift = 7 * (gap + place)
        if shift < len(series):
            lagged[place, shift:] = series[: len(series) - shift]
    known = np.isfinite(lagged).sum(axis=0) * 2 >= weeks
    found = np.full(len(series), np.nan)
    if known.any():
        found[known] = np.nanmedian(lagged[:, known], axis=0)
    return found


def poisson(count: Floats, mean: Floats) -> Floats:
    """How many standard deviations a count lies above its mean, by Anscombe's root; negative below."""
    found: Floats = 2 * (np.sqrt(np.maximum(count, 0) + 0.375) - np.sqrt(np.maximum(mean, 0) + 0.375))
    return found


def shares(hits: Floats, tries: Floats, other_hits: Floats, other_tries: Floats) -> Floats:
    """How many standard deviations the first share lies above the second (pooled two-sample test); 0 where one
    is empty."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (hits + other_hits) / (tries + other_tries)
        error = np.sqrt(pooled * (1 - pooled) * (1 / tries + 1 / other_tries))
        found: Floats = (hits / tries - other_hits / other_tries) / error
    return np.where(np.isfinite(found), found, 0.0)


def ratio(above: Floats, below: Floats) -> Floats:
    """above ÷ below, nan where there is nothing below."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(below > 0, above / np.where(below > 0, below, 1), np.nan)
    return found

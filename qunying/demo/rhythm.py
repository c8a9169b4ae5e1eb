"""When people talk: hours, weekdays, holidays, better and worse days, and bursts within a day."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np

from qunying.demo.columns import DAY, HOUR, MINUTE, NONE, SECOND, Chance, Ints, Reals

ZONE: Final = dt.timezone(dt.timedelta(hours=8))

EVENING: Final = (2, 1, 0.5, 0.3, 0.3, 0.6, 2, 5, 9, 9, 9, 10, 14, 12, 8, 8, 8, 9, 11, 15, 19, 20, 14, 6)
MORNING: Final = (1, 0.5, 0.3, 0.2, 0.3, 2, 12, 21, 19, 12, 9, 8, 11, 9, 6, 6, 6, 7, 8, 11, 14, 13, 8, 3)
DAYTIME: Final = (
    1,
    0.5,
    0.3,
    0.2,
    0.2,
    0.5,
    2,
    5,
    10,
    15,
    17,
    16,
    15,
    14,
    14,
    15,
    15,
    14,
    13,
    13,
    13,
    11,
    7,
    3,
)
PROFILES: Final = {"evening": EVENING, "morning": MORNING, "daytime": DAYTIME}

SPRING_FESTIVALS: Final = (
    dt.date(2024, 2, 9),
    dt.date(2025, 1, 28),
    dt.date(2026, 2, 16),
    dt.date(2027, 2, 5),
    dt.date(2028, 1, 25),
)
SESSIONS_A_DAY: Final = 9
OPENS: Final = 9 * HOUR
CLOSES: Final = 21 * HOUR + 30 * MINUTE


def midnight(day: dt.date) -> int:
    """The first millisecond of the day in Asia/Shanghai, in milliseconds UTC."""
    return int(dt.datetime.combine(day, dt.time(), ZONE).timestamp()) * SECOND


def is_holiday(day: dt.date) -> bool:
    """New Year, Spring Festival week, Labour Day and National Day: people are elsewhere."""
    if (
        (day.month, day.day) == (1, 1)
        or (day.month == 5 and day.day <= 5)
        or (day.month == 10 and day.day <= 7)
    ):
        return True
    return any(0 <= (day - start).days < 8 for start in SPRING_FESTIVALS)


def day_factors(chance: Chance, first: dt.date, days: int, *, weekend: float) -> Reals:
    """How lively each day is around 1: weekday, holiday dip, daily noise and now and then a lucky day."""
    dates = [first + dt.timedelta(days=number) for number in range(days)]
    weekly = np.array([weekend if date.weekday() >= 5 else 1.0 for date in dates])
    holiday = np.array([0.9 if is_holiday(date) else 1.0 for date in dates])
    noise = 1 + 0.05 * np.clip(chance.standard_normal(days), -2, 2)
    lucky = np.where(chance.random(days) < 0.02, 1.25, 1.0)
    return np.asarray(np.round(weekly * holiday * noise * lucky, 6), dtype=np.float64)


def seconds_of_day(chance: Chance, profile: str, size: int) -> Ints:
    """Moments in the day, in milliseconds, drawn by the hour profile."""
    weights = np.array(PROFILES[profile])
    edges = np.cumsum(weights) / weights.sum()
    hours = np.searchsorted(edges, chance.random(size), side="right").clip(0, 23)
    return np.asarray(hours * HOUR + chance.integers(0, HOUR, size), dtype=np.int64)


def moments(chance: Chance, profile: str, day: Ints, days: int) -> Ints:
    """A moment for each row of `day` (ms since the first midnight): most lie in a few talks of the day."""
    starts = seconds_of_day(chance, profile, days * SESSIONS_A_DAY).reshape(days, SESSIONS_A_DAY)
    talk = np.minimum(chance.geometric(0.3, len(day)) - 1, SESSIONS_A_DAY - 1)
    in_talk = starts[day, talk] + (chance.standard_exponential(len(day)) * 8 * MINUTE).astype(np.int64)
    alone = seconds_of_day(chance, profile, len(day))
    inside = np.where(chance.random(len(day)) < 0.75, in_talk, alone)
    return np.asarray(day * DAY + np.minimum(inside, DAY - SECOND), dtype=np.int64)


def answered_at(chance: Chance, asked: Ints) -> Ints:
    """When staff answer (on the scale of `asked`), or NONE: minutes on duty, next morning after hours."""
    clock = asked % DAY
    on_duty = (clock >= OPENS) & (clock < CLOSES)
    usual = chance.gamma(2.0, 3.2, len(asked)) + np.where(chance.random(len(asked)) < 0.06, 25, 0.6)
    opening = np.where(clock < OPENS, asked - clock, asked - clock + DAY) + OPENS
    answer = np.where(on_duty, asked, opening) + (usual * MINUTE).astype(np.int64)
    seen = chance.random(len(asked)) < np.where(on_duty, 0.92, 0.78)
    return np.asarray(np.where(seen, answer, NONE), dtype=np.int64)

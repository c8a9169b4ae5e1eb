"""Daily readings of the metrics that detectors, cards and reports follow. Taking them again gives the same rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from qunying.audiences.columns import real_communities
from qunying.brands.actions import lock
from qunying.brands.models import Brand
from qunying.brands.rows import insert_rows
from qunying.communities.models import Community
from qunying.metrics.board import board, stays_board
from qunying.metrics.daily import Spans, daily_counts, daily_stages
from qunying.metrics.models import Reading

Ints = NDArray[np.int64]
RATIOS = {
    "stickiness": ("dau", "mau"),
    "speaking_rate": ("speakers", "present_any"),
    "active_share": ("dau", "present_any"),
}
LATE_DAYS = 35
"""Days older than this that change get a “restated” mark (kpi.md G11)."""


@dataclass(frozen=True)
class Series:
    """One metric of one community (None: the brand) over the days from `first`; nan where there is no reading."""

    metric: str
    community: int | None
    first: int
    values: NDArray[np.float64]


@transaction.atomic
def bring_up_to_date(brand: Brand, *, at: dt.datetime, since: int | None = None) -> int:
    """Write the readings of every covered day for every community and the brand, and the stage spans; answers how many.

    Days outside a community's cover get none. Two that end their imports at once take turns. Whoever names a day
    `since` knows that nothing touched the days before it (see `catching_up`); those stay as they are.
    """
    lock(brand)
    places = covered_communities(brand)
    if not places:
        Reading.objects.filter(brand=brand).delete()
        return 0
    first, last = span_of(brand, places, at)
    start = first if since is None else max(first, since)
    rows: list[Row] = []
    if start <= last:
        spans = Spans.WHOLE if start == first else Spans.LATEST
        table = _tables(brand, [row.pk for row in places], start, last, spans)
        covered = _cover(places, start, last)
        for metric, (value, above, below) in table.items():
            for line, community in enumerate([*places, None]):
                columns = (value[line], above[line], below[line] if below is not None else None)
                rows += _rows(brand, metric, community, start, covered[line], columns)
    _write(brand, rows, at, None if start == first else start)
    return len(rows)


def covered_communities(brand: Brand) -> list[Community]:
    """The communities that count and of which any day is known."""
    return [row for row in real_communities(brand) if row.covered_from is not None]


def span_of(brand: Brand, places: Sequence[Community], at: dt.datetime) -> tuple[int, int]:
    """The first and the last day of which there are readings."""
    first = min(row.covered_from or 0 for row in places)
    return first, min(brand.today(at), max(row.covered_to or 0 for row in places))


Table = tuple[NDArray[np.float64], Ints, Ints | None]


def _tables(brand: Brand, places: Sequence[int], first: int, last: int, spans: Spans) -> dict[str, Table]:
    shown = board(brand, places, first, last)
    counts: dict[str, Ints] = {
        "dau": shown.dau,
        "wau": shown.wau,
        "mau": shown.mau,
        "speakers": shown.speakers,
    }
    counts |= stays_board(brand, places, first, last)
    counts |= daily_counts(brand, places, first, last)
    counts |= daily_stages(brand, places, first, last, with_spans=spans)
    tables: dict[str, Table] = {
        name: (array.astype(np.float64), array, None)
        for name, array in counts.items()
        if name != "present_any"
    }
    for name, (above, below) in RATIOS.items():
        base = counts[below]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(base > 0, counts[above] / np.maximum(base, 1), np.nan)
        tables[name] = (share, counts[above], base)
    return tables


def _cover(places: Sequence[Community], first: int, last: int) -> NDArray[np.bool_]:
    """[row, day]: whether the community is covered; the brand's row wants any of them."""
    grid = np.arange(first, last + 1)
    rows = [(grid >= (row.covered_from or 0)) & (grid <= (row.covered_to or 0)) for row in places]
    return np.array([*rows, np.any(rows, axis=0)])


COLUMNS = (
    "brand_id",
    "community_id",
    "metric",
    "day",
    "value",
    "numerator",
    "denominator",
    "version",
    "restated_on",
)
Row = tuple[int, int | None, str, int, float | None, int, int | None, int]


def _rows(
    brand: Brand,
    metric: str,
    community: Community | None,
    first: int,
    covered: NDArray[np.bool_],
    columns: tuple[NDArray[np.float64], Ints, Ints | None],
) -> list[Row]:
    value, above, below = columns
    pk = community.pk if community else None
    found: list[Row] = []
    for place in np.flatnonzero(covered).tolist():
        number = float(value[place])
        base = None if below is None else int(below[place])
        found.append(
            (
                brand.pk,
                pk,
                metric,
                first + place,
                None if np.isnan(number) else number,
                int(above[place]),
                base,
                1,
            )
        )
    return found


def _write(brand: Brand, rows: Sequence[Row], at: dt.datetime, since: int | None) -> None:
    """Replace the readings, or those of the day `since` and later; a value of an old day that changed is marked as
    restated."""
    late = brand.today(at) - LATE_DAYS
    old_rows = Reading.objects.filter(brand=brand)
    if since is not None:
        old_rows = old_rows.filter(day__gte=since)
    before: dict[tuple[int | None, str, int], tuple[float | None, dt.date | None]] = {
        (row[0], row[1], row[2]): (row[3], row[4])
        for row in old_rows.filter(day__lte=late).values_list(
            "community_id", "metric", "day", "value", "restated_on"
        )
    }
    old_rows.delete()
    today = at.astimezone(brand.clock.zone).date()
    full = []
    for row in rows:
        old = before.get((row[1], row[2], row[3]))
        mark = None if old is None else old[1] if old[0] == row[4] else today
        full.append((*row, mark))
    insert_rows(Reading, COLUMNS, full)


def series(brand: Brand, metric: str, *, first: int, last: int, community: int | None = None) -> Series:
    """The metric's readings over the days, nan where there is none."""
    values = np.full(last - first + 1, np.nan)
    rows = Reading.objects.filter(brand=brand, community=community, metric=metric, day__range=(first, last))
    for day, value in rows.values_list("day", "value"):
        values[day - first] = np.nan if value is None else value
    return Series(metric, community, first, values)


def series_of(
    brand: Brand,
    metrics: Sequence[str],
    *,
    first: int,
    last: int,
    communities: Sequence[int | None] = (None,),
) -> dict[tuple[str, int | None], NDArray[np.float64]]:
    """Many series in one query: (metric, community) → values over the days, nan where there is none."""
    found = {
        (metric, place): np.full(last - first + 1, np.nan) for metric in metrics for place in communities
    }
    inside = [place for place in communities if place is not None]
    asked = [f"community_id IN ({', '.join(['%s'] * len(inside))})"] if inside else []
    asked += ["community_id IS NULL"] if None in communities else []
    with connection.cursor() as cursor:
        names = ", ".join(["%s"] * len(metrics))
        cursor.execute(
            f"SELECT metric, community_id, day, value FROM {Reading._meta.db_table} "
            f"WHERE brand_id = %s AND ({' OR '.join(asked)}) AND day BETWEEN %s AND %s AND metric IN ({names})",
            [brand.pk, *inside, first, last, *metrics],
        )
        for metric, place, day, value in cursor.fetchall():
            values = found.get((metric, place))
            if values is not None and value is not None:
                values[day - first] = value
    return found

"""The numbers of a page's cards: daily values from the readings, period values exact, each beside the period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qunying.audiences.columns import columns
from qunying.audiences.keeping import Shelf
from qunying.communities.models import Community
from qunying.communities.scope import Scope
from qunying.metrics.board import Keep, board, load, stays_board
from qunying.metrics.daily import daily_counts, daily_stages, present_any
from qunying.metrics.models import Reading
from qunying.metrics.periods import Period
from qunying.metrics.readings import RATIOS, series_of
from qunying.metrics.spans import Share, Spans

Floats = NDArray[np.float64]
WEEK = 7


@dataclass(frozen=True)
class Rates:
    """Shares of one period; `retained` is of those who joined in the equally long period a week earlier."""

    speaking: Share
    active: Share
    retained: Share


Daily = dict[str, Floats]
_rates: Shelf[tuple[Rates, Rates]] = Shelf(512)
_daily: Shelf[Daily] = Shelf(64)


def daily(scope: Scope, names: Sequence[str], first: int, last: int) -> Daily:
    """Values of each day, nan where there is none; worked out where no readings are kept for the scope. Readings
    leave out bots, tests and staff, so with everybody there are none."""
    is_kept = scope.is_brand or (len(scope.places) == 1 and not scope.known[0].is_excluded)
    if is_kept and not scope.with_everybody:
        place = None if scope.is_brand else scope.places[0]
        found = series_of(scope.brand, names, first=first, last=last, communities=(place,))
        return {name: found[name, place] for name in names}
    if not scope.places:
        return {name: np.full(last - first + 1, np.nan) for name in names}
    key = (*_key(scope), first, last, tuple(names))
    return _daily.get(key, lambda: _worked_out(scope, names, first, last))


def _key(scope: Scope) -> tuple[object, ...]:
    """What the values of a scope depend on beside their days."""
    version = columns(scope.brand).version
    return (bytes(scope.brand.key), version, scope.position, scope.places, scope.with_everybody)


def _worked_out(scope: Scope, names: Sequence[str], first: int, last: int) -> Daily:
    """The same from the sets, for the communities of a region, a chapter or a staff member's reach, or with
    everybody."""
    brand, places, everybody = scope.brand, scope.places, scope.with_everybody
    table: dict[str, NDArray[np.int64]] = {}
    if any(name.startswith("stage.") for name in names):
        table |= daily_stages(brand, places, first, last, with_everybody=everybody)
    if not all(name.startswith("stage.") for name in names):
        shown = board(brand, places, first, last, with_everybody=everybody)
        table |= {"dau": shown.dau, "wau": shown.wau, "mau": shown.mau, "speakers": shown.speakers}
        table |= stays_board(brand, places, first, last, with_everybody=everybody)
        table |= daily_counts(brand, places, first, last, with_everybody=everybody)
    found = {name: array[-1].astype(np.float64) for name, array in table.items()}
    for name, (above, below) in RATIOS.items() if "dau" in found else ():
        with np.errstate(divide="ignore", invalid="ignore"):
            found[name] = np.where(found[below] > 0, found[above] / found[below], np.nan)
    each = np.arange(first, last + 1)
    unknown = (each < scope.since) | (each > scope.as_of)
    return {name: np.where(unknown, np.nan, found.get(name, np.nan)) for name in names}


def rolled_up(scope: Scope, nodes: Sequence[Community], first: int, last: int) -> dict[int, Daily]:
    """Daily values of each region or chapter, everybody once; the sets are read once for all of them."""
    below = {row.pk: replace(scope, node=row) for row in nodes}
    below = {pk: own for pk, own in below.items() if own.places}
    if not below:
        return {}
    loaded = load(scope.brand, first, last)
    found = {}
    for pk, own in below.items():
        shown = board(scope.brand, own.places, first, last, loaded=loaded)
        table = stays_board(scope.brand, own.places, first, last, loaded=loaded)
        there = present_any(loaded.held, Keep(loaded.held, own.places), len(own.places), first, last)[-1]
        values = {name: table[name][-1].astype(np.float64) for name in ("present", "joins", "leaves")}
        values["dau"] = shown.dau[-1].astype(np.float64)
        values["speaking_rate"] = np.where(there > 0, shown.speakers[-1] / np.maximum(there, 1), np.nan)
        each = np.arange(first, last + 1)
        unknown = (each < own.since) | (each > own.as_of)
        found[pk] = {name: np.where(unknown, np.nan, array) for name, array in values.items()}
    return found


def rates(scope: Scope, period: Period) -> tuple[Rates, Rates]:
    """The period's shares and those of the period before it."""
    return _rates.get((*_key(scope), period.first, period.last), lambda: _both(scope, period))


def _both(scope: Scope, period: Period) -> tuple[Rates, Rates]:
    first = period.before.first
    spans = Spans(scope.brand, scope.places, first, period.last, with_everybody=scope.with_everybody)
    return _rates_of(spans, period), _rates_of(spans, period.before)


def _rates_of(spans: Spans, period: Period) -> Rates:
    there = spans.present(period.first, period.last)
    spoke, acted = spans.spoke(period.first, period.last), spans.active(period.first, period.last)
    return Rates(
        speaking=Share(len(spoke & there), len(there)),
        active=Share(len(acted & there), len(there)),
        retained=spans.retained(period.first - WEEK, period.last - WEEK, WEEK),
    )


def restated(scope: Scope, metric: str) -> str:
    """The latest day on which an old value of the metric changed, or nothing."""
    place = scope.node.pk if scope.node is not None else None
    rows = Reading.objects.filter(brand=scope.brand, community=place, metric=metric).exclude(restated_on=None)
    last = rows.order_by("-restated_on").values_list("restated_on", flat=True).first()
    return last.isoformat() if last else ""

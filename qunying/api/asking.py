"""A metric's answer in the words of `qunying metric --json`, within the caller's communities."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from qunying.communities.scope import Scope
from qunying.kit import days
from qunying.kit.errors import Invalid
from qunying.metrics.asking import Asker, listing, metric
from qunying.metrics.series import as_json, series


@dataclass(frozen=True)
class Period:
    """What was written: one day, or a period with its step. Empty texts mean the last day we know of."""

    on: str = ""
    since: str = ""
    until: str = ""
    by: str = ""


@dataclass(frozen=True)
class Told:
    """The body of the answer, and the members behind the numerators, step by step."""

    body: dict[str, object]
    people: list[int]


def ask(scope: Scope, key: str, period: Period, *, at: dt.datetime) -> Told:
    """The metric over one day, a period, or the period's steps. Of a step that is not over, the known days are counted
    and it is marked as partial."""
    entry = metric(key)
    places = sorted(scope.communities, key=lambda row: row.pk)
    asker = Asker(scope.brand, places, at=at, with_everybody=scope.with_everybody)
    last = day_of(period.on or period.until) if period.on or period.until else asker.as_of
    first = day_of(period.on or period.since) if period.on or period.since else last
    steps = series(asker, entry, first, last, by=period.by)
    people = [line.member for step in steps for line in listing(step.question, step.answer)]
    return Told(as_json(asker, entry, places, steps), people)


def day_of(text: str) -> int:
    """A written day as a number, or Invalid."""
    try:
        return days.number(dt.date.fromisoformat(text))
    except ValueError as error:
        raise Invalid("metrics.bad_date", text=text) from error

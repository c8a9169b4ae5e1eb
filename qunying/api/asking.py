"""A metric's answer in the words of `qunying metric --json`, within the caller's communities."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from qunying.communities.scope import Scope
from qunying.kit import days
from qunying.kit.errors import Invalid
from qunying.metrics.asking import Asker, Bucket, buckets, listing, metric
from qunying.metrics.kinds import Answer, Question


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
    if period.by not in ("", "day", "week", "month"):
        raise Invalid("metrics.bad_triangle", by=period.by, step=period.by)
    entry = metric(key)
    places = sorted(scope.communities, key=lambda row: row.pk)
    asker = Asker(scope.brand, places, at=at)
    last = day_of(period.on or period.until) if period.on or period.until else asker.as_of
    first = day_of(period.on or period.since) if period.on or period.since else last
    steps = [Bucket(first, last, last > asker.as_of or last >= asker.today)]
    if period.by:
        steps = buckets(first, last, by=period.by, as_of=asker.as_of, today=asker.today)
    rows: list[dict[str, object]] = []
    people: list[int] = []
    for step in steps:
        known = min(step.last, asker.as_of) if step.first <= asker.as_of else step.last
        question = asker.question(step.first, known)
        answer = asker.put(entry, question)
        rows.append(_row(question, answer, step))
        people += [line.member for line in listing(question, answer)]
    body: dict[str, object] = {
        "metric": entry.key,
        "label": str(entry.label),
        "unit": entry.unit,
        "window": entry.window,
        "version": entry.version,
        "formula": str(entry.formula),
        "zone": scope.brand.zone,
        "communities": [row.name for row in places],
        "rows": rows,
    }
    return Told(body, people)


def day_of(text: str) -> int:
    """A written day as a number, or Invalid."""
    try:
        return days.number(dt.date.fromisoformat(text))
    except ValueError as error:
        raise Invalid("metrics.bad_date", text=text) from error


def _row(question: Question, answer: Answer, step: Bucket) -> dict[str, object]:
    return {
        "from": days.date(step.first).isoformat(),
        "to": days.date(step.last).isoformat(),
        "value": answer.value,
        "numerator": answer.numerator,
        "denominator": answer.denominator,
        "state": answer.state,
        "reason": str(answer.reason),
        "partial": step.is_partial,
        "missing": [community.name for community in question.missing],
    }

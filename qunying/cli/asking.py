"""Asks a metric from the command line: days from text, one answer per step, the list on request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from qunying.brands.models import Brand
from qunying.communities.models import Community
from qunying.communities.queries import leaves, named
from qunying.kit import days
from qunying.kit.errors import Invalid
from qunying.members.models import Member
from qunying.metrics.asking import Asker, buckets, listing, metric
from qunying.metrics.kinds import Answer, Metric, Question


@dataclass(frozen=True)
class Asked:
    """What came back: one row per step, and the last step's question for the list."""

    entry: Metric
    rows: list[dict[str, object]]
    answers: list[tuple[Question, Answer]]
    body: dict[str, object]


def ask_series(
    brand: Brand, name: str, *, community: str, on: str, since: str, until: str, by: str, at: dt.datetime
) -> Asked:
    """The metric over one day, a period, or the period's steps."""
    entry = metric(name)
    rows = list(Community.objects.filter(brand=brand).order_by("pk"))
    places = leaves(rows, named(brand, community)) if community else [row for row in rows if _is_real(row)]
    asker = Asker(brand, places, at=at)
    last = day_of(on or until) if on or until else asker.as_of
    first = day_of(on or since) if on or since else last
    steps = [(first, last, last >= asker.today)]
    if by:
        steps = [
            (step.first, step.last, step.is_partial)
            for step in buckets(first, last, by=by, as_of=asker.as_of, today=asker.today)
        ]
    answers, told = [], []
    for begin, end, partial in steps:
        question = asker.question(begin, end)
        answer = asker.put(entry, question)
        answers.append((question, answer))
        told.append(as_row(question, answer, partial=partial))
    return Asked(entry, told, answers, _body(entry, brand, places, told))


def _is_real(row: Community) -> bool:
    return row.level == Community.Level.COMMUNITY and not row.is_test


def day_of(text: str) -> int:
    """A written day as a number, or Invalid."""
    try:
        return days.number(dt.date.fromisoformat(text))
    except ValueError as error:
        raise Invalid("metrics.bad_date", text=text) from error


def as_row(question: Question, answer: Answer, *, partial: bool) -> dict[str, object]:
    """One step with both parts, its state, and who is missing from it."""
    return {
        "from": days.date(question.first).isoformat(),
        "to": days.date(question.last).isoformat(),
        "value": answer.value,
        "numerator": answer.numerator,
        "denominator": answer.denominator,
        "state": answer.state,
        "reason": str(answer.reason),
        "partial": partial,
        "missing": [community.name for community in question.missing],
    }


def _body(
    entry: Metric, brand: Brand, places: list[Community], rows: list[dict[str, object]]
) -> dict[str, object]:
    return {
        "metric": entry.key,
        "label": str(entry.label),
        "unit": entry.unit,
        "window": entry.window,
        "version": entry.version,
        "formula": str(entry.formula),
        "zone": brand.zone,
        "communities": [row.name for row in places],
        "rows": rows,
    }


def listed(asked: Asked) -> list[dict[str, object]]:
    """The lines behind the numerators, step by step."""
    found = []
    for question, answer in asked.answers:
        lines = listing(question, answer)
        names = dict(Member.objects.filter(pk__in={line.member for line in lines}).values_list("pk", "name"))
        for line in lines:
            at = question.brand.clock.local(line.at).isoformat() if line.at is not None else None
            found.append({"member": line.member, "name": names.get(line.member, ""), "at": at})
    return found

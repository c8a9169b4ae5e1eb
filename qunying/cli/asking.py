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
from qunying.metrics.asking import Asker, Bucket, buckets, listing, metric
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
    """The metric over one day, a period, or the period's steps. Of a step that is not over, or lies partly beyond what
    we know, the known days are counted and it is marked as partial."""
    entry = metric(name)
    asked = places(brand, community)
    asker = Asker(brand, asked, at=at)
    last = day_of(on or until) if on or until else asker.as_of
    first = day_of(on or since) if on or since else last
    steps = [Bucket(first, last, last > asker.as_of or last >= asker.today)]
    if by:
        steps = buckets(first, last, by=by, as_of=asker.as_of, today=asker.today)
    answers, told = [], []
    for step in steps:
        known = min(step.last, asker.as_of) if step.first <= asker.as_of else step.last
        question = asker.question(step.first, known)
        answer = asker.put(entry, question)
        answers.append((question, answer))
        told.append(as_row(question, answer, step=step))
    return Asked(entry, told, answers, _body(entry, brand, asked, told))


def places(brand: Brand, community: str = "") -> list[Community]:
    """The real communities at or below the named node; without a name all of the brand."""
    rows = list(Community.objects.filter(brand=brand).order_by("pk"))
    return leaves(rows, named(brand, community)) if community else [row for row in rows if _is_real(row)]


def _is_real(row: Community) -> bool:
    return row.level == Community.Level.COMMUNITY and not row.is_test


def day_of(text: str) -> int:
    """A written day as a number, or Invalid."""
    try:
        return days.number(dt.date.fromisoformat(text))
    except ValueError as error:
        raise Invalid("metrics.bad_date", text=text) from error


def as_row(question: Question, answer: Answer, *, step: Bucket) -> dict[str, object]:
    """One step with both parts, its state, and who is missing from it."""
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

"""Asks a metric from the command line: days from text, one answer per step, the list on request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from qunying.brands.models import Brand
from qunying.communities.models import Community
from qunying.communities.queries import counted, leaves, named
from qunying.kit import days
from qunying.kit.errors import Invalid
from qunying.members.models import Member
from qunying.metrics.asking import Asker, listing, metric
from qunying.metrics.series import Step, as_json, series


@dataclass(frozen=True)
class Asked:
    """What came back: the answer in words, and the steps for the list."""

    steps: list[Step]
    body: dict[str, object]


def ask_series(
    brand: Brand,
    name: str,
    *,
    community: str,
    on: str,
    since: str,
    until: str,
    by: str,
    at: dt.datetime,
    with_everybody: bool = False,
) -> Asked:
    """The metric over one day, a period, or the period's steps; without days, of the last one we know."""
    entry = metric(name)
    asked = places(brand, community)
    asker = Asker(brand, asked, at=at, with_everybody=with_everybody)
    last = day_of(on or until) if on or until else asker.as_of
    first = day_of(on or since) if on or since else last
    steps = series(asker, entry, first, last, by=by)
    return Asked(steps, as_json(asker, entry, asked, steps))


def places(brand: Brand, community: str = "") -> list[Community]:
    """The real communities at or below the named node; without a name all of the brand. A test only by its own name."""
    if not community:
        return list(counted(brand).order_by("pk"))
    node = named(brand, community)
    below = leaves(list(Community.objects.filter(brand=brand).order_by("pk")), node)
    return [row for row in below if not row.is_excluded or row.pk == node.pk]


def day_of(text: str) -> int:
    """A written day as a number, or Invalid."""
    try:
        return days.number(dt.date.fromisoformat(text))
    except ValueError as error:
        raise Invalid("metrics.bad_date", text=text) from error


def listed(asked: Asked) -> list[dict[str, object]]:
    """The lines behind the numerators, step by step."""
    found = []
    for step in asked.steps:
        question = step.question
        lines = listing(question, step.answer)
        names = dict(Member.objects.filter(pk__in={line.member for line in lines}).values_list("pk", "name"))
        for line in lines:
            at = question.brand.clock.local(line.at).isoformat() if line.at is not None else None
            found.append({"member": line.member, "name": names.get(line.member, ""), "at": at})
    return found

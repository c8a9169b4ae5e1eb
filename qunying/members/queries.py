"""Reads of members used more than once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from qunying.brands.models import Brand
from qunying.kit.errors import Invalid
from qunying.members.models import Member, StaffSpan

Span = tuple[dt.date, dt.date | None]
"""First and last day, both included; no last day: it still runs."""


def homes_of(brand: Brand, members: Iterable[int]) -> list[int]:
    """These members and everybody merged with them: the home members whose facts count as theirs."""
    asked = list(members)
    roots = set(Member.objects.filter(brand=brand, pk__in=asked).values_list("merged_into_id", flat=True)) - {
        None
    }
    roots.update(asked)
    below = Member.objects.filter(brand=brand, merged_into__in=roots).values_list("pk", flat=True)
    return sorted({*(root for root in roots if root is not None), *below})


def spans_of_many(brand: Brand, people: Iterable[int]) -> dict[int, list[Span]]:
    """Person → days on which they, whoever is merged with them included, act for the brand. Nobody asked is missing."""
    found: dict[int, list[Span]] = {pk: [] for pk in people}
    rows = StaffSpan.objects.filter(member__brand=brand).order_by("from_on", "pk")
    for pk, root, start, end in rows.values_list("member", "member__merged_into", "from_on", "until_on"):
        if (root or pk) in found:
            found[root or pk].append((start, end))
    return {pk: united(spans) for pk, spans in found.items()}


def spans_of(member: Member) -> list[Span]:
    """The days on which the person, whoever is merged with them included, acts for the brand."""
    rows = StaffSpan.objects.filter(member__in=homes_of(member.brand, [member.pk]))
    return united(list(rows.values_list("from_on", "until_on")))


def united(spans: Sequence[Span]) -> list[Span]:
    """The days in order, spans that overlap or follow on each other as one."""
    found: list[Span] = []
    for start, end in sorted(spans, key=lambda span: span[0]):
        if end is not None and end < start:
            raise Invalid("members.staff_days")
        past = found[-1] if found else None
        if past is None or (past[1] is not None and start > past[1] + dt.timedelta(days=1)):
            found.append((start, end))
        else:
            found[-1] = (past[0], None if past[1] is None or end is None else max(past[1], end))
    return found

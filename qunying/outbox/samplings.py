"""抽查: what was drawn, how far the supervisors have come, and how good it was."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from qunying.brands.models import Staff
from qunying.kit.errors import Missing
from qunying.outbox.models import Draft, Sample, Sampling, Todo
from qunying.outbox.queries import drafts, todos

VERDICT = Sample.Verdict


@dataclass(frozen=True)
class Result:
    """`good` of `seen` are as they should be, of `drawn` that were drawn."""

    good: int
    seen: int
    drawn: int

    @property
    def percent(self) -> float | None:
        """None while nobody has looked at any."""
        return 100 * self.good / self.seen if self.seen else None


def samplings(staff: Staff) -> QuerySet[Sampling]:
    """Those of the staff member's communities, of the whole brand for who has all of it; with their counts."""
    rows = Sampling.objects.filter(brand=staff.brand).select_related("brand", "community", "by__account")
    rows = rows if staff.reach is None else rows.filter(community__in=staff.reach)
    return rows.annotate(
        drawn=Count("samples"),
        seen=Count("samples", filter=~Q(samples__verdict="")),
        good=Count("samples", filter=Q(samples__verdict=VERDICT.GOOD)),
    ).order_by("-pk")


def result(row: Sampling) -> Result:
    """Of a row that `samplings` has found."""
    good, seen, drawn = (getattr(row, name) for name in ("good", "seen", "drawn"))
    return Result(good, seen, drawn)


def one(staff: Staff, pk: int) -> Sampling:
    """The sampling if they may see it; Missing otherwise."""
    found = samplings(staff).filter(pk=pk).first()
    if found is None:
        raise Missing("outbox.no_sampling")
    return found


def sample(staff: Staff, sampling: Sampling, pk: int) -> Sample:
    """One that was drawn, if what it is about may be seen; Missing otherwise."""
    found = next((row for row, _item in drawn(staff, sampling) if row.pk == pk), None)
    if found is None:
        raise Missing("outbox.no_sampling")
    return found


def drawn(staff: Staff, sampling: Sampling) -> list[tuple[Sample, Todo | Draft]]:
    """What was drawn, in that order, with what it is about, as far as that is still there to be seen."""
    rows = list(sampling.samples.select_related("by__account").order_by("pk"))
    asked = {
        row.pk: row for row in todos(staff).filter(pk__in=[each.todo_id for each in rows if each.todo_id])
    }
    said = {
        row.pk: row for row in drafts(staff).filter(pk__in=[each.draft_id for each in rows if each.draft_id])
    }
    found: list[tuple[Sample, Todo | Draft]] = []
    for row in rows:
        item = asked.get(row.todo_id or 0) or said.get(row.draft_id or 0)
        found += [(row, item)] if item is not None else []
    return found

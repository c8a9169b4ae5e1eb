"""Reads of advice, runs and their steps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from qunying.brands.models import Staff
from qunying.diagnosis.models import Finding
from qunying.diagnosis.queries import detector, metric_label
from qunying.kit.errors import Missing
from qunying.kit.refusals import Text
from qunying.outbox.models import State
from qunying.playbooks.kinds import Playbook, playbook
from qunying.playbooks.models import Advice, Review, Run, StepRow


@dataclass(frozen=True)
class Planned:
    """One step as it would be given out."""

    number: int
    due_on: dt.date
    kind: str
    text: Text


@dataclass(frozen=True)
class Preview:
    """What accepting an advice would do: nothing is written to work it out."""

    playbook: Playbook
    community: str
    people: int
    steps: tuple[Planned, ...]
    todos: int
    drafts: int
    metric: str
    review_on: dt.date


def preview(finding: Finding, key: str, *, on: dt.date) -> Preview:
    """Who, how many, what and when, if the playbook were started on the day."""
    book = playbook(key)
    steps = tuple(
        Planned(number, on + dt.timedelta(days=step.day), step.kind, step.text)
        for number, step in enumerate(book.steps, start=1)
    )
    todos = sum(step.kind == "todo" for step in steps)
    return Preview(
        playbook=book,
        community=finding.community.name if finding.community else "",
        people=finding.size,
        steps=steps,
        todos=todos,
        drafts=len(steps) - todos,
        metric=metric_label(book.metric),
        review_on=on + dt.timedelta(days=book.window),
    )


def advice_of(finding: Finding) -> list[Advice]:
    """The finding's advice, best first; empty until it was advised."""
    rows = (
        Advice.objects.filter(finding=finding).select_related("run", "decided_by__account").order_by("rank")
    )
    declared = detector(finding.detector).advises
    return [row for row in rows if row.playbook in declared or row.state != Advice.State.PROPOSED]


def best_advice(findings: list[Finding]) -> dict[int, list[Advice]]:
    """Finding → its advice, best first, for a whole page in one query."""
    found: dict[int, list[Advice]] = {}
    rows = (
        Advice.objects.filter(finding__in=[row.pk for row in findings])
        .select_related("run__review")
        .order_by("rank")
    )
    for row in rows:
        found.setdefault(row.finding_id, []).append(row)
    return found


def one_advice(staff: Staff, pk: int) -> Advice:
    """The advice if its finding is within reach; Missing otherwise."""
    rows = Advice.objects.filter(finding__brand=staff.brand).select_related(
        "finding__community", "finding__brand"
    )
    if staff.reach is not None:
        rows = rows.filter(finding__community__in=staff.reach)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Missing("playbooks.not_found")
    return found


def runs(staff: Staff, *, community: int | None = None) -> QuerySet[Run]:
    """Runs within reach, the newest first."""
    rows = Run.objects.filter(brand=staff.brand).select_related(
        "community", "owner__account", "review", "brand", "advice__finding"
    )
    if staff.reach is not None:
        rows = rows.filter(community__in=staff.reach)
    if community is not None:
        rows = rows.filter(community=community)
    return rows.prefetch_related("steps__todo", "steps__draft").order_by("-started_on", "-pk")


def one_run(staff: Staff, pk: int) -> Run:
    """The run if its community is within reach; Missing otherwise."""
    found = runs(staff).filter(pk=pk).first()
    if found is None:
        raise Missing("playbooks.not_found")
    return found


@dataclass(frozen=True)
class StepShown:
    """A step and what became of it: done, could not be done (`reason`), overdue, due today, waiting for its day, or
    dropped with its run."""

    row: StepRow
    state: str
    done_at: dt.datetime | None = None
    reason: str = ""

    @property
    def is_open(self) -> bool:
        return self.state not in ("done", "failed", "dropped")


def steps(run: Run, *, today: dt.date) -> list[StepShown]:
    """The run's steps in order; needs `runs()`'s prefetch to cost no query."""
    found = []
    for row in sorted(run.steps.all(), key=lambda row: row.number):
        given = row.todo or row.draft
        if given is not None and given.state == State.DONE:
            found.append(StepShown(row, "done", given.done_at))
        elif given is not None and given.state == State.FAILED:
            found.append(StepShown(row, "failed", given.done_at, given.reason))
        elif run.state == Run.State.STOPPED:
            found.append(StepShown(row, "dropped"))
        elif row.due_on < today:
            found.append(StepShown(row, "overdue"))
        else:
            found.append(StepShown(row, "today" if row.due_on == today else "ahead"))
    return found


def past_results(staff: Staff) -> dict[str, tuple[int, int]]:
    """Playbook → (reviews in this brand, how many of them clearly better)."""
    found: dict[str, tuple[int, int]] = {}
    for review in Review.objects.filter(run__brand=staff.brand).select_related("run"):
        total, better = found.get(review.run.playbook, (0, 0))
        found[review.run.playbook] = (total + 1, better + (review.verdict == "better"))
    return found

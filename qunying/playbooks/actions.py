"""Verbs of playbooks: propose for findings, accept or dismiss, start, go on day by day, stop."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community
from qunying.diagnosis.actions import Examined, examine_history
from qunying.diagnosis.models import Finding
from qunying.diagnosis.queries import detector
from qunying.kit import days
from qunying.kit.errors import Invalid, Refused
from qunying.outbox import actions as outbox
from qunying.playbooks.kinds import playbook
from qunying.playbooks.models import Advice, Review, Run, StepRow
from qunying.playbooks.reviewing import measure

MOST = 3


@transaction.atomic
def advise(finding: Finding) -> list[Advice]:
    """One to three playbooks for the finding, best first: what helped this brand before, then as declared. What
    a person has decided stays; a second time changes nothing else."""
    ranked = _ranked(finding)[:MOST]
    for rank, key in enumerate(ranked, start=1):
        Advice.objects.update_or_create(
            finding=finding, playbook=key, defaults={"rank": rank}, create_defaults={"rank": rank}
        )
    return list(Advice.objects.filter(finding=finding).order_by("rank"))


def _ranked(finding: Finding) -> list[str]:
    """The detector's playbooks by how much more often they were followed by a clear rise than by a clear fall
    here."""
    declared = detector(finding.detector).advises
    score = dict.fromkeys(declared, 0)
    past = Review.objects.filter(run__brand=finding.brand_id, run__playbook__in=declared).select_related(
        "run"
    )
    for review in past:
        score[review.run.playbook] += {"better": 1, "worse": -1, "unclear": 0}[review.verdict]
    return sorted(declared, key=lambda key: -score[key])


def advise_open(brand: Brand) -> int:
    """Advise on every open finding; answers how many there are."""
    rows = list(Finding.objects.filter(brand=brand, closed_on=None, dismissed_at=None).defer("members"))
    for finding in rows:
        advise(finding)
    return len(rows)


def look_again(brand: Brand, *, at: dt.datetime) -> Examined:
    """Examine the past, advise on what is open and carry the runs forward: what an import and each new day call for."""
    done = examine_history(brand, at=at)
    advise_open(brand)
    tick(brand, at=at)
    return done


@transaction.atomic
def dismiss(advice: Advice, *, reason: str, by: Staff, at: dt.datetime) -> None:
    """Not this one, for this reason; an accepted advice is refused, a second dismissal changes nothing."""
    reason = reason.strip()[:200]
    if not reason:
        raise Invalid("playbooks.no_reason")
    standing = Advice.objects.select_for_update().get(pk=advice.pk)
    if standing.state == Advice.State.ACCEPTED:
        raise Refused("playbooks.was_decided")
    if standing.state == Advice.State.PROPOSED:
        _decide(standing, Advice.State.DISMISSED, by=by, at=at, reason=reason)
        log(
            by.brand,
            by=by,
            deed="advice.dismissed",
            about=f"advice:{advice.pk}",
            at=at,
            after={"reason": reason},
        )


def _decide(advice: Advice, state: Advice.State, *, by: Staff, at: dt.datetime, reason: str = "") -> None:
    advice.state, advice.decided_by, advice.decided_at, advice.reason = state, by, at, reason
    advice.save(update_fields=["state", "decided_by", "decided_at", "reason"])


@transaction.atomic
def start(advice: Advice, *, by: Staff, owner: Staff, at: dt.datetime) -> Run:
    """Accept the advice: write its run and steps, give out those of today. Starting again answers the run that
    stands."""
    standing = (
        Advice.objects.select_for_update(of=("self",))
        .select_related("finding__brand", "finding__community")
        .get(pk=advice.pk)
    )
    done = Run.objects.filter(advice=standing).first()
    if done is not None:
        return done
    if standing.state == Advice.State.DISMISSED:
        raise Refused("playbooks.was_decided")
    finding = standing.finding
    if finding.community is None:
        raise Refused("playbooks.needs_community")
    if owner.brand_id != finding.brand_id or not owner.is_active or not owner.reaches(finding.community.pk):
        raise Refused("playbooks.bad_owner")
    _decide(standing, Advice.State.ACCEPTED, by=by, at=at)
    run = _write_run(standing, finding.community, owner=owner, at=at)
    log(
        finding.brand,
        by=by,
        deed="run.started",
        about=f"run:{run.pk}",
        at=at,
        after={"playbook": run.playbook, "owner": owner.name},
    )
    tick(finding.brand, at=at)
    return run


def _write_run(advice: Advice, community: Community, *, owner: Staff, at: dt.datetime) -> Run:
    """The run with its steps, in the language of the one who starts it."""
    finding, book = advice.finding, playbook(advice.playbook)
    started_on = days.date(finding.brand.today(at))
    run = Run.objects.create(
        brand=finding.brand,
        community=community,
        advice=advice,
        playbook=book.key,
        version=book.version,
        owner=owner,
        started_on=started_on,
        review_on=started_on + dt.timedelta(days=book.window),
        created_at=at,
    )
    StepRow.objects.bulk_create(
        StepRow(
            run=run,
            number=number,
            kind=step.kind,
            text=str(step.text),
            content=step.content if step.kind == "draft" else "",
            due_on=started_on + dt.timedelta(days=step.day),
        )
        for number, step in enumerate(book.steps, start=1)
    )
    return run


@transaction.atomic
def tick(brand: Brand, *, at: dt.datetime) -> int:
    """Give out the steps that are due and review the runs whose window is over; answers how many of both.
    Everything it knows stands in rows, so it may be stopped and called again at any time."""
    lock(brand)
    today = days.date(brand.today(at))
    steps = list(
        StepRow.objects.filter(
            run__brand=brand, run__state=Run.State.RUNNING, due_on__lte=today, todo=None, draft=None
        )
        .select_related("run__community__brand", "run__owner")
        .order_by("run_id", "number")
    )
    for step in steps:
        _give_out(step, at=at)
    over = list(
        Run.objects.filter(brand=brand, state=Run.State.RUNNING, review_on__lt=today).select_related(
            "brand", "community"
        )
    )
    for run in over:
        _review(run, at=at)
    return len(steps) + len(over)


def _give_out(step: StepRow, *, at: dt.datetime) -> None:
    run = step.run
    key, cause = f"step:{step.pk}", f"run:{run.pk}"
    if step.kind == "draft":
        step.draft = outbox.say(
            run.community,
            text=step.text,
            kind=step.content,
            due_on=step.due_on,
            staff=run.owner,
            cause=cause,
            key=key,
            at=at,
        )
    else:
        step.todo = outbox.assign(
            run.community, text=step.text, due_on=step.due_on, staff=run.owner, cause=cause, key=key, at=at
        )
    step.save(update_fields=["draft", "todo"])


def _review(run: Run, *, at: dt.datetime) -> None:
    Review.objects.update_or_create(run=run, defaults={**measure(run, at=at), "reviewed_at": at})
    run.state = Run.State.REVIEWED
    run.save(update_fields=["state"])


@transaction.atomic
def stop(run: Run, *, reason: str, by: Staff, at: dt.datetime) -> None:
    """End the run early and take back what waits of it; what is done stays. A second time changes nothing."""
    reason = reason.strip()[:200]
    if not reason:
        raise Invalid("playbooks.no_reason")
    changed = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).update(
        state=Run.State.STOPPED, stopped_at=at, reason=reason
    )
    if changed:
        outbox.drop(run.brand_id, cause=f"run:{run.pk}")
        log(run.brand, by=by, deed="run.stopped", about=f"run:{run.pk}", at=at, after={"reason": reason})

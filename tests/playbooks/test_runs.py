"""A run is rows: it gives out each step on its day, survives any restart and is reviewed when its window is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from qunying.brands.models import AuditEntry, Brand, Staff
from qunying.communities.models import Community
from qunying.diagnosis.models import Finding
from qunying.kit import days
from qunying.kit.errors import Invalid, Refused
from qunying.metrics.models import Reading
from qunying.outbox.actions import finish
from qunying.outbox.models import Draft, State, Todo
from qunying.playbooks.actions import advise, dismiss, start, stop, tick
from qunying.playbooks.models import Advice, Review, Run, StepRow
from qunying.playbooks.queries import one_run, preview, steps
from tests.playbooks.conftest import AT, staff_of

Make = Callable[..., Finding]
MODELS = (Advice, Run, StepRow, Review, Todo, Draft, AuditEntry)


@pytest.fixture
def advice(club: Community, finding_of: Make) -> Advice:
    return advise(finding_of(club))[0]


def later(number: int) -> dt.datetime:
    return AT + dt.timedelta(days=number)


def states(staff: Staff, run: Run, at: dt.datetime) -> list[str]:
    return [step.state for step in steps(one_run(staff, run.pk), today=days.date(run.brand.today(at)))]


def test_a_finding_advises_its_detector_s_playbooks_in_order_and_only_once(club: Community, finding_of: Make):
    finding = finding_of(club)

    told = [[(row.rank, row.playbook) for row in advise(finding)] for _again in range(2)]

    assert told == [[(1, "topic.restart"), (2, "checkin.week"), (3, "winback.greeting")]] * 2


def test_what_clearly_helped_before_is_advised_first(club: Community, finding_of: Make, owner: Staff):
    past = start(advise(finding_of(club, subject="past"))[1], by=owner, owner=owner, at=AT)
    Review.objects.create(run=past, metric="dau", before=10, after=20, low=5, high=15, reviewed_at=AT)

    assert [row.playbook for row in advise(finding_of(club))] == [
        "checkin.week",
        "topic.restart",
        "winback.greeting",
    ]


def test_a_preview_says_what_would_be_done_and_writes_nothing(advice: Advice):
    before = [model.objects.count() for model in MODELS]

    plan = preview(advice.finding, advice.playbook, on=dt.date(2026, 3, 2))

    assert [model.objects.count() for model in MODELS] == before
    assert (plan.community, plan.todos, plan.drafts, plan.review_on) == ("茶友群", 3, 2, dt.date(2026, 3, 16))
    assert [(step.kind, step.due_on.day) for step in plan.steps] == [
        ("todo", 2), ("draft", 3), ("todo", 3), ("draft", 6), ("todo", 9),
    ]  # fmt: skip


def test_starting_twice_is_one_run(advice: Advice, owner: Staff):
    runs = [start(advice, by=owner, owner=owner, at=AT) for _again in range(2)]

    assert runs[0] == runs[1]
    assert [Run.objects.count(), StepRow.objects.count(), Todo.objects.count(), Draft.objects.count()] == [
        1,
        5,
        1,
        0,
    ]


def test_steps_are_given_out_on_their_day_whoever_asks_however_often(
    advice: Advice, owner: Staff, brand: Brand
):
    run = start(advice, by=owner, owner=owner, at=AT)

    given = [
        (number, tick(brand, at=later(number)), tick(brand, at=later(number))) for number in (0, 1, 2, 4, 7)
    ]

    assert given == [(0, 0, 0), (1, 2, 0), (2, 0, 0), (4, 1, 0), (7, 1, 0)]
    assert [row.todo is None and row.draft is None for row in run.steps.order_by("number")] == [False] * 5


def test_each_step_is_done_or_overdue_or_to_come(advice: Advice, owner: Staff, brand: Brand):
    run = start(advice, by=owner, owner=owner, at=AT)
    finish(Todo.objects.get(), by=owner, at=AT)
    tick(brand, at=later(2))

    assert states(owner, run, later(2)) == ["done", "overdue", "overdue", "ahead", "ahead"]


@pytest.mark.django_db(transaction=True)
def test_a_run_goes_on_after_a_worker_was_away_for_days(advice: Advice, owner: Staff, brand: Brand):
    start(advice, by=owner, owner=owner, at=AT)

    assert (tick(brand, at=later(9)) > 0, tick(brand, at=later(9))) == (True, 0)

    assert [Todo.objects.count(), Draft.objects.count()] == [3, 2]


def test_after_its_window_the_review_compares_as_many_days_before_and_after(
    advice: Advice, owner: Staff, brand: Brand, club: Community
):
    run = start(advice, by=owner, owner=owner, at=AT)
    first = days.number(run.started_on)
    Reading.objects.bulk_create(
        Reading(
            brand=brand,
            community=club,
            metric="dau",
            day=first + day,
            value=(20 if day < 0 else 30) + day % 2,
        )
        for day in range(-14, 14)
    )

    tick(brand, at=later(15))

    run.refresh_from_db()
    review = run.review
    assert (run.state, review.before, review.after, review.before_n, review.after_n) == (
        "reviewed",
        20.5,
        30.5,
        14,
        14,
    )
    assert review.verdict == "better"
    assert review.low is not None and review.high is not None and 9 < review.low < 10 < review.high < 11


def test_a_review_without_readings_is_unclear(advice: Advice, owner: Staff, brand: Brand):
    run = start(advice, by=owner, owner=owner, at=AT)

    tick(brand, at=later(15))

    assert (Review.objects.get(run=run).before, Review.objects.get(run=run).verdict) == (None, "unclear")


def test_a_stopped_run_takes_back_what_waits_and_keeps_what_is_done(
    advice: Advice, owner: Staff, brand: Brand
):
    run = start(advice, by=owner, owner=owner, at=AT)
    finish(Todo.objects.get(), by=owner, at=AT)
    tick(brand, at=later(1))

    stop(run, reason="改做别的", by=owner, at=later(1))

    assert sorted(Todo.objects.values_list("state", flat=True)) == [State.DONE, State.DROPPED]
    assert list(Draft.objects.values_list("state", flat=True)) == [State.DROPPED]
    assert tick(brand, at=later(20)) == 0


def test_a_dismissed_advice_keeps_its_reason_and_cannot_be_started(advice: Advice, owner: Staff):
    with pytest.raises(Invalid):
        dismiss(advice, reason=" ", by=owner, at=AT)

    dismiss(advice, reason="刚做过", by=owner, at=AT)

    advice.refresh_from_db()
    assert (advice.state, advice.reason) == (Advice.State.DISMISSED, "刚做过")
    with pytest.raises(Refused):
        start(advice, by=owner, owner=owner, at=AT)


def test_an_owner_who_does_not_reach_the_community_is_refused(advice: Advice, owner: Staff, brand: Brand):
    far = staff_of(brand, "far", "operator", reach=[])

    with pytest.raises(Refused):
        start(advice, by=owner, owner=far, at=AT)

    assert Run.objects.count() == 0

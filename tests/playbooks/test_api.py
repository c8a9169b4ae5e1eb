"""What a finding advises and what its runs did, for programs: as on their pages, within the data scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qunying.brands.actions import open_brand
from qunying.brands.models import Brand, Staff
from qunying.communities.actions import find_community
from qunying.communities.models import Community
from qunying.diagnosis.models import Finding
from qunying.outbox.actions import finish
from qunying.playbooks.actions import advise, start, stop
from qunying.playbooks.kinds import playbook
from qunying.playbooks.models import Review, Run
from tests.api.asking import asked, told
from tests.playbooks.conftest import AT, staff_of

Make = Callable[..., Finding]
READ = "advice.read"


def started(finding: Finding, by: Staff, rank: int = 0) -> Run:
    return start(advise(finding)[rank], by=by, owner=by, at=AT)


def test_advice_tells_each_playbook_and_what_it_would_do(club: Community, owner: Staff, finding_of: Make):
    finding = finding_of(club)
    run = started(finding, owner, rank=1)

    items = told(owner, f"findings/{finding.pk}/advice", READ)["items"]

    first, book = items[0], playbook("topic.restart")
    assert [(one["playbook"], one["state"], one["run"]) for one in items] == [
        ("topic.restart", "proposed", None),
        ("checkin.week", "accepted", run.pk),
        ("winback.greeting", "proposed", None),
    ]
    assert [first[name] for name in ("label", "why", "metric")] == [
        str(book.label),
        str(book.why),
        book.metric,
    ]
    assert [(step["number"], step["kind"], step["text"]) for step in first["steps"]] == [
        (number, step.kind, str(step.text)) for number, step in enumerate(book.steps, 1)
    ]


def test_a_run_tells_its_steps_with_their_days_and_states(club: Community, owner: Staff, finding_of: Make):
    finding = finding_of(club)
    run = started(finding, owner, rank=1)
    done = run.steps.get(number=1)
    assert done.todo is not None
    finish(done.todo, by=owner, at=AT)

    answer = told(owner, f"runs/{run.pk}", READ)

    steps = answer.pop("steps")
    assert answer == {
        "id": run.pk,
        "playbook": "checkin.week",
        "label": str(playbook("checkin.week").label),
        "version": run.version,
        "community": club.pk,
        "finding": finding.pk,
        "owner": {"id": owner.pk, "name": "owner"},
        "state": "running",
        "reason": "",
        "started_on": "2026-03-02",
        "review_on": "2026-03-16",
        "review": None,
    }
    assert [step["state"] for step in steps] == ["done", *["overdue"] * (len(steps) - 1)]
    told_of = {"number": 1, "kind": "todo", "text": done.text, "due_on": "2026-03-02", "reason": ""}
    assert steps[0] == {**told_of, "state": "done", "done_at": "2026-03-02T02:00:00+00:00"}


def test_a_review_says_that_it_has_no_holdout(club: Community, owner: Staff, finding_of: Make):
    run = started(finding_of(club), owner, rank=1)
    Review.objects.create(run=run, metric="dau", before=10, after=20, low=5, high=15, reviewed_at=AT)

    review = told(owner, f"runs/{run.pk}", READ)["review"]

    sides = {"before": 10.0, "before_n": 0, "after": 20.0, "after_n": 0, "change": 10.0}
    assert review == {
        "metric": "dau",
        "label": "日活跃人数",
        "is_share": False,
        **sides,
        "low": 5.0,
        "high": 15.0,
        "verdict": "better",
        "has_holdout": False,
        "text": "日活跃人数：执行前 10.0，执行后 20.0，好转（没有对照组）。",
        "reviewed_at": "2026-03-02T02:00:00+00:00",
    }


def test_runs_come_page_by_page_and_open_ones_alone_when_asked(
    brand: Brand, club: Community, owner: Staff, finding_of: Make
):
    far = find_community(brand, name="远方群", at=AT)
    ended, going, away = (started(finding_of(place), owner) for place in (club, club_of(brand), far))
    stop(ended, reason="够了", by=owner, at=AT)

    first = told(owner, "runs?limit=2", READ)
    rest = told(owner, f"runs?limit=2&cursor={first['next']}", READ)

    assert ids(first) + ids(rest) == [ended.pk, going.pk, away.pk]
    assert rest["next"] is None
    assert ids(told(owner, "runs?open=true", READ)) == [going.pk, away.pk]
    assert ids(told(owner, f"runs?community={far.pk}", READ)) == [away.pk]
    assert [(row["state"], row["reason"]) for row in first["items"]] == [("stopped", "够了"), ("running", "")]


def club_of(brand: Brand) -> Community:
    return find_community(brand, name="新茶群", at=AT)


def ids(page: Any) -> list[int]:
    return [row["id"] for row in page["items"]]


def test_a_data_scope_and_another_brand_hide_runs_and_advice(
    brand: Brand, club: Community, owner: Staff, finding_of: Make
):
    far = find_community(brand, name="远方群", at=AT)
    near, away = started(finding_of(club), owner), started(finding_of(far), owner)
    narrow = staff_of(brand, "narrow", "operator", reach=[club.pk])
    other = staff_of(open_brand("别家", at=AT, slug="other"), "stranger", "owner")

    assert ids(told(narrow, "runs", READ)) == [near.pk]
    assert ids(told(other, "runs", READ)) == []
    assert away.advice is not None
    paths = [f"runs/{away.pk}", f"findings/{away.advice.finding_id}/advice", f"runs?community={far.pk}"]
    assert {asked(staff, path, READ).status_code for staff in (narrow, other) for path in paths} == {404}


@pytest.mark.parametrize("path", ["runs", "runs/1", "findings/1/advice"])
def test_without_the_permission_nothing_is_told(owner: Staff, path: str):
    assert asked(owner, path, "numbers.read").status_code == 403


def test_three_runs_cost_as_many_queries_as_one(
    brand: Brand, club: Community, owner: Staff, finding_of: Make
):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as spent:
            told(owner, "runs", READ)
        return len(spent)

    started(finding_of(club), owner)
    cost()
    one = cost()
    for name in ("新茶群", "远方群"):
        started(finding_of(find_community(brand, name=name, at=AT)), owner)

    assert cost() == one

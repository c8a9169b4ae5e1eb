"""Erasing a person from the console: a typed word, a job, and nobody left."""

from __future__ import annotations

import pytest

from qunying.brands.models import AuditEntry
from qunying.jobs.actions import run_job
from qunying.jobs.models import Job
from qunying.members.models import Identity, Member
from tests.metrics.house import House, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return build()


def test_only_who_may_erase_is_offered_it(house):
    pk = house.members["wm00000001"]
    shown = {
        role: "erase-word" in house.client(role).get(house.url(f"members/{pk}/")).content.decode()
        for role in ("owner", "operator", "support", "moderator")
    }

    assert shown == {"owner": True, "operator": False, "support": False, "moderator": False}
    assert (
        house.client("operator").post(house.url(f"members/{pk}/erasure/"), {"word": "清除"}).status_code
        == 403
    )


def test_without_the_word_nothing_happens(house):
    pk = house.members["wm00000001"]

    answer = house.client().post(house.url(f"members/{pk}/erasure/"), {"word": "好的"})

    assert (answer.status_code, Member.objects.get(pk=pk).name) == (422, "小周")
    assert not Job.objects.filter(kind="members.erase").exists()


def test_the_job_erases_the_person_once_however_often_it_was_ordered(house):
    client, pk = house.client(), house.members["wm00000001"]
    for _click in range(2):
        client.post(house.url(f"members/{pk}/erasure/"), {"word": " 清除 "})

    job = Job.objects.get(kind="members.erase")
    run_job.call(job.pk)
    job.refresh_from_db()
    member = Member.objects.get(pk=pk)
    assert job.result is not None
    assert (job.state, sorted(job.result), member.name, member.erased_at is None) == (
        "done",
        ["receipt"],
        "",
        False,
    )
    assert not Identity.objects.filter(member=pk).exists()
    assert client.get(house.url(f"members/{pk}/")).status_code == 404
    entry = AuditEntry.objects.get(deed="member.erased")
    assert (entry.about, entry.who, entry.after) == (
        f"member:{pk}",
        house.staff().name,
        job.result["receipt"],
    )

"""Who may work on a job: leases on the database's clock, beats, retries, and what a dead worker leaves."""

from __future__ import annotations

import datetime as dt
import threading
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django_tasks_db.models import DBTaskResult

from qunying.brands.actions import open_account, open_brand
from qunying.brands.models import Brand
from qunying.jobs import actions
from qunying.jobs.actions import ATTEMPTS, LEASE, database_now, reap, replay, run_job, start
from qunying.jobs.kinds import JobKind
from qunying.jobs.models import Job
from qunying.kit.errors import Refused

AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def brand(db) -> Brand:
    open_account("lin", password="x" * 12, at=AT)
    return open_brand("山茶", at=AT, slug="shancha")


@pytest.fixture
def does(monkeypatch):
    """Says what the only kind of job does."""

    def work_is(run) -> None:
        monkeypatch.setattr(actions, "kind", lambda key: JobKind(key, key, run))

    return work_is


def job_of(brand: Brand, **state: object) -> Job:
    job = start(brand, kind="test", args={}, at=AT)
    Job.objects.filter(pk=job.pk).update(**state)
    return Job.objects.get(pk=job.pk)


class Fast(dt.datetime):
    """The clock of a worker that is an hour ahead."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Fast:
        late = dt.datetime.now(tz) + dt.timedelta(hours=1)
        return cls.fromtimestamp(late.timestamp(), tz)


def test_the_lease_is_kept_by_the_databases_clock_not_by_the_workers(brand, monkeypatch):
    job = job_of(brand, state="running", attempts=1, lease_until=database_now() + LEASE)
    fast = SimpleNamespace(datetime=Fast, timedelta=dt.timedelta, UTC=dt.UTC)
    monkeypatch.setattr(actions, "dt", fast)

    run_job.call(job.pk)
    by_the_database = (Job.objects.get(pk=job.pk).attempts, reap())
    monkeypatch.setattr(actions, "database_now", lambda: Fast.now(dt.UTC))  # the twin, which must steal it
    by_the_worker = reap()

    assert (by_the_database, by_the_worker) == ((1, 0), 1)


def test_a_dead_workers_job_is_run_again_and_given_up_after_three_attempts_102(brand, does):
    does(lambda job, tick: {"attempt": job.attempts})
    first = job_of(brand, state="running", attempts=1, lease_until=database_now() - SECOND)
    third = job_of(brand, state="running", attempts=ATTEMPTS, lease_until=database_now() - SECOND)

    assert reap() == 2
    run_job.call(first.pk)

    rows = Job.objects.in_bulk([first.pk, third.pk])
    assert (rows[first.pk].state, rows[first.pk].result) == ("done", {"attempt": 2})
    assert (rows[third.pk].state, rows[third.pk].error) == (
        "failed",
        {"code": "jobs.gave_up", "details": {"attempts": ATTEMPTS}},
    )


def test_who_comes_back_after_another_took_over_changes_nothing_102(brand, does):
    def taken_over(job: Job, tick) -> dict[str, object]:
        Job.objects.filter(pk=job.pk).update(attempts=2, state="running")
        return {"late": True}

    does(taken_over)
    job = job_of(brand)

    run_job.call(job.pk)

    job.refresh_from_db()
    assert (job.state, job.result) == ("running", None)


def test_a_busy_database_puts_the_job_back_in_line_until_it_is_given_up(brand, does):
    def busy(job: Job, tick) -> dict[str, object]:
        raise OperationalError("canceling statement due to lock timeout")

    does(busy)
    job = job_of(brand)
    seen = []
    for _attempt in range(ATTEMPTS - 1):
        run_job.call(job.pk)
        seen.append(Job.objects.get(pk=job.pk).state)

    with pytest.raises(OperationalError):
        run_job.call(job.pk)

    job.refresh_from_db()
    assert (seen, job.state, job.attempts) == (["waiting"] * (ATTEMPTS - 1), "failed", ATTEMPTS)


def test_work_that_broke_says_how_and_runs_again_with_all_its_tries_when_somebody_wants_it_19(brand, does):
    def breaks(job: Job, tick) -> dict[str, object]:
        raise KeyError("林小姐")  # what it says could name somebody

    does(breaks)
    job = job_of(brand)
    with pytest.raises(KeyError):
        run_job.call(job.pk)
    told = (Job.objects.get(pk=job.pk).error or {})["words"]
    does(lambda job, tick: {"attempt": job.attempts})

    in_line = DBTaskResult.objects.count()
    for _twice in range(2):
        replay(job, at=AT, by=brand.staff.get())
    waiting, lined_up = Job.objects.get(pk=job.pk), DBTaskResult.objects.count() - in_line
    run_job.call(job.pk)

    job.refresh_from_db()
    assert (told, waiting.state, waiting.error, waiting.tries) == ("KeyError", "waiting", None, 0)
    assert (lined_up, job.state, job.result, job.attempts) == (1, "done", {"attempt": 2}, 2)
    assert brand.audit.filter(deed="job.replayed").count() == 1


def test_work_that_is_in_line_already_or_starts_over_is_not_run_again(brand, does, monkeypatch):
    does(lambda job, tick: {})
    failed = job_of(brand, state="failed")
    other = job_of(brand)
    by = brand.staff.get()

    with pytest.raises(Refused) as under_way:
        replay(failed, at=AT, by=by)
    Job.objects.filter(pk=other.pk).delete()
    monkeypatch.setattr(
        actions, "kind", lambda key: JobKind(key, key, lambda job, tick: {}, starts_over=True)
    )
    with pytest.raises(Refused) as starts_over:
        replay(failed, at=AT, by=by)

    assert under_way.value.details == {"job": other.pk}
    assert starts_over.value.code == "jobs.starts_over"


@pytest.mark.django_db(transaction=True)
def test_work_that_reports_no_progress_keeps_its_lease(does, monkeypatch):
    monkeypatch.setattr(actions, "LEASE", dt.timedelta(seconds=1))
    monkeypatch.setattr(actions, "BEAT_SECONDS", 0.1)
    stolen = []

    def other_worker(pk: int) -> None:
        run_job.call(pk)
        stolen.append(reap())
        connection.close()

    def long(job: Job, tick) -> dict[str, object]:
        threading.Event().wait(1.5)
        other = threading.Thread(target=other_worker, args=(job.pk,))
        other.start()
        other.join()
        return {}

    does(long)
    job = job_of(open_brand("山茶", at=AT, slug="shancha"))

    run_job.call(job.pk)

    job.refresh_from_db()
    assert (stolen, job.state, job.attempts) == ([0], "done", 1)

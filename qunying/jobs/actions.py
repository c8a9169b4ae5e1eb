"""Verbs of jobs: start one, run it, take over what a dead worker left, stop one; keep the beats."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from django.db import OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django_tasks import task

from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.jobs.beats import Beat
from qunying.jobs.kinds import kind
from qunying.jobs.models import Job, Tick
from qunying.kit import catalog
from qunying.kit.errors import QunyingError, Refused

LEASE = dt.timedelta(seconds=60)
RENEW_SECONDS = 1.0
BEAT_SECONDS = 20.0
RETRY = dt.timedelta(seconds=15)
ATTEMPTS = 3
logger = logging.getLogger(__name__)


@transaction.atomic
def start(
    brand: Brand, *, kind: str, args: Mapping[str, object], at: dt.datetime, staff: Staff | None = None
) -> Job:
    """Put the work in line; it is gone again if the surrounding transaction rolls back."""
    job = Job.objects.create(brand=brand, kind=kind, args=dict(args), staff=staff, created_at=at)
    run_job.enqueue(job.pk)
    return job


@contextmanager
def run_here(brand: Brand, *, kind: str, args: Mapping[str, object], at: dt.datetime) -> Iterator[Job]:
    """A job whose work this process does itself, at once. If the process dies, a worker takes the job over."""
    now = database_now()
    job = Job.objects.create(
        brand=brand,
        kind=kind,
        args=dict(args),
        state=Job.State.RUNNING,
        lease_until=now + LEASE,
        started_at=now,
        attempts=1,
        created_at=at,
    )
    try:
        with Heartbeat(job):
            yield job
    except QunyingError as error:
        _finish(job, Job.State.FAILED, error=error)
        raise
    except BaseException:
        _finish(job, Job.State.FAILED, error=Refused("jobs.broke", job=job.pk))
        raise
    _mine(job).update(state=Job.State.DONE, finished_at=database_now())


@task()
def run_job(pk: int) -> None:
    """Run the job unless another worker holds it or it is over."""
    now = database_now()
    free = Q(state=Job.State.WAITING) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    taken = Job.objects.filter(free, pk=pk).update(
        state=Job.State.RUNNING, lease_until=now + LEASE, started_at=now, attempts=F("attempts") + 1
    )
    if taken:
        _work(Job.objects.select_related("brand", "staff").get(pk=pk))


def _work(job: Job) -> None:
    try:
        with Heartbeat(job):
            result = kind(job.kind).run(job, Ticker(job))
    except QunyingError as error:
        _finish(job, Job.State.STOPPED if error.code == "jobs.stopped" else Job.State.FAILED, error=error)
    except OperationalError:  # the database was away or busy for too long: later it may work
        if job.attempts >= ATTEMPTS:
            _finish(job, Job.State.FAILED, error=Refused("jobs.gave_up", attempts=job.attempts))
            raise
        _again(job, after=RETRY * job.attempts)
    except Exception:
        _finish(job, Job.State.FAILED, error=Refused("jobs.broke", job=job.pk))
        raise
    else:
        _mine(job).update(state=Job.State.DONE, finished_at=database_now(), result=result)


def _mine(job: Job) -> QuerySet[Job]:
    """The job's row as long as no other worker has taken it over."""
    return Job.objects.filter(pk=job.pk, attempts=job.attempts)


def _finish(job: Job, state: str, *, error: QunyingError) -> None:
    _mine(job).update(
        state=state, finished_at=database_now(), error={"code": error.code, "details": error.details}
    )


@transaction.atomic
def _again(job: Job, *, after: dt.timedelta = dt.timedelta(0)) -> None:
    """Put the job back in line, unless it was stopped or taken over meanwhile."""
    if _mine(job).filter(state=Job.State.RUNNING).update(state=Job.State.WAITING, lease_until=None):
        run_job.using(run_after=database_now() + after if after else None).enqueue(job.pk)


class Heartbeat:
    """Renews the lease from a thread of its own while the work goes on, however long one step of it takes."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_raised: object) -> None:
        self.over.set()
        self.thread.join()

    def _beat(self) -> None:
        while not self.over.wait(BEAT_SECONDS):
            with suppress(
                OperationalError
            ):  # SQLite's only writer may be the work itself; then nobody can take over
                _mine(self.job).filter(state=Job.State.RUNNING).update(lease_until=database_now() + LEASE)
        connection.close()


class Ticker:
    """Writes progress at most once a second, renews the lease, and stops work that a person stopped."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.last = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.last < RENEW_SECONDS and done < total:
            return
        self.last = now
        held = Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING).update(
            done=done, total=total, lease_until=database_now() + LEASE
        )
        if not held:
            raise Refused("jobs.stopped", job=self.job.pk)


@transaction.atomic
def stop(job: Job, *, at: dt.datetime, by: Staff) -> None:
    """Ask the work to end; what is one transaction is then undone, what is done stays. Stopping what is over changes
    nothing."""
    stopped = Job.objects.filter(pk=job.pk, state__in=[Job.State.WAITING, Job.State.RUNNING]).update(
        state=Job.State.STOPPED,
        finished_at=database_now(),
        error={"code": "jobs.stopped", "details": {"job": job.pk}},
    )
    if stopped:
        log(job.brand, by=by, deed="job.stopped", about=f"job:{job.pk}", at=at, after={"job": job.kind})


@transaction.atomic
def reap() -> int:
    """Put jobs whose worker died back in line; after three attempts they count as failed. Answers how many."""
    dead = list(
        Job.objects.select_for_update().filter(state=Job.State.RUNNING, lease_until__lt=database_now())
    )
    for job in dead:
        if job.attempts >= ATTEMPTS:
            _finish(job, Job.State.FAILED, error=Refused("jobs.gave_up", attempts=job.attempts))
        else:
            _again(job)
    return len(dead)


@transaction.atomic
def queue_daily(brand: Brand, *, at: dt.datetime) -> int:
    """Put the brand's daily work of this local day in line, unless it is or was; answers how many jobs that made."""
    lock(brand)
    today = brand.today(at)
    made = 0
    for entry in catalog.collect("job_kinds"):
        if entry.daily and not Job.objects.filter(brand=brand, kind=entry.key, args__day=today).exists():
            start(brand, kind=entry.key, args={"day": today}, at=at)
            made += 1
    return made


def keep_time() -> int:
    """Run the declared beats that are due and that no other worker has; answers how many. One that breaks is tried
    again at its next tick and does not stop the others."""
    ran = 0
    for beat in catalog.collect("beats"):
        taken = _take_tick(beat)
        if taken:
            failure = ""
            try:
                beat.run()
            except Exception as error:
                logger.exception("beat %s", beat.key)
                failure = f"{type(error).__name__}: {error}"[:200]
            due = database_now() + dt.timedelta(seconds=beat.seconds)
            Tick.objects.filter(beat=beat.key, taken=taken).update(due_at=due, failure=failure)
            ran += 1
    return ran


def _take_tick(beat: Beat) -> int:
    """The number of the tick that is ours now; 0 where it is not due or another worker has it."""
    now = database_now()
    row, _new = Tick.objects.get_or_create(beat=beat.key, defaults={"due_at": now})
    ours = Tick.objects.filter(beat=beat.key, taken=row.taken, due_at__lte=now).update(
        taken=row.taken + 1, due_at=now + dt.timedelta(seconds=beat.lease)
    )
    return row.taken + 1 if ours else 0


def database_now() -> dt.datetime:
    """The database's clock, so workers whose clocks differ agree on leases."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            moment: dt.datetime = cursor.fetchone()[0]
            return moment
        cursor.execute("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)")
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=cursor.fetchone()[0])

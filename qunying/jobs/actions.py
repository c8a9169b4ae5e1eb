"""Verbs of jobs: start one, run it, take over what a dead worker left, pause, resume, stop or replay one; keep the
beats."""

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
from qunying.jobs.kinds import WORK, kind
from qunying.jobs.models import Job, Tick
from qunying.kit import catalog
from qunying.kit.errors import Missing, QunyingError, Refused

LEASE = dt.timedelta(seconds=60)
RENEW_SECONDS = 1.0
BEAT_SECONDS = 20.0
RETRY = dt.timedelta(seconds=15)
ATTEMPTS = 3
OPEN = (Job.State.WAITING, Job.State.RUNNING, Job.State.PAUSED)
logger = logging.getLogger(__name__)


class Interrupted(Refused):
    """The work ends here because it was paused or another worker has it: what is done stays for whoever goes on."""


@transaction.atomic
def start(
    brand: Brand, *, kind: str, args: Mapping[str, object], at: dt.datetime, staff: Staff | None = None
) -> Job:
    """Put the work in line; it is gone again if the surrounding transaction rolls back."""
    job = Job.objects.create(brand=brand, kind=kind, args=dict(args), staff=staff, created_at=at)
    _line_up(job)
    return job


def _line_up(job: Job, *, after: dt.timedelta = dt.timedelta(0)) -> None:
    queue = WORK
    with suppress(Missing):  # a kind of an older version ends as soon as a worker looks at it
        queue = kind(job.kind).queue
    run_job.using(queue_name=queue, run_after=database_now() + after if after else None).enqueue(job.pk)


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
    except Interrupted:
        raise
    except QunyingError as error:
        _finish(job, Job.State.FAILED, error=error)
        raise
    except BaseException as error:
        _finish(job, Job.State.FAILED, error=Refused("jobs.broke", job=job.pk), words=_words(error))
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
    except Interrupted:
        pass
    except QunyingError as error:
        _finish(job, Job.State.STOPPED if error.code == "jobs.stopped" else Job.State.FAILED, error=error)
    except OperationalError as error:  # the database was away or busy for too long: later it may work
        if job.tries >= ATTEMPTS:
            _give_up(job, words=_words(error))
            raise
        _again(job, after=RETRY * job.tries)
    except Exception as error:
        _finish(job, Job.State.FAILED, error=Refused("jobs.broke", job=job.pk), words=_words(error))
        raise
    else:
        _mine(job).update(state=Job.State.DONE, finished_at=database_now(), result=result)


def _mine(job: Job) -> QuerySet[Job]:
    """The job's row as long as no other worker has taken it over."""
    return Job.objects.filter(pk=job.pk, attempts=job.attempts)


def _finish(job: Job, state: str, *, error: QunyingError, words: str = "") -> None:
    told = {"code": error.code, "details": error.details, **({"words": words} if words else {})}
    _mine(job).update(state=state, finished_at=database_now(), error=told)


def _words(error: BaseException) -> str:
    """The kind of error; what it says too where that is about the machine and can name nobody."""
    return (
        f"{type(error).__name__}: {error}"[:200]
        if isinstance(error, OSError | OperationalError)
        else type(error).__name__
    )


@transaction.atomic
def _give_up(job: Job, *, words: str = "") -> None:
    _finish(job, Job.State.FAILED, error=Refused("jobs.gave_up", attempts=job.tries), words=words)
    _clean_up(job, at=database_now())


def _clean_up(job: Job, *, at: dt.datetime) -> None:
    """What the kind has to do when its work ends and no worker is at it."""
    with suppress(Missing):  # a kind of an older version has nothing to say
        dropped = kind(job.kind).dropped
        if dropped:
            dropped(job, at)


@transaction.atomic
def _again(job: Job, *, after: dt.timedelta = dt.timedelta(0)) -> None:
    """Put the job back in line, unless it was stopped or taken over meanwhile."""
    if _mine(job).filter(state=Job.State.RUNNING).update(state=Job.State.WAITING, lease_until=None):
        _line_up(job, after=after)


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
    """Writes progress at most once a second, renews the lease, and ends work that a person paused or stopped."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.last = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.last < RENEW_SECONDS and done < total:
            return
        self.last = now
        while not self._tell(done, total):
            ours = _mine(self.job)
            if ours.filter(state=Job.State.PAUSED).update(lease_until=None):
                raise Interrupted("jobs.paused", job=self.job.pk)
            state = ours.values_list("state", flat=True).first()
            if state is None and Job.objects.filter(pk=self.job.pk).exists():
                raise Interrupted("jobs.taken_over", job=self.job.pk)
            if state != Job.State.RUNNING:  # otherwise it was resumed between the two questions
                raise Refused("jobs.stopped", job=self.job.pk)

    def _tell(self, done: int, total: int) -> int:
        running = _mine(self.job).filter(state=Job.State.RUNNING)
        return running.update(done=done, total=total, lease_until=database_now() + LEASE)


@transaction.atomic
def pause(job: Job, *, at: dt.datetime, by: Staff) -> None:
    """Let the work rest at its next step; what is done stays. Pausing what rests or is over changes nothing."""
    if not kind(job.kind).pauses:
        raise Refused("jobs.cannot_pause", kind=str(kind(job.kind).label))
    if _open(job).exclude(state=Job.State.PAUSED).update(state=Job.State.PAUSED):
        log(job.brand, by=by, deed="job.paused", about=f"job:{job.pk}", at=at, after={"job": job.kind})


@transaction.atomic
def resume(job: Job, *, at: dt.datetime, by: Staff) -> None:
    """Go on with paused work: its worker, if it has not let go yet, else whoever is free. Does not count as a try."""
    paused = Job.objects.filter(pk=job.pk, state=Job.State.PAUSED)
    resumed = paused.filter(lease_until__gt=database_now()).update(state=Job.State.RUNNING)
    if not resumed:
        resumed = paused.update(state=Job.State.WAITING, lease_until=None, resumed=F("resumed") + 1)
        if resumed:
            _line_up(job)
    if resumed:
        log(job.brand, by=by, deed="job.resumed", about=f"job:{job.pk}", at=at, after={"job": job.kind})


@transaction.atomic
def stop(job: Job, *, at: dt.datetime, by: Staff) -> None:
    """Ask the work to end; its kind says what becomes of what is done. Stopping what is over changes nothing."""
    end = {
        "state": Job.State.STOPPED,
        "finished_at": database_now(),
        "error": {"code": "jobs.stopped", "details": {"job": job.pk}},
    }
    idle = _open(job).exclude(lease_until__gt=database_now()).update(**end)
    if idle:
        _clean_up(job, at=at)
    if idle or _open(job).update(**end):
        log(job.brand, by=by, deed="job.stopped", about=f"job:{job.pk}", at=at, after={"job": job.kind})


def _open(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state__in=OPEN)


@transaction.atomic
def replay(job: Job, *, at: dt.datetime, by: Staff) -> None:
    """Run failed work again, with all its tries before it; what it did already is not done twice. Where the same work
    is in line or under way already this is refused; replaying what has not failed changes nothing."""
    lock(job.brand)
    if kind(job.kind).starts_over:
        raise Refused("jobs.starts_over", kind=str(kind(job.kind).label))
    same = Job.objects.filter(brand=job.brand, kind=job.kind, args=job.args, state__in=OPEN).exclude(
        pk=job.pk
    )
    if same.exists():
        raise Refused("jobs.under_way", job=same.values_list("pk", flat=True)[0])
    again = {"state": Job.State.WAITING, "lease_until": None, "finished_at": None, "error": None}
    failed = Job.objects.filter(pk=job.pk, state=Job.State.FAILED)
    if failed.update(resumed=F("attempts"), **again):
        _line_up(job)
        log(job.brand, by=by, deed="job.replayed", about=f"job:{job.pk}", at=at, after={"job": job.kind})


@transaction.atomic
def reap() -> int:
    """Put jobs whose worker died back in line; after three attempts they count as failed. Answers how many."""
    dead = list(
        Job.objects.select_for_update().filter(state=Job.State.RUNNING, lease_until__lt=database_now())
    )
    for job in dead:
        if job.tries >= ATTEMPTS:
            _give_up(job)
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

"""An import whose process dies is brought to its end by a worker (reliability.md §3, case 37)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from qunying.brands.actions import open_account, open_brand
from qunying.brands.models import Staff
from qunying.connectors import actions
from qunying.connectors.actions import taking
from qunying.connectors.incoming import Options
from qunying.connectors.models import ImportBatch
from qunying.facts.models import Fact
from qunying.jobs import actions as jobs
from qunying.jobs.actions import Ticker, reap
from qunying.jobs.models import Job
from qunying.jobs.queries import sentence
from qunying.jobs.worker import work_off

AT = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
START = 1_772_000_000


def history(folder: Path, count: int) -> Path:
    lines: list[dict[str, object]] = [
        {
            "_type": "header",
            "chatlab": {"version": "0.0.2", "exportedAt": START},
            "meta": {"name": "茶友群", "platform": "qq", "type": "group", "groupId": "1"},
        },
        {"_type": "member", "platformId": "9", "accountName": "茶友"},
    ]
    lines += [
        {
            "_type": "message",
            "platformMessageId": f"m{number}",
            "sender": "9",
            "accountName": "茶友",
            "timestamp": START + number * 60,
            "type": 0,
            "content": f"第{number}句话",
        }
        for number in range(count)
    ]
    path = folder / "history.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    return path


@pytest.mark.django_db(transaction=True)
def test_a_worker_goes_on_where_a_dead_import_stopped_and_nothing_is_doubled(tmp_path, settings, monkeypatch):
    settings.HOME = tmp_path
    brand = open_brand("茶", at=AT)
    batch = taking.open_batch(brand, [history(tmp_path, 50)], order=actions.Order(Options()), at=AT)
    Job.objects.create(
        brand=brand,
        kind="connectors.import",
        args={"batch": batch.pk, "rows": 0},
        state=Job.State.RUNNING,
        attempts=1,
        lease_until=AT,
        created_at=AT,
    )
    monkeypatch.setattr("qunying.connectors.intake.FLUSH", 10)
    taken = iter(range(10**6))

    def dies(_done: int, _total: int) -> None:
        if next(taken) == 2:
            raise SystemExit  # the power goes: nothing after this line runs

    with pytest.raises(SystemExit):
        taking.take_in(batch, at=AT, tick=dies)
    half = Fact.objects.count()

    taken_over = reap()
    work_off()

    batch = ImportBatch.objects.get()
    assert (taken_over, 0 < half < 50) == (1, True)
    assert (batch.state, Fact.objects.count(), Fact.objects.filter(batch=batch.pk).count()) == (
        "done",
        50,
        50,
    )
    assert Job.objects.get(kind="connectors.import").state == "done"


@pytest.mark.django_db
def test_an_import_from_the_command_line_stands_among_the_jobs_as_done(tmp_path, settings):
    settings.HOME = tmp_path
    brand = open_brand("茶", at=AT)

    batch, _reports = actions.take_files(brand, [history(tmp_path, 3)], order=actions.Order(Options()), at=AT)

    assert list(Job.objects.filter(kind="connectors.import").values_list("state", "pk")) == [
        ("done", batch.job_id)
    ]


class Hand:
    """Does something to the running import when its `at`-th flush is committed."""

    def __init__(self, monkeypatch, deed, *, at: int) -> None:
        self.deed, self.at, self.told = deed, at, 0
        monkeypatch.setattr("qunying.connectors.intake.FLUSH", 10)
        monkeypatch.setattr("qunying.jobs.actions.RENEW_SECONDS", 0)
        told = Ticker.__call__

        def tell(ticker, done, total):
            self.told += 1
            if self.told == self.at:
                self.deed(Job.objects.get(pk=ticker.job.pk))
            told(ticker, done, total)

        monkeypatch.setattr(Ticker, "__call__", tell)


@pytest.fixture
def owner(tmp_path, settings) -> Staff:
    settings.HOME = tmp_path
    open_account("lin", password="x" * 12, at=AT, name="林")
    brand = open_brand("茶", at=AT)
    return Staff.objects.get(brand=brand)


def work_of(batch: ImportBatch) -> Job:
    return Job.objects.get(kind="connectors.import", args__batch=batch.pk)


def ordered(owner: Staff, folder: Path, count: int = 50) -> ImportBatch:
    batch = taking.open_batch(
        owner.brand, [history(folder, count)], order=actions.Order(Options()), at=AT, by=owner
    )
    batch.job = jobs.start(
        owner.brand, kind="connectors.import", args={"batch": batch.pk, "rows": count}, at=AT, staff=owner
    )
    batch.save()
    return batch


@pytest.mark.django_db(transaction=True)
def test_a_paused_import_keeps_what_is_in_and_goes_on_without_doubling_or_counting_as_a_try(
    owner, tmp_path, monkeypatch
):
    Hand(monkeypatch, lambda job: jobs.pause(job, at=AT, by=owner), at=3)
    batch = ordered(owner, tmp_path)
    work_off()
    paused = work_of(batch)
    half = Fact.objects.filter(batch=batch.pk).count()

    jobs.resume(paused, at=AT, by=owner)
    work_off()

    batch.refresh_from_db()
    ended = work_of(batch)
    assert (paused.state, paused.lease_until, half) == ("paused", None, 30)
    assert (ended.state, ended.tries, Fact.objects.filter(batch=batch.pk).count()) == ("done", 1, 50)
    assert (batch.state, batch.summary["total"]["new"], batch.summary["total"]["duplicates"]) == (
        "done",
        50,
        0,
    )


@pytest.mark.django_db(transaction=True)
def test_resuming_before_the_worker_noticed_lets_the_same_worker_go_on(owner, tmp_path, monkeypatch):
    def hesitate(job: Job) -> None:
        jobs.pause(job, at=AT, by=owner)
        jobs.resume(job, at=AT, by=owner)

    Hand(monkeypatch, hesitate, at=3)
    batch = ordered(owner, tmp_path)

    work_off()

    ended = work_of(batch)
    assert (ended.state, ended.attempts, ended.resumed, Fact.objects.count()) == ("done", 1, 0, 50)


@pytest.mark.parametrize("when", ["running", "paused"])
@pytest.mark.django_db(transaction=True)
def test_stopping_an_import_takes_back_what_it_wrote_and_not_what_another_import_brought_too(
    owner, tmp_path, monkeypatch, when
):
    verb = jobs.stop if when == "running" else jobs.pause
    Hand(monkeypatch, lambda job: verb(job, at=AT, by=owner), at=3)
    batch = ordered(owner, tmp_path)
    work_off()
    monkeypatch.undo()
    if when == "paused":
        (tmp_path / "second").mkdir()
        actions.take_files(
            owner.brand, [history(tmp_path / "second", 20)], order=actions.Order(Options()), at=AT
        )

    jobs.stop(work_of(batch), at=AT, by=owner)
    work_off()

    batch.refresh_from_db()
    assert work_of(batch).state == "stopped"
    assert batch.state == "failed"
    assert Fact.objects.filter(batch=batch.pk).count() == 0
    assert Fact.objects.count() == (20 if when == "paused" else 0)


@pytest.mark.django_db(transaction=True)
def test_an_import_whose_workers_died_three_times_is_given_up_and_taken_back(owner, tmp_path, monkeypatch):
    monkeypatch.setattr("qunying.connectors.intake.FLUSH", 10)
    batch = ordered(owner, tmp_path)

    def dies(done: int, _total: int) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        taking.take_in(batch, at=AT, tick=dies)
    half = Fact.objects.count()
    Job.objects.filter(pk=work_of(batch).pk).update(state="running", attempts=3, lease_until=AT)

    reap()
    work_off()

    batch.refresh_from_db()
    assert (half, Fact.objects.count(), batch.state) == (10, 0, "failed")
    assert sentence(work_of(batch).error).startswith("任务尝试了 3 次")


@pytest.mark.django_db
def test_an_import_paused_in_the_console_tells_the_command_line_and_stays_resumable(
    owner, tmp_path, monkeypatch
):
    Hand(monkeypatch, lambda job: jobs.pause(job, at=AT, by=owner), at=3)

    with pytest.raises(jobs.Interrupted):
        actions.take_files(owner.brand, [history(tmp_path, 50)], order=actions.Order(Options()), at=AT)

    job = Job.objects.get(kind="connectors.import")
    assert (job.state, job.error, Fact.objects.count()) == ("paused", None, 30)

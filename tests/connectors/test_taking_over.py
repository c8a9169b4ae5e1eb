"""An import whose process dies is brought to its end by a worker (reliability.md §3, case 37)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from qunying.brands.actions import open_brand
from qunying.connectors import actions
from qunying.connectors.actions import taking
from qunying.connectors.incoming import Options
from qunying.connectors.models import ImportBatch
from qunying.facts.models import Fact
from qunying.jobs.actions import reap
from qunying.jobs.models import Job
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

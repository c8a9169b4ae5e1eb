"""Promises of the pages of jobs: what one sees of work under way, who sees it, stopping it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qunying.brands.actions import appoint, open_account, open_brand
from qunying.brands.models import Account, Brand, Staff
from qunying.jobs import actions
from qunying.jobs.actions import LEASE
from qunying.jobs.models import Job
from qunying.jobs.queries import card

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)


@pytest.fixture
def brand() -> Brand:
    open_account("lin", password="x" * 12, at=AT, name="林")
    return open_brand("山茶", at=AT, slug="shancha")


@pytest.fixture
def owner(brand) -> Staff:
    return Staff.objects.get(account__login="lin")


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def work(brand: Brand, staff: Staff, **state: object) -> Job:
    job = actions.start(brand, kind="connectors.import", args={"batch": 1, "rows": 1000}, at=AT, staff=staff)
    Job.objects.filter(pk=job.pk).update(**state)
    return Job.objects.get(pk=job.pk)


def test_running_work_shows_percent_speed_and_time_left(brand, owner):
    job = work(
        brand,
        owner,
        state="running",
        done=250,
        total=1000,
        started_at=AT,
        lease_until=AT + dt.timedelta(seconds=10) + LEASE,
    )

    shown = card(job, "shancha")

    assert (shown.label, shown.state, shown.percent) == ("导入", "running", 25)
    assert shown.detail == "250 / 1,000 行 · 每秒 25 行 · 约剩 30 秒"
    assert (shown.url, shown.stop_url) == (
        f"/b/shancha/jobs/{job.pk}/progress/",
        f"/b/shancha/jobs/{job.pk}/stop/",
    )


def test_work_whose_rows_are_in_says_that_numbers_are_being_worked_out(brand, owner):
    job = work(brand, owner, state="running", done=4, total=4, started_at=AT, lease_until=AT + LEASE)

    assert card(job, "shancha").detail == "4 / 4 行 · 正在更新各项数据"


def test_failed_work_says_why_and_cannot_be_stopped(brand, owner):
    error = {"code": "jobs.gave_up", "details": {"attempts": 3}}

    shown = card(work(brand, owner, state="failed", error=error), "shancha")

    assert (shown.state, shown.detail, shown.stop_url) == (
        "failed",
        "任务尝试了 3 次仍未完成，已放弃。请查看原因后重试。",
        "",
    )


def test_finished_work_leads_to_its_result(brand, owner):
    shown = card(work(brand, owner, state="done", result={"url": "/b/shancha/imports/1/"}), "shancha")

    assert (shown.percent, shown.next_url) == (100, "/b/shancha/imports/1/")


def test_the_fragment_polls_while_the_work_runs_and_no_longer(brand, owner):
    client, job = client_of(owner.account), work(brand, owner)

    waiting = client.get(f"/b/shancha/jobs/{job.pk}/progress/").content.decode()
    Job.objects.filter(pk=job.pk).update(state="done")
    over = client.get(f"/b/shancha/jobs/{job.pk}/progress/").content.decode()

    assert ('hx-trigger="every 1s"' in waiting, 'hx-trigger="every 1s"' in over) == (True, False)


def test_stopping_ends_the_work_and_answers_a_script_with_the_card(brand, owner):
    client, job = client_of(owner.account), work(brand, owner)

    answer = client.post(f"/b/shancha/jobs/{job.pk}/stop/", headers={"HX-Request": "true"})

    assert Job.objects.get(pk=job.pk).state == "stopped"
    assert 'data-state="stopped"' in answer.content.decode()


def test_stopping_is_logged_once_with_who_and_what(brand, owner):
    client, job = client_of(owner.account), work(brand, owner)

    for _twice in range(2):
        client.post(f"/b/shancha/jobs/{job.pk}/stop/")

    (row,) = client.get("/b/shancha/audit/?deed=job.stopped").context["rows"]
    assert (row.who, row.deed, row.about, row.changes) == (
        "林",
        "停止任务",
        f"任务 {job.pk}",
        (("任务", "—", "导入"),),
    )


def test_a_colleague_with_a_narrow_scope_sees_only_what_he_started(brand, owner):
    account = open_account("zhou", password="x" * 12, at=AT)
    narrow = appoint(brand, account=account, role="operator", at=AT, by=owner, reach=[])
    foreign, own = work(brand, owner), work(brand, narrow)

    client = client_of(account)

    assert [job.pk for job, _card in client.get("/b/shancha/jobs/").context["rows"]] == [own.pk]
    assert client.get(f"/b/shancha/jobs/{foreign.pk}/").status_code == 404


def test_the_list_asks_as_many_questions_for_three_jobs_as_for_one(brand, owner):
    client = client_of(owner.account)
    asked = []
    for more in (1, 2):
        for _job in range(more):
            work(brand, owner)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/b/shancha/jobs/").status_code == 200
        asked.append(len(queries))

    assert asked[0] == asked[1] <= 8


def test_an_import_is_paused_and_resumed_from_its_card_and_both_are_logged(brand, owner):
    client = client_of(owner.account)
    job = work(brand, owner, state="running", attempts=1, lease_until=AT, started_at=AT)

    paused = client.post(f"/b/shancha/jobs/{job.pk}/pause/", headers={"HX-Request": "true"}).content.decode()
    resumed = client.post(
        f"/b/shancha/jobs/{job.pk}/resume/", headers={"HX-Request": "true"}
    ).content.decode()

    deeds = [row.deed for row in client.get("/b/shancha/audit/").context["rows"]]
    assert "已暂停" in paused and f"/b/shancha/jobs/{job.pk}/resume/" in paused
    assert "排队中" in resumed
    assert deeds[:2] == ["继续任务", "暂停任务"]


def test_work_that_cannot_rest_says_so_and_offers_no_button(brand, owner):
    job = actions.start(brand, kind="connectors.undo", args={"batch": 1}, at=AT, staff=owner)

    refused = client_of(owner.account).post(f"/b/shancha/jobs/{job.pk}/pause/")

    assert refused.status_code == 409
    assert "不能暂停" in refused.content.decode()
    assert card(job, "shancha").pause_url == ""


def test_stopping_says_what_becomes_of_the_work(brand, owner):
    page = client_of(owner.account).get(f"/b/shancha/jobs/{work(brand, owner).pk}/").content.decode()

    assert "这次导入已写入的记录会全部收回" in page


def test_failed_work_is_found_with_its_reason_and_run_again_from_its_page(brand, owner):
    error = {"code": "jobs.gave_up", "details": {"attempts": 3}, "words": "OperationalError: disk full"}
    work(brand, owner, state="done")
    job = actions.start(brand, kind="connectors.nightly", args={"day": 1}, at=AT, staff=owner)
    Job.objects.filter(pk=job.pk).update(state="failed", error=error, attempts=3)
    client = client_of(owner.account)

    listed = client.get("/b/shancha/jobs/?state=failed")
    answer = client.post(f"/b/shancha/jobs/{job.pk}/replay/", headers={"HX-Request": "true"})

    assert [row.pk for row, _card in listed.context["rows"]] == [job.pk]
    assert "OperationalError: disk full" in listed.content.decode()
    assert (answer.status_code, "排队中" in answer.content.decode()) == (200, True)
    assert (Job.objects.get(pk=job.pk).state, card(Job.objects.get(pk=job.pk), "shancha").replay_url) == (
        "waiting",
        "",
    )

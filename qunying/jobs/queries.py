"""Reads of jobs: which a staff member may see, and one as its page shows it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.brands.models import Staff
from qunying.jobs.actions import LEASE
from qunying.jobs.kinds import JobKind, kind
from qunying.jobs.models import Job
from qunying.kit import catalog
from qunying.kit.errors import Missing
from qunying.kit.refusals import Text

STATES: dict[str, tuple[str, Text]] = {
    Job.State.WAITING: ("queued", gettext_lazy("排队中")),
    Job.State.RUNNING: ("running", gettext_lazy("进行中")),
    Job.State.PAUSED: ("paused", gettext_lazy("已暂停")),
    Job.State.DONE: ("done", gettext_lazy("已完成")),
    Job.State.FAILED: ("failed", gettext_lazy("未完成")),
    Job.State.STOPPED: ("stopped", gettext_lazy("已停止")),
}
"""State of a job → the word of the progress card and the label."""


@dataclass(frozen=True)
class Card:
    """A job as the progress card shows it; addresses are empty where there is nothing to open or stop."""

    pk: int
    label: str
    state: str
    state_label: str
    percent: int | None
    detail: str
    url: str
    pause_url: str
    resume_url: str
    stop_url: str
    replay_url: str
    stop_text: Text
    next_url: str
    done_text: str
    errors: tuple[str, ...]
    error_count: int


def visible(staff: Staff) -> QuerySet[Job]:
    """All jobs of the brand for those who may see imports and every community; one's own otherwise."""
    rows = Job.objects.filter(brand=staff.brand).select_related("staff__account")
    return rows if staff.may("imports.read") and staff.reach is None else rows.filter(staff=staff)


def one(staff: Staff, pk: int) -> Job:
    """The job if the staff member may see it; Missing otherwise."""
    found = visible(staff).filter(pk=pk).first()
    if found is None:
        raise Missing("brands.not_found")
    return found


def label_of(job: Job) -> str:
    """The kind's name and what the job is about."""
    work = _kind_of(job)
    name = str(work.label) if work else _("旧版本的任务")
    return f"{name}：{job.note}" if job.note else name


def _kind_of(job: Job) -> JobKind | None:
    """None for work of an older version."""
    with suppress(Missing):
        return kind(job.kind)
    return None


def card(job: Job, slug: str) -> Card:
    """The job for `console/_job.html`."""
    state, state_label = STATES[job.state]
    work = _kind_of(job)
    pauses = work is not None and work.pauses and not job.is_over
    result = job.result if isinstance(job.result, dict) else {}
    replays = work is not None and job.state == Job.State.FAILED and not work.starts_over
    return Card(
        pk=job.pk,
        label=label_of(job),
        state=state,
        state_label=str(state_label),
        percent=100 if state == "done" else job.percent,
        detail=_reason(job.error) or _detail(job),
        url=reverse("job_progress", args=[slug, job.pk]),
        pause_url=reverse("job_pause", args=[slug, job.pk]) if pauses else "",
        resume_url=reverse("job_resume", args=[slug, job.pk]) if pauses else "",
        stop_url="" if job.is_over else reverse("job_stop", args=[slug, job.pk]),
        replay_url=reverse("job_replay", args=[slug, job.pk]) if replays else "",
        stop_text=work.stops if work else "",
        next_url=str(result.get("url", "")),
        done_text=str(state_label),
        errors=(),
        error_count=0,
    )


def sentence(error: object) -> str:
    """The declared sentence of a kept error, "" where there is none."""
    if not isinstance(error, dict):
        return ""
    for refusal in catalog.collect("refusals"):
        if refusal.code == error["code"]:
            return str(refusal.sentence).format(**error["details"])
    return str(error["code"])


def _reason(error: object) -> str:
    """Why it ended, with what the machine said of it."""
    words = str(error.get("words", "")) if isinstance(error, dict) else ""
    return f"{sentence(error)} {words}".strip()


def _detail(job: Job) -> str:
    """Rows so far, rows a second, and about how long it still takes."""
    parts = []
    if job.state == Job.State.PAUSED:
        resting = job.lease_until is None
        parts.append(_("已写入的内容会保留，继续后不会重复") if resting else _("正在停下手上的一步"))
    if job.done > 1 or job.total > 1:  # one round of the daily work is no row count
        done = f"{job.done:,} / {job.total:,}" if job.total else f"{job.done:,}"
        parts.append(_("%(rows)s 行") % {"rows": done})
    speed = 0 if job.state == Job.State.PAUSED else _rows_a_second(job)
    if speed >= 1:
        parts.append(_("每秒 %(rows)s 行") % {"rows": f"{speed:,.0f}"})
        if not job.is_over and job.total > job.done:
            parts.append(_("约剩 %(n)s 秒") % {"n": f"{(job.total - job.done) / speed:,.0f}"})
    if job.state == Job.State.RUNNING and 0 < job.total <= job.done:
        parts.append(_("正在更新各项数据"))
    return " · ".join(parts)


def _rows_a_second(job: Job) -> float:
    """0 before the first second; while it runs, up to when progress was last told."""
    told_at = job.finished_at or (job.lease_until - LEASE if job.lease_until else None)
    if job.started_at is None or told_at is None:
        return 0
    seconds = (told_at - job.started_at).total_seconds()
    return job.done / seconds if seconds >= 1 else 0

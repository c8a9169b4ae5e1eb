"""Entrances of jobs: the list, one job that is watched, its progress fragment, pausing, resuming, stopping,
running again."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.jobs import actions
from qunying.jobs.models import Job
from qunying.jobs.queries import card, one, visible

PAGE = 25


def jobs(request: BrandRequest) -> HttpResponse:
    found, failed = visible(request.staff).order_by("-pk"), request.GET.get("state") == Job.State.FAILED
    if failed:
        found = found.filter(state=Job.State.FAILED)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [(job, card(job, request.brand.slug)) for job in page]
    return render(request, "jobs/jobs.html", {"page": page, "rows": rows, "failed": failed})


def job(request: BrandRequest, pk: int) -> HttpResponse:
    found = one(request.staff, pk)
    return render(request, "jobs/job.html", {"row": found, "job": card(found, request.brand.slug)})


def job_progress(request: BrandRequest, pk: int) -> HttpResponse:
    """The card alone, asked for every second while the job runs."""
    return render(request, "console/_job.html", {"job": card(one(request.staff, pk), request.brand.slug)})


@require_POST
def job_pause(request: BrandRequest, pk: int) -> HttpResponse:
    actions.pause(one(request.staff, pk), at=dt.datetime.now(dt.UTC), by=request.staff)
    return _answer(request, pk, _("任务已暂停。"))


@require_POST
def job_resume(request: BrandRequest, pk: int) -> HttpResponse:
    actions.resume(one(request.staff, pk), at=dt.datetime.now(dt.UTC), by=request.staff)
    return _answer(request, pk, _("任务已继续。"))


@require_POST
def job_stop(request: BrandRequest, pk: int) -> HttpResponse:
    actions.stop(one(request.staff, pk), at=dt.datetime.now(dt.UTC), by=request.staff)
    return _answer(request, pk, _("任务已停止。"))


@require_POST
def job_replay(request: BrandRequest, pk: int) -> HttpResponse:
    actions.replay(one(request.staff, pk), at=dt.datetime.now(dt.UTC), by=request.staff)
    return _answer(request, pk, _("任务已重新排队。"))


def _answer(request: BrandRequest, pk: int, told: str) -> HttpResponse:
    """The card to a script, the job's page otherwise."""
    if request.headers.get("HX-Request"):
        return job_progress(request, pk)
    messages.success(request, told)
    return redirect("job", brand=request.brand.slug, pk=pk)

"""Entrances of jobs: the list, one job that is watched, its progress fragment, stopping it."""

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
from qunying.jobs.queries import card, one, visible

PAGE = 25


def jobs(request: BrandRequest) -> HttpResponse:
    page = Paginator(visible(request.staff).order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    rows = [(job, card(job, request.brand.slug)) for job in page]
    return render(request, "jobs/jobs.html", {"page": page, "rows": rows})


def job(request: BrandRequest, pk: int) -> HttpResponse:
    found = one(request.staff, pk)
    return render(request, "jobs/job.html", {"row": found, "job": card(found, request.brand.slug)})


def job_progress(request: BrandRequest, pk: int) -> HttpResponse:
    """The card alone, asked for every second while the job runs."""
    return render(request, "console/_job.html", {"job": card(one(request.staff, pk), request.brand.slug)})


@require_POST
def job_stop(request: BrandRequest, pk: int) -> HttpResponse:
    """Stop the job; answers the card to a script, the job's page otherwise."""
    found = one(request.staff, pk)
    actions.stop(found, at=dt.datetime.now(dt.UTC), by=request.staff)
    if request.headers.get("HX-Request"):
        found.refresh_from_db()
        return render(request, "console/_job.html", {"job": card(found, request.brand.slug)})
    messages.success(request, _("任务已停止。"))
    return redirect("job", brand=request.brand.slug, pk=pk)

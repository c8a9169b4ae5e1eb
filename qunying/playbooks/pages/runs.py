"""执行记录: the runs, and one with its steps and its before and after."""

from __future__ import annotations

import datetime as dt

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from qunying.brands.access import BrandRequest
from qunying.communities.scope import frame, scope_of
from qunying.diagnosis.queries import metric_label
from qunying.kit import days
from qunying.playbooks import queries
from qunying.playbooks.kinds import playbook
from qunying.playbooks.models import Review, Run
from qunying.playbooks.showing import compared, difference, outcome, value

PAGE = 30


def runs(request: BrandRequest) -> HttpResponse:
    scope = scope_of(request, dt.datetime.now(dt.UTC))
    rows = queries.runs(request.staff)
    rows = rows.filter(community__in=scope.places) if scope.node else rows
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines = [_line(row, days.date(scope.today)) for row in page]
    return render(request, "playbooks/runs.html", {**frame(scope), "page": page, "lines": lines})


def _line(row: Run, today: dt.date) -> dict[str, object]:
    steps = queries.steps(row, today=today)
    return {
        "run": row,
        "label": playbook(row.playbook).label,
        "done": sum(step.state == "done" for step in steps),
        "total": len(steps),
        "overdue": sum(step.state == "overdue" for step in steps),
        "outcome": outcome(row) if row.state != Run.State.STOPPED else row.reason,
    }


def run(request: BrandRequest, pk: int) -> HttpResponse:
    """Steps with owner and day, and the review once its window is over."""
    scope = scope_of(request, dt.datetime.now(dt.UTC))
    row = queries.one_run(request.staff, pk)
    review = getattr(row, "review", None)
    book = playbook(row.playbook)
    finding = row.advice.finding if row.advice else None
    context = {
        **frame(scope),
        **_line(row, days.date(scope.today)),
        "book": book,
        "metric": metric_label(book.metric),
        "steps": queries.steps(row, today=days.date(scope.today)),
        "review": _review(review) if review else None,
        "finding_url": reverse("finding", args=[request.brand.slug, finding.pk]) if finding else "",
        "may_decide": request.staff.may("advice.decide") and row.state == Run.State.RUNNING,
        "may_do": request.staff.may("tasks.do"),
        "here": request.path,
    }
    return render(request, "playbooks/run.html", context)


def _review(review: Review) -> dict[str, object]:
    return {
        "row": review,
        "told": compared(review),
        "before": value(review, review.before),
        "after": value(review, review.after),
        "change": difference(review, review.change),
        "low": difference(review, review.low),
        "high": difference(review, review.high),
    }

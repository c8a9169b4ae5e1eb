"""数据概览: the brand's home."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from qunying.brands.access import BrandRequest
from qunying.communities.scope import Scope, frame
from qunying.kit import days
from qunying.metrics import charts
from qunying.metrics.asking import Asker
from qunying.metrics.cards import DAILY, Deck
from qunying.metrics.figures import daily
from qunying.metrics.periods import Period, period_of
from qunying.metrics.retention import triangle
from qunying.metrics.switch import scope_with_switch

WEEKS = 8
SHORTEST = 14


FINDINGS = ("console/_dashboard_findings.html", "metrics/_no_findings.html")


def dashboard(request: BrandRequest) -> HttpResponse:
    """Cards and trend from the readings; the heavier blocks follow by themselves."""
    scope = scope_with_switch(request, dt.datetime.now(dt.UTC))
    if not scope.known:
        return render(request, "metrics/dashboard_empty.html", frame(scope))
    period = period_of(request.GET, scope)
    context = {
        **frame(scope),
        **overview(scope, period),
        "aside": FINDINGS,
        "more_url": more_url(scope, period),
    }
    return render(request, "metrics/dashboard.html", context)


def more_url(scope: Scope, period: Period) -> str:
    """Where the heavier blocks of the same scope and period are."""
    given = {
        "range": "custom",
        "from": period.from_day,
        "to": period.to_day,
        "c": scope.node.pk if scope.node else "",
        **({"everybody": 1} if scope.with_everybody else {}),
    }
    return f"{reverse('dashboard_more', args=[scope.brand.slug])}?{urlencode(given)}"


def overview(scope: Scope, period: Period) -> dict[str, object]:
    """Cards and trend of any scope."""
    since = min(period.last - 2 * max(period.length, SHORTEST) - 1, period.before.first)
    values = daily(scope, DAILY, since, max(period.last, scope.as_of))
    return {
        "period": period,
        "cards": Deck(scope, period, values, since=since).cards(),
        "trend": charts.activity(scope, period, values, since),
    }


def dashboard_more(request: BrandRequest) -> HttpResponse:
    """Fragment: weekly retention, newcomers, lifecycle, hours of the week, stages."""
    at = dt.datetime.now(dt.UTC)
    scope = scope_with_switch(request, at)
    period = period_of(request.GET, scope)
    return render(request, "metrics/_dashboard_more.html", {"period": period, **deeper(scope, period, at)})


def deeper(scope: Scope, period: Period, at: dt.datetime) -> dict[str, object]:
    """The charts that need the sets themselves."""
    asker = Asker(scope.brand, scope.known, at=at, with_everybody=scope.with_everybody)
    week = days.week_start(scope.complete)
    question = asker.question(max(asker.since, week - WEEKS * 7), scope.complete)
    rows = triangle(question, by="join", step="week", columns=WEEKS + 1)
    first = min(period.first, period.last - SHORTEST + 1)
    values = daily(scope, ("joins", "leaves"), first, period.last)
    stages = daily(scope, charts.STAGE_KEYS, period.last, period.last)
    return {
        "flows": charts.flows(scope, first, period.last, values),
        "retention": charts.triangle(scope, question, rows, by="join", step="week"),
        "hours": charts.hours(asker, scope, period),
        "lifecycle": charts.lifecycle_bars(asker, scope, scope.complete, step="week", many=WEEKS),
        "stages": charts.stages(scope, stages, period.last),
        "funnel": charts.funnel(asker, scope, period),
    }

"""日报: the page, for the phone first."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from qunying.brands.access import BrandRequest
from qunying.communities.scope import frame, scope_of
from qunying.kit import days
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.daily import daily as report_of
from qunying.metrics.reports.range import one_day


@never_cache
def daily(request: BrandRequest) -> HttpResponse:
    """The daily report of the last day that is over, or of the day in the address."""
    at = dt.datetime.now(dt.UTC)
    scope = scope_of(request, at)
    if not scope.known:
        return render(request, "metrics/report_empty.html", {**frame(scope), "title": _("社群日报")})
    span = one_day(request.GET.get("on", ""), scope)
    day, found = span.first, report_of(About(scope, span, at))
    context = {
        "daily": found,
        "day": days.date(day),
        "earlier": days.date(day - 1) if day > scope.since else None,
        "later": days.date(day + 1) if day < scope.as_of else None,
        "is_partial": span.is_partial,
        "may_push": request.staff.may("connections.edit") and request.staff.reach is None,
    }
    return render(request, "metrics/daily.html", {**frame(scope), **context})

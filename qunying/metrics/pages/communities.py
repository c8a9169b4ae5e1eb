"""社群: the tree with each community's figures, and the page of one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from qunying.audiences.filters import size_of
from qunying.brands.access import BrandRequest
from qunying.communities.duty import has_roster, on_duty
from qunying.communities.queries import one
from qunying.communities.scope import Scope, frame, scope_of
from qunying.metrics.branches import branches, bulk_fields, chips, fields, fits, tree
from qunying.metrics.community_page import profile, talk
from qunying.metrics.pages.dashboard import more_url, overview
from qunying.metrics.periods import period_of
from qunying.metrics.switch import scope_with_switch

USUAL = 5
"""Controls of the filter bar that always show; the rest are behind “more conditions”."""


def communities(request: BrandRequest) -> HttpResponse:
    """All nodes that fit the filter, in the order of the tree."""
    scope = scope_of(request, dt.datetime.now(dt.UTC))
    everywhere = Scope(scope.staff, scope.nodes, None, scope.today, scope.position)
    found = [(row, depth) for row, depth in tree(scope.nodes) if fits(row, request.GET)]
    page = Paginator(found, max(50, size_of(request.GET))).get_page(request.GET.get("page"))
    shown = fields(scope.nodes, request.GET)
    context = {
        "page": page,
        "branches": branches(everywhere, list(page.object_list)),
        "fields": shown[:USUAL],
        "further": shown[USUAL:],
        "chips": chips(request, scope),
        "clear_url": request.path,
        "is_empty": not scope.nodes,
        "may_edit": request.staff.may("communities.edit"),
        "may_open": request.staff.may("communities.edit") and request.staff.reach is None,
        "bulk_fields": bulk_fields(),
    }
    return render(request, "metrics/communities.html", {**frame(everywhere), **context})


# -- one ----------------------------------------------------------------------------------------------------------


def community(request: BrandRequest, pk: int) -> HttpResponse:
    """The page of one node: its overview, profile, sources and speakers."""
    row = one(request.staff, pk)
    at = dt.datetime.now(dt.UTC)
    scope = scope_with_switch(request, at)
    own, is_served = replace(scope, node=row), has_roster(row, at=at)
    context: dict[str, object] = {
        "row": row,
        "profile": profile(row, own),
        "may_edit": request.staff.may("communities.edit"),
        "may_write": request.staff.may("connections.edit"),
        "has_roster": is_served,
        "on_duty": on_duty(row, at=at) if is_served else [],
    }
    if own.known:
        period = period_of(request.GET, own, default="30d")
        context |= {**overview(own, period), **talk(own, period), "more_url": more_url(own, period)}
        context |= {"aside": "metrics/_community_profile.html"}
    return render(request, "metrics/community.html", {**frame(own), **context})

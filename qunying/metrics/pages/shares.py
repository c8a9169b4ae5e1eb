"""分享链接: the list, a new one, its end; and what its holder sees."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.brands.models import Staff
from qunying.communities.scope import frame, scope_of
from qunying.kit import days
from qunying.kit.errors import Invalid, Missing
from qunying.metrics.actions import reports as actions
from qunying.metrics.models import Share
from qunying.metrics.reports.range import range_of
from qunying.metrics.reports.report import compose
from qunying.metrics.reports.scopes import of_share, place


@dataclass(frozen=True)
class Line:
    """One link as the list shows it."""

    pk: int
    place: str
    days: str
    url: str
    by: str
    expires_at: dt.datetime
    is_open: bool
    state: str
    tag: str


@never_cache
def shares(request: BrandRequest) -> HttpResponse:
    """The links the staff member may see; posted, a new one to the report of the given days."""
    at = dt.datetime.now(dt.UTC)
    if request.method == "POST":
        return _new(request, at)
    rows = _mine(request.staff).select_related("community", "created_by__account").order_by("-pk")
    lines = [_line(request, row, at) for row in rows[:200]]
    return render(request, "metrics/share_list.html", {**frame(scope_of(request, at)), "shares": lines})


def _new(request: BrandRequest, at: dt.datetime) -> HttpResponse:
    scope = scope_of(request, at)
    span = range_of(request.POST, scope)
    text = request.POST.get("days", "")
    if not text.isdecimal():
        raise Invalid("metrics.bad_link_life", days=text[:10], most=actions.LONGEST_LIFE)
    actions.share_report(
        request.staff, community=scope.node, first=span.first, last=span.last, live_days=int(text[:6]), at=at
    )
    messages.success(request, _("链接已生成，复制后发给对方即可。"))
    return redirect("report_shares", brand=request.brand.slug)


@require_POST
def revocation(request: BrandRequest, pk: int) -> HttpResponse:
    """Close a link for good."""
    share = _mine(request.staff).filter(pk=pk).first()
    if share is None:
        raise Missing("metrics.link_closed")
    actions.revoke_share(share, at=dt.datetime.now(dt.UTC), by=request.staff)
    messages.success(request, _("链接已停用，拿到链接的人不能再打开报告。"))
    return redirect("report_shares", brand=request.brand.slug)


@never_cache
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """What the holder of a link sees: the report without names, links and forms."""
    share, about = of_share(token, at=dt.datetime.now(dt.UTC))
    context = {
        "report": compose(about),
        "brand_name": share.brand.name,
        "report_title": about.range.title,
        "period": f"{place(about)} · {about.range.days}",
        "expires_on": share.expires_at.astimezone(share.brand.clock.zone).date(),
        "freshness": about.scope.freshness(),
    }
    answer = render(request, "metrics/report_shared.html", context)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _mine(staff: Staff) -> QuerySet[Share]:
    """All of the brand's links; those one made oneself where one's reach is a part of it."""
    rows = Share.objects.filter(brand=staff.brand)
    return rows if staff.reach is None else rows.filter(created_by=staff)


def _line(request: BrandRequest, row: Share, at: dt.datetime) -> Line:
    state, tag = _("有效"), "ok"
    if row.revoked_at is not None:
        state, tag = _("已停用"), "draft"
    elif not row.is_open(at):
        state, tag = _("已过期"), "draft"
    whole = _("全部社群") if row.reach is None else _("我负责的社群")
    return Line(
        pk=row.pk,
        place=row.community.name if row.community else whole,
        days=f"{days.date(row.first)} – {days.date(row.last)}",
        url=request.build_absolute_uri(reverse("report_shared", args=[row.token])),
        by=row.created_by.name if row.created_by else "",
        expires_at=row.expires_at,
        is_open=row.is_open(at),
        state=state,
        tag=tag,
    )

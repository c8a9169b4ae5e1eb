"""报告: the page, its files, its comments."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.communities.scope import Scope, frame, scope_of
from qunying.kit import days
from qunying.kit.errors import Missing
from qunying.metrics.actions import reports as actions
from qunying.metrics.models import Comment
from qunying.metrics.reports import export
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.range import Range, range_of
from qunying.metrics.reports.report import compose

OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "json": "application/json",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet",
    "pptx": f"{OFFICE}.presentationml.presentation",
}


@never_cache
def report(request: BrandRequest) -> HttpResponse:
    """The report of a week, a month or any days."""
    at = dt.datetime.now(dt.UTC)
    scope = scope_of(request, at)
    if not scope.known:
        return render(request, "metrics/report_empty.html", {**frame(scope), "title": _("社群运营报告")})
    span = range_of(request.GET, scope)
    found = compose(About(scope, span, at))
    context = {"report": found, "span": span, "place": scope.name, "made_at": export.made_at(found.about)}
    return render(request, "metrics/report.html", {**frame(scope), **context, **_addresses(scope, span)})


@require_POST
def file(request: BrandRequest) -> HttpResponse:
    """The report as a file; that it left is written down."""
    at = dt.datetime.now(dt.UTC)
    scope = scope_of(request, at)
    about = About(scope, range_of(request.POST, scope), at)
    form = request.POST.get("form", "")
    body = export.as_bytes(about, form)
    actions.note_export(request.staff, first=about.range.first, last=about.range.last, form=form, at=at)
    answer = HttpResponse(body, content_type=TYPES[form])
    name = f"report_{about.range.from_day}_{about.range.to_day}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
def comments(request: BrandRequest) -> HttpResponse:
    """Write under the report."""
    at = dt.datetime.now(dt.UTC)
    scope = scope_of(request, at)
    span = range_of(request.POST, scope)
    text = request.POST.get("text", "")
    actions.comment(request.staff, community=scope.node, first=span.first, last=span.last, text=text, at=at)
    messages.success(request, _("备注已保存。"))
    return redirect(address(scope, "report", span) + "#part-comments")


@require_POST
def comment_removal(request: BrandRequest, pk: int) -> HttpResponse:
    """Take one's own comment back."""
    row = Comment.objects.filter(brand=request.brand, author=request.staff, pk=pk).first()
    if row is None:
        raise Missing("metrics.no_comment")
    actions.take_back(row, at=dt.datetime.now(dt.UTC), by=request.staff)
    messages.success(request, _("备注已删除。"))
    place = f"&c={row.community_id}" if row.community_id else ""
    days_of = f"?from={days.date(row.first)}&to={days.date(row.last)}{place}#part-comments"
    return redirect(reverse("report", args=[request.brand.slug]) + days_of)


def address(scope: Scope, route: str, span: Range | None = None) -> str:
    """A route of the brand with the chosen community, and the days where given."""
    parts = [f"c={scope.node.pk}" if scope.node else "", span.address if span else ""]
    query = "&".join(part for part in parts if part)
    return reverse(route, args=[scope.brand.slug]) + (f"?{query}" if query else "")


def _addresses(scope: Scope, span: Range) -> dict[str, object]:
    """Where the page's tools lead; nothing where the staff member may not go."""
    place = f"&c={scope.node.pk}" if scope.node else ""
    labels = (("week", _("周报")), ("month", _("月报")))
    may = scope.staff.may("reports.share")
    return {
        "spans": [
            {"label": label, "url": f"?span={key}{place}", "is_current": span.key == key}
            for key, label in labels
        ],
        "earlier_url": f"?{span.earlier}{place}" if span.earlier else "",
        "later_url": f"?{span.later}{place}" if span.later else "",
        "file_url": address(scope, "report_file"),
        "comment_url": address(scope, "report_comments") if may else "",
        "share_url": address(scope, "report_shares") if may else "",
        "shares_url": reverse("report_shares", args=[scope.brand.slug]),
    }

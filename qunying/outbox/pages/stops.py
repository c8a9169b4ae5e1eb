"""一键停发: nothing leaves for a community or the whole brand until a second person says so."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.communities.queries import one, visible
from qunying.jobs.actions import database_now
from qunying.kit.errors import NotAllowed
from qunying.outbox import queries
from qunying.outbox.actions import resume, stop


def stops(request: BrandRequest) -> HttpResponse:
    """The stops that stand with what had already left, the form for another, and those that are over."""
    staff = request.staff
    context = {
        "standing": [(row, queries.left_before(staff, row)) for row in queries.standing_stops(staff)],
        "over": queries.stops_of(staff).exclude(resumed_at=None).order_by("-pk")[:20],
        "communities": visible(staff).filter(level="community").order_by("name"),
        "may_stop_brand": staff.reach is None,
        "may_resume": staff.may("advice.decide"),
        "may_write": staff.may("connections.edit"),
    }
    return render(request, "outbox/stops.html", context)


def stop_now(request: BrandRequest) -> HttpResponse:
    """POST: stop one community, or the brand where none is named."""
    chosen = request.POST.get("community", "")
    if not chosen and request.staff.reach is not None:
        raise NotAllowed("outbox.stop_of_brand")
    community = one(request.staff, int(chosen) if chosen.isdecimal() else 0) if chosen else None
    reason = request.POST.get("reason", "").strip() or _("未填写原因")
    stop(request.brand, community=community, reason=reason, by=request.staff, at=database_now())
    messages.success(request, _("已停发。恢复须由另一位同事操作。"))
    return redirect("stops", request.brand.slug)


def stop_over(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: things leave again."""
    row = queries.stop(request.staff, pk)
    resume(row, by=request.staff, at=database_now())
    messages.success(request, _("已恢复外发。"))
    return redirect("stops", request.brand.slug)

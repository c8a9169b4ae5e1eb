"""What every page of the console gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.communities.models import Community
from qunying.communities.queries import visible
from qunying.communities.scope import Scope
from qunying.console.asked import known
from qunying.console.checklist import progress
from qunying.console.menu import Section, menu, shortcuts
from qunying.kit import days
from qunying.outbox.models import Stop
from qunying.outbox.queries import standing_stops
from qunying.playbooks.showing import worst


def shell(request: HttpRequest) -> dict[str, object]:
    """Brand, staff, the switcher's communities (only those in the staff member's scope), the menu, the community chosen
    by ?c=, the checklist and how fresh the data are. Nothing is read before a template shows it."""
    if not hasattr(request, "staff"):
        return {}
    entered = cast(BrandRequest, request)  # guard has put brand and staff there
    staff = entered.staff
    communities = cast(Sequence[Community], SimpleLazyObject(lambda: _communities(entered)))
    return {
        "brand": entered.brand,
        "staff": staff,
        "communities": communities,
        "palette_url": f"{reverse('members', args=[entered.brand.slug])}?quick=1"
        if staff.may("members.read")
        else "",
        "menu": SimpleLazyObject(lambda: _menu(entered)),
        "shortcuts": SimpleLazyObject(lambda: shortcuts(staff)),
        "scope": SimpleLazyObject(lambda: _scope(entered, communities)),
        "checklist": SimpleLazyObject(lambda: progress(entered)),
        "open_problems": SimpleLazyObject(lambda: worst(staff, _scope(entered, communities))),
        "may_see_stops": staff.may("tasks.do"),
        "stops_here": SimpleLazyObject(lambda: _stops(entered)),
        "freshness": SimpleLazyObject(lambda: _freshness(entered, communities)),
    }


def _menu(request: BrandRequest) -> list[Section]:
    counts = {"today": known(request).waiting}
    return menu(request.staff, path=request.path, given=request.GET.dict(), counts=counts)


def _communities(request: BrandRequest) -> list[Community]:
    """Those the page has read already, where it has."""
    held = request.__dict__.get("_scope")
    if isinstance(held, Scope):
        return [row for row in held.nodes if row.level == Community.Level.COMMUNITY]
    return list(visible(request.staff).filter(level=Community.Level.COMMUNITY).order_by("name"))


def _scope(request: BrandRequest, communities: Sequence[Community]) -> Community | None:
    chosen = request.GET.get("c", "")
    return next((row for row in communities if str(row.pk) == chosen), None)


def _stops(request: BrandRequest) -> list[Stop]:
    """Asked only where any stands, so that other pages ask no more than before."""
    return list(standing_stops(request.staff)) if known(request).is_stopped else []


def _freshness(request: BrandRequest, communities: Sequence[Community]) -> str:
    """The last day we have data of, and how many communities are behind it."""
    ends = [row.covered_to for row in communities if row.covered_to is not None]
    if not ends:
        return ""
    last = max(ends)
    told = _("数据截至 %(day)s（时区 %(zone)s）") % {
        "day": days.date(last).isoformat(),
        "zone": request.brand.zone,
    }
    late = sum(end < last for end in ends)
    return told + (_("；另有 %(n)s 个社群的数据较早") % {"n": late} if late else "")

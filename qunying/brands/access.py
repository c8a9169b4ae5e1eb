"""The one place where it is decided whether a request may reach an entrance.

Every route is declared with the permission it needs; one that declares none is not served. A brand, object or
permission that is not the caller's looks the same as one that does not exist, except that a staff member of the
brand is told plainly when only the role is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Literal, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase

from qunying.brands.models import Brand, Staff
from qunying.kit.errors import Missing, NotAllowed

OPEN = "open"
"""Permission of routes that need no sign-in (login, health, shared reports)."""
SIGNED_IN = "signed_in"
"""Permission of routes that any signed-in account reaches (brand chooser)."""


class BrandRequest(HttpRequest):
    """A request that has passed `guard`: its brand and the staff member acting are known."""

    brand: Brand
    staff: Staff


View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Route:
    """One address. `path` is below `b/<brand>/`, unless `is_global`. `smoke` marks pages that `./go demo
    --once` opens."""

    path: str
    view: View
    name: str
    may: str
    is_global: bool = False
    smoke: bool = False
    method: Literal["any", "post"] = "any"


def guard(route: Route) -> View:
    """The route's view behind its permission."""

    @wraps(route.view)
    def entrance(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if route.may != OPEN and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if route.is_global:
            return route.view(request, *args, **kwargs)
        enter(request, slug=cast(str, kwargs.pop("brand")), permission=route.may)
        return route.view(request, *args, **kwargs)

    return entrance


def enter(request: HttpRequest, *, slug: str, permission: str) -> None:
    """Put brand and staff on the request; Missing for a brand that is not the caller's, NotAllowed for a role
    too small."""
    staff = (
        Staff.objects.select_related("brand", "account")
        .filter(brand__slug=slug, account_id=request.user.pk or 0, is_active=True)
        .first()
    )
    if staff is None:
        raise Missing("brands.not_found")
    if permission != SIGNED_IN and not staff.may(permission):
        raise NotAllowed("brands.may_not", permission=permission)
    entered = cast(BrandRequest, request)
    entered.brand, entered.staff = staff.brand, staff

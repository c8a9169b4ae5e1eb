"""Every address: the declared routes behind their permission, and nothing else."""

from __future__ import annotations

from django.urls import include, path

from qunying.brands.access import Route, guard
from qunying.kit import catalog


def address(route: Route) -> str:
    return route.path if route.is_global else f"b/<slug:brand>/{route.path}"


urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    *(path(address(route), guard(route), name=route.name) for route in catalog.collect("routes")),
]
handler400 = "qunying.console.errors.unreadable"
handler404 = "qunying.console.errors.not_found"
handler500 = "qunying.console.errors.broke"

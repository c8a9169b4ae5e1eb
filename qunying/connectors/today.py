"""Connections that need a person, for the page of today."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from qunying.brands.models import Staff
from qunying.brands.today import Part, Thing
from qunying.connectors.models import Connection
from qunying.jobs.queries import sentence


def _troubled(staff: Staff, _today: dt.date, _mine: bool) -> QuerySet[Connection]:
    """Connections in trouble; like all of them only for who sees every community."""
    rows = Connection.objects.filter(brand=staff.brand, state=Connection.State.ON, failure__isnull=False)
    rows = rows.select_related("brand").order_by("failed_at", "pk")
    return rows if staff.reach is None else rows.none()


def _trouble(row: Connection, staff: Staff) -> Thing:
    at = row.failed_at or row.created_at
    return Thing(
        title=f"{row.name} · {sentence(row.failure)}",
        url=reverse("connection", args=[staff.brand.slug, row.pk]),
        due_on=at.astimezone(row.brand.clock.zone).date(),
    )


TODAY = (
    Part(
        "connectors.trouble", gettext_lazy("接入故障"), "connections.edit", _troubled, _trouble, mark="failed"
    ),
)

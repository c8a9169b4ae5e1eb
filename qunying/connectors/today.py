"""Connections and codes that need a person, for the page of today."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from qunying.brands.models import Staff
from qunying.brands.today import Part, Thing
from qunying.connectors.models import Code, Connection
from qunying.jobs.queries import sentence
from qunying.outbox.models import Sending

GIVEN_UP = (Sending.State.REJECTED, Sending.State.DEAD)


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


def _codes(staff: Staff, _today: dt.date, _mine: bool) -> QuerySet[Code]:
    """Codes in trouble; what somebody asked for and the platform refused stands among what was not sent."""
    rows = Code.objects.filter(connection__brand=staff.brand, dropped_at=None).exclude(trouble="")
    refused = Q(sending__created_by__isnull=False, sending__state__in=GIVEN_UP)
    rows = rows.exclude(refused, trouble=Code.Trouble.FAILED).select_related("connection__brand")
    rows = rows.prefetch_related("turns__by__account").order_by("troubled_at", "pk")
    return rows if staff.reach is None else rows.none()


def _code(row: Code, staff: Staff) -> Thing:
    """Whoever last changed it has to see to it."""
    at = row.troubled_at or row.created_at
    turns = sorted(row.turns.all(), key=lambda turn: turn.pk)
    owners = [turn.by.name for turn in turns if turn.by is not None]
    why = row.failure or row.get_trouble_display()
    return Thing(
        title=f"{row.name} · {why}",
        url=reverse("codes", args=[staff.brand.slug, row.connection_id]),
        due_on=at.astimezone(row.connection.brand.clock.zone).date(),
        owner=owners[-1] if owners else "",
    )


TODAY = (
    Part(
        "connectors.trouble", gettext_lazy("接入故障"), "connections.edit", _troubled, _trouble, mark="failed"
    ),
    Part("connectors.codes", gettext_lazy("活码要处理"), "connections.edit", _codes, _code, mark="failed"),
)

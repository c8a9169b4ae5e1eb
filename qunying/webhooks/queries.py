"""Reads of webhooks used more than once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from qunying.brands.models import Brand, Staff
from qunying.jobs.queries import sentence
from qunying.kit import days
from qunying.kit.errors import Missing
from qunying.webhooks.kinds import tidings
from qunying.webhooks.models import Delivery, Webhook
from qunying.webhooks.tidings import TRIAL

MARKS = {"waiting": "queued", "leased": "running", "delivered": "ok", "failed": "failed"}
STANDING = {"on": "ok", "paused": "paused", "off": "failed"}


@dataclass(frozen=True)
class Line:
    """A delivery as lists show it."""

    row: Delivery
    label: str
    mark: str
    said: str


def webhooks(staff: Staff) -> QuerySet[Webhook]:
    """The brand's webhooks with how much waits and was given up. They tell of any community, so only those who see all
    of them do."""
    if staff.reach is not None:
        raise Missing("brands.not_found")
    rows = Webhook.objects.filter(brand=staff.brand).select_related("brand").order_by("pk")
    return rows.annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state__in=["waiting", "leased"])),
        failed=Count("deliveries", filter=Q(deliveries__state="failed")),
    )


def webhook(staff: Staff, pk: int) -> Webhook:
    """The webhook if the staff member may see it; Missing otherwise."""
    found = webhooks(staff).filter(pk=pk).first()
    if found is None:
        raise Missing("brands.not_found")
    return found


def delivery(staff: Staff, pk: int) -> Delivery:
    """The delivery if the staff member may see it; Missing otherwise."""
    rows = Delivery.objects.filter(webhook__in=webhooks(staff).values("pk"))
    found = rows.select_related("brand", "webhook__brand").filter(pk=pk).first()
    if found is None:
        raise Missing("brands.not_found")
    return found


def log_of(row: Webhook, told: Mapping[str, str]) -> QuerySet[Delivery]:
    """Its deliveries, the newest first, narrowed by the filter bar; days are the brand's."""
    rows = row.deliveries.defer("body").order_by("-pk")
    if told.get("state") in MARKS:
        rows = rows.filter(state=told["state"])
    if told.get("kind"):
        rows = rows.filter(kind=told["kind"])
    since = start_of(row.brand, told.get("since", ""))
    return rows.filter(created_at__gte=since) if since else rows


def start_of(brand: Brand, day: str) -> dt.datetime | None:
    """When the brand's day that is written there began; None for what is no day."""
    try:
        return days.moment(brand.clock.start(days.number(dt.date.fromisoformat(day))))
    except (ValueError, OverflowError):
        return None


def fields(told: Mapping[str, str]) -> list[dict[str, object]]:
    """The filter bar of the log."""
    kinds = [(TRIAL, label(TRIAL)), *((key, entry.label) for key, entry in tidings().items())]
    return [
        {
            "name": "state",
            "label": _("状态"),
            "kind": "select",
            "value": told.get("state"),
            "options": Delivery.State.choices,
        },
        {
            "name": "kind",
            "label": _("推送内容"),
            "kind": "select",
            "value": told.get("kind"),
            "options": kinds,
        },
        {"name": "since", "label": _("开始日期"), "kind": "date", "value": told.get("since")},
    ]


def label(kind: str) -> str:
    """What a kind of message is called; one that nobody declares any more stays its key."""
    if kind == TRIAL:
        return _("测试推送")
    entry = tidings().get(kind)
    return str(entry.label) if entry else kind


def body_of(row: Delivery) -> str:
    """What is sent, in lines for reading."""
    return orjson.dumps(orjson.loads(row.body), option=orjson.OPT_INDENT_2).decode()


def line(row: Delivery) -> Line:
    """What the other side said, or why nothing came."""
    said = sentence(row.failure) or (f"HTTP {row.status}" if row.status else "")
    return Line(row, label(row.kind), MARKS[row.state], said)

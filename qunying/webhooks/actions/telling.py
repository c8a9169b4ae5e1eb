"""Write down what is to be told, in the transaction of what happened."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from django.db import transaction

from qunying.brands.models import Brand
from qunying.jobs.actions import database_now
from qunying.webhooks.models import Delivery, Webhook

PART = 500


@dataclass(frozen=True)
class Told:
    """One thing that happened: its declared kind, the key that makes telling it twice the same, ids and counts of it.
    `member` is whom it names, `at` when it happened if that was not just now."""

    kind: str
    key: str
    data: Mapping[str, object]
    member: int | None = None
    at: dt.datetime | None = None


@transaction.atomic
def tell(brand: Brand, told: Sequence[Told]) -> int:
    """A delivery for each webhook that wants it, also for those that are paused or off, which get it when they are on
    again. The same key again changes nothing. Answers how many were wanted."""
    if not told:
        return 0
    hooks = list(Webhook.objects.filter(brand=brand))
    wanted = [(hook, each) for each in told for hook in hooks if each.kind in hook.kinds]
    if wanted:
        now = database_now()
        rows = [delivery_of(hook, each, now) for hook, each in wanted]
        Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=PART)
    return len(wanted)


def delivery_of(hook: Webhook, told: Told, now: dt.datetime) -> Delivery:
    at = (told.at or now).astimezone(dt.UTC)
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = orjson.dumps({"type": told.kind, "timestamp": stamp, "data": dict(told.data)})
    return Delivery(
        brand_id=hook.brand_id,
        webhook=hook,
        kind=told.kind,
        key=told.key,
        number=f"msg_{secrets.token_hex(16)}",
        body=body.decode(),
        member=told.member,
        due_at=now,
        created_at=now,
    )

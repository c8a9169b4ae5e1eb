"""Hand a delivery to one courier at a time, write down how it went, send again, and forget."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable

import orjson
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from qunying.brands import vault
from qunying.brands.actions import log
from qunying.brands.models import Brand, Staff
from qunying.kit.errors import Refused
from qunying.members.erasing import Traces
from qunying.members.models import Member
from qunying.webhooks.models import Delivery, Webhook
from qunying.webhooks.posting import Posted

ABOUT = "webhook"
LEASE = dt.timedelta(seconds=20)
LANES = 4
"""Deliveries under way to one webhook, so that a slow one leaves couriers to the others."""
MINUTE, HOUR = 60, 3600
PAUSES = (5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Seconds before each further try, as standard-webhooks has them: ten tries over 75 hours."""
LONGEST_PAUSE = 24 * HOUR
LONGEST_REST = 300.0
OFF_AFTER = dt.timedelta(days=3)
"""Off when a delivery is given up and none has arrived for so long."""
KEEP = dt.timedelta(days=30)
State = Delivery.State
Secret = tuple[str, int | None]
"""A signing secret, and until when (seconds UTC) it still counts; None for the one that stands."""


def seal_secrets(brand: Brand, known: Iterable[Secret]) -> bytes:
    return vault.seal(brand, orjson.dumps(list(known)), about=ABOUT)


def standing(webhook: Webhook, *, at: dt.datetime) -> list[Secret]:
    """The secrets that count now, the newest first."""
    known = orjson.loads(vault.unseal(webhook.brand, bytes(webhook.secrets), about=ABOUT))
    return [(word, end) for word, end in known if end is None or end > at.timestamp()]


def secrets_of(webhook: Webhook, *, at: dt.datetime) -> list[str]:
    """What messages are signed with. Never for a page."""
    return [word for word, _end in standing(webhook, at=at)]


def claim(*, now: dt.datetime) -> Delivery | None:
    """The next delivery that is due, leased to the caller; None when there is none. One whose courier died is taken
    over when its lease is over, and goes out again under the same number."""
    while True:
        row = _due(now).select_related("webhook__brand").order_by("due_at", "pk").first()
        if row is None:
            return None
        taken = Delivery.objects.filter(pk=row.pk, fence=row.fence).update(
            state=State.LEASED,
            lease_until=now + LEASE,
            tried_at=now,
            fence=row.fence + 1,
            attempts=F("attempts") + 1,
        )
        if taken:
            row.state, row.fence, row.attempts = State.LEASED, row.fence + 1, row.attempts + 1
            return row


def _due(now: dt.datetime) -> QuerySet[Delivery]:
    leased = Delivery.objects.filter(state=State.LEASED, lease_until__gte=now).values("webhook")
    busy = leased.annotate(count=Count("pk")).filter(count__gte=LANES).values("webhook")
    awake = Webhook.objects.filter(state=Webhook.State.ON).exclude(rest_until__gt=now).exclude(pk__in=busy)
    ready = Q(state=State.WAITING, due_at__lte=now) | Q(state=State.LEASED, lease_until__lt=now)
    return Delivery.objects.filter(ready, webhook__in=awake)


@transaction.atomic
def conclude(delivery: Delivery, *, posted: Posted, now: dt.datetime) -> bool:
    """Write down how a try went and when the next is; False when another courier has taken it over meanwhile."""
    error = posted.error
    values: dict[str, object] = {
        "lease_until": None,
        "status": posted.status,
        "answer": posted.answer.replace("\x00", "")[:500],
        "took_ms": posted.took_ms,
        "failure": {"code": error.code, "details": error.details} if error else None,
        **_next(delivery, posted, now),
    }
    ours = Delivery.objects.filter(pk=delivery.pk, state=State.LEASED, fence=delivery.fence)
    if not ours.update(**values):
        return False
    target = Webhook.objects.select_for_update().select_related("brand").get(pk=delivery.webhook_id)
    _remember(target, posted, now, gave_up=values["state"] == State.FAILED)
    return True


def _next(delivery: Delivery, posted: Posted, now: dt.datetime) -> dict[str, object]:
    if posted.is_taken:
        return {"state": State.DELIVERED, "concluded_at": now}
    if posted.is_gone or delivery.attempts > len(PAUSES):
        return {"state": State.FAILED, "concluded_at": now}
    pause = PAUSES[delivery.attempts - 1] * random.uniform(0.9, 1.1)  # noqa: S311
    pause = min(max(pause, posted.retry_seconds), LONGEST_PAUSE)
    return {"state": State.WAITING, "due_at": now + dt.timedelta(seconds=pause)}


def _remember(target: Webhook, posted: Posted, now: dt.datetime, *, gave_up: bool) -> None:
    """How the webhook itself is: a target that does not work rests for longer each time, and is turned off at last."""
    if posted.is_taken:
        target.failures, target.failing_since, target.rest_until = 0, None, None
        target.delivered_at = now
    else:
        target.failures += 1
        target.failing_since = target.failing_since or now
        if posted.is_away:
            rest = max(min(LONGEST_REST, 2.0 ** min(target.failures, 10)), posted.retry_seconds)
            target.rest_until = now + dt.timedelta(seconds=min(rest, LONGEST_PAUSE))
        if posted.is_gone:
            _turn_off(target, Webhook.Reason.GONE, now)
        elif gave_up and target.is_failing_for(OFF_AFTER, now=now):
            _turn_off(target, Webhook.Reason.FAILING, now)
    target.save(update_fields=["failures", "failing_since", "rest_until", "delivered_at", "state", "reason"])


def _turn_off(target: Webhook, reason: Webhook.Reason, now: dt.datetime) -> None:
    if target.is_on:
        target.state, target.reason = Webhook.State.OFF, reason
        after = {"reason": str(reason.label)}
        log(target.brand, by=None, deed="webhook.off", about=f"webhook:{target.pk}", at=now, after=after)


@transaction.atomic
def resend(delivery: Delivery, *, by: Staff, at: dt.datetime) -> None:
    """Once more, under the same number, with all its tries. What waits or is under way already is refused."""
    if not _again(Delivery.objects.filter(pk=delivery.pk, state__in=[State.DELIVERED, State.FAILED]), at):
        raise Refused("webhooks.under_way")
    log(delivery.brand, by=by, deed="delivery.resent", about=f"delivery:{delivery.pk}", at=at)


@transaction.atomic
def resend_failed(webhook: Webhook, *, since: dt.datetime, by: Staff, at: dt.datetime) -> int:
    """All that were given up since a moment, once more; answers how many."""
    count = _again(webhook.deliveries.filter(state=State.FAILED, created_at__gte=since), at)
    if count:
        about = f"webhook:{webhook.pk}"
        log(webhook.brand, by=by, deed="delivery.resent", about=about, at=at, after={"count": count})
    return count


def _again(rows: QuerySet[Delivery], at: dt.datetime) -> int:
    return rows.update(state=State.WAITING, attempts=0, due_at=at, concluded_at=None)


@transaction.atomic
def forget_old(*, now: dt.datetime) -> int:
    """Deliveries older than they are kept, sent or not; answers how many."""
    gone, _ = Delivery.objects.filter(created_at__lt=now - KEEP).delete()
    return gone


@transaction.atomic
def forget_person(_member: Member, traces: Traces) -> int:
    """Delete every delivery that names the person, sent or not; answers how many."""
    gone, _ = Delivery.objects.filter(member__in=traces.members).delete()
    return gone

"""What people still have to send with a tap: asked about for a week, and concluded by what they did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import F, Q

from qunying.outbox.actions.sending import shape
from qunying.outbox.actions.telling import tell_of
from qunying.outbox.actions.waiting import drop
from qunying.outbox.actions.withdrawing import order_rest
from qunying.outbox.models import Sending
from qunying.outbox.ops import CANCEL
from qunying.outbox.outcomes import Outcome, Result

WAIT_FOR = dt.timedelta(days=7)
PACES = (
    (dt.timedelta(hours=1), dt.timedelta(minutes=2)),
    (dt.timedelta(days=1), dt.timedelta(minutes=15)),
    (WAIT_FOR, dt.timedelta(hours=1)),
)
"""Up to which age a sending is asked about how often."""
State = Sending.State


def awaited(channels: Collection[int], *, now: dt.datetime) -> Sending | None:
    """The one in these channels that should be asked about first; None when there is none."""
    rows = Sending.objects.filter(channel__in=channels, state=State.PENDING).exclude(handle="")
    due = rows.filter(Q(retry_at=None) | Q(retry_at__lte=now))
    return due.order_by(F("retry_at").asc(nulls_first=True), "pk").first()


@transaction.atomic
def settle_awaited(sending: Sending, *, told: Outcome | None, now: dt.datetime) -> None:
    """Keep what is known by now, and conclude it once nobody is left to tap: everybody did, it was taken back, or a
    week has passed. `told` is None where the platform would not say, and `now` is when it was asked: what was taken
    back only since then is asked about again. Only what still waits is changed."""
    since = sending.concluded_at or sending.created_at
    values: dict[str, object] = {"retry_at": _next(since, now)}
    if told is not None:
        values |= {**shape(told), "tally": dict(told.tally)}
    state = _state(sending, told, now, is_late=now - since >= WAIT_FOR)
    if state != State.PENDING:
        values |= {"state": state, "concluded_at": now, "retry_at": None}
    ours = Sending.objects.filter(pk=sending.pk, state=State.PENDING)
    if ours.update(**values) and state != State.PENDING:
        tell_of(Sending.objects.filter(pk=sending.pk))
        drop(sending.brand_id, cause=f"sending:{sending.pk}")
        if state == State.CALLED_OFF:
            order_rest(sending, told=told, now=now)


def _next(since: dt.datetime, now: dt.datetime) -> dt.datetime:
    return now + next((pace for age, pace in PACES if now - since < age), PACES[-1][1])


def _state(sending: Sending, told: Outcome | None, now: dt.datetime, *, is_late: bool) -> str:
    """Where some were sent it is sent, though others never will be."""
    if told is not None and told.result == Result.SENT:
        return State.SENT
    if told is not None and told.result == Result.REJECTED:
        return State.REJECTED
    took_back = Sending.objects.filter(
        brand=sending.brand_id, op=CANCEL, target=sending.handle, state=State.SENT
    )
    is_cancelled = took_back.filter(concluded_at__lte=now).exists()
    if not is_late and not is_cancelled:
        return State.PENDING
    if told is not None and told.tally.get("sent"):
        return State.SENT
    return State.CALLED_OFF if is_cancelled else State.EXPIRED

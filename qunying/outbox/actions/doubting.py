"""What went out and nobody knows of: looked for a while, and settled when its effect is found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Q

from qunying.outbox.actions.telling import tell_of
from qunying.outbox.actions.waiting import drop
from qunying.outbox.models import Sending

LOOK_FOR = dt.timedelta(minutes=15)
LOOK_EVERY = dt.timedelta(seconds=5)
UNKNOWN = Sending.State.UNKNOWN


def doubtful(channels: Collection[int], *, now: dt.datetime) -> list[Sending]:
    """Those in these channels that should be looked for now, oldest first."""
    lost = Sending.objects.filter(channel__in=channels, state=UNKNOWN, concluded_at__gte=now - LOOK_FOR)
    due = lost.filter(Q(retry_at=None) | Q(retry_at__lte=now))
    return list(due.select_related("brand", "channel").order_by("pk")[:20])


def known_ids(channel: int) -> set[str]:
    """The platform's names of what went out to the channel lately."""
    last = Sending.objects.filter(channel=channel).exclude(ids=[]).order_by("-pk")[:200]
    return {id_ for ids in last.values_list("ids", flat=True) for id_ in ids}


@transaction.atomic
def settle_doubt(sending: Sending, *, ids: Sequence[str], now: dt.datetime) -> None:
    """With ids it was sent after all, and no person need look; without, it is looked for again in a while."""
    ours = Sending.objects.filter(pk=sending.pk, state=UNKNOWN)
    if not ids:
        ours.update(retry_at=now + LOOK_EVERY)
    elif ours.update(state=Sending.State.SENT, ids=list(ids), retry_at=None):
        tell_of(Sending.objects.filter(pk=sending.pk))
        drop(sending.brand_id, cause=f"sending:{sending.pk}")

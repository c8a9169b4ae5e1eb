"""How new friends are greeted, as the connection's page shows it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from qunying.connectors.actions.welcoming import OP
from qunying.connectors.models import Connection, Welcome
from qunying.outbox.models import Sending

DAYS = 7
OPEN = (Sending.State.QUEUED, Sending.State.LEASED)


@dataclass(frozen=True)
class Shown:
    """Of the last days: how many were greeted, how many in vain by reason, and within how many seconds 99 in 100 of
    the greeted were; None before the first."""

    rows: Sequence[Welcome]
    days: int
    sent: int
    missed: int
    refused: int
    unknown: int
    seconds: float | None


def shown(connection: Connection, *, at: dt.datetime) -> Shown:
    since = at - dt.timedelta(days=DAYS)
    sendings = Sending.objects.filter(
        brand=connection.brand, op=OP, created_at__gte=since, channel__seats__connection=connection
    )
    told = list(
        sendings.exclude(state__in=OPEN).values_list("state", "left_at", "concluded_at", "not_before")
    )
    states = Counter(state for state, *_rest in told)
    took = sorted(
        (over - heard).total_seconds()
        for state, _left, over, heard in told
        if state == Sending.State.SENT and over is not None
    )
    return Shown(
        rows=list(connection.welcomes.order_by("way")),
        days=DAYS,
        sent=states[Sending.State.SENT],
        missed=states[Sending.State.EXPIRED],
        refused=states[Sending.State.REJECTED],
        unknown=states[Sending.State.UNKNOWN],
        seconds=round(took[(len(took) * 99 - 1) // 100], 1) if took else None,
    )

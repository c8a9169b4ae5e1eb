"""Tell programs outside what became of what went out, in the transaction that writes it down."""

from __future__ import annotations

from django.db.models import QuerySet

from qunying.outbox.models import Sending
from qunying.outbox.tidings import FAILED, SENT
from qunying.webhooks.actions import Told, tell

ARRIVED = (Sending.State.SENT, Sending.State.ACCEPTED)


def tell_of(rows: QuerySet[Sending]) -> None:
    """What each of these has come to; what waits for a person to tap is not told yet. No words go along."""
    for row in rows.select_related("brand").exclude(state=Sending.State.PENDING):
        kind = SENT if row.state in ARRIVED else FAILED
        data = {
            "sending": row.pk,
            "op": row.op,
            "community": row.community_id,
            "channel": row.channel_id,
            "state": row.state,
            "code": row.code,
            "ids": row.ids,
            "attempts": row.attempts,
            "cause": row.cause,
        }
        tell(row.brand, [Told(kind, f"sending:{row.pk}:{row.state}:{row.fence}", data)])

"""Tell programs outside what became of what went out, in the transaction that writes it down."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from qunying.brands.models import Brand
from qunying.outbox.models import Alarm, Sending
from qunying.outbox.tidings import FAILED, LATE, SENT
from qunying.webhooks.actions import Told, tell

ARRIVED = (Sending.State.SENT, Sending.State.ACCEPTED)


def tell_of(rows: QuerySet[Sending]) -> None:
    """What each of these has come to; what waits for a person to tap is not told yet. No words go along."""
    for row in rows.select_related("brand").exclude(state=Sending.State.PENDING):
        kind = SENT if row.state in ARRIVED else FAILED
        tell(row.brand, [Told(kind, f"sending:{row.pk}:{row.state}:{row.fence}", _data(row))])


def tell_late(alarms: Iterable[Alarm]) -> None:
    """That each of these has not left, and why; once."""
    found: dict[Brand, list[Told]] = {}
    for alarm in alarms:
        data = _data(alarm.sending) | {"why": alarm.why, "due_at": alarm.due_at.isoformat()}
        told = Told(LATE, f"sending:{alarm.sending_id}:late", data)
        found.setdefault(alarm.brand, []).append(told)
    for brand, all_of_it in found.items():
        tell(brand, all_of_it)


def _data(row: Sending) -> dict[str, object]:
    return {
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

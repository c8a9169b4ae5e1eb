"""What the outbox does again and again: take back what people agree to no longer."""

from __future__ import annotations

from qunying.brands.models import AuditEntry, Brand
from qunying.jobs.actions import database_now
from qunying.jobs.beats import Beat
from qunying.outbox.actions import in_hands, withdraw

_looked: dict[int, tuple[bytes, tuple[int, ...]]] = {}
"""Brand → how far its log had come, where every word given or taken back is written, and what was in people's hands
when this worker last asked."""


def take_back() -> None:
    """What somebody has withdrawn from since it reached an employee."""
    for brand in Brand.objects.all():
        rows = list(in_hands(brand))
        last = AuditEntry.objects.filter(brand=brand).order_by("number").last()
        mark = (bytes(last.seal) if last else b"", tuple(row.pk for row in rows))
        if _looked.get(brand.pk) != mark:
            for row in rows:
                withdraw(row, now=database_now())
            _looked[brand.pk] = mark


BEATS = (Beat("outbox.take_back", 30, take_back, lease=600),)

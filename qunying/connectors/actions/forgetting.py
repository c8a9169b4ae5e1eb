"""The end of raw payloads: by age, and with a person who is erased."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qunying.brands import vault
from qunying.brands.models import Brand
from qunying.connectors.actions.hearing import ABOUT_NOTE, PART, opened
from qunying.connectors.models import Inbound, Note
from qunying.connectors.naming import needles
from qunying.members.erasing import Traces
from qunying.members.models import Member

KEEP_DAYS = 30
"""How long payloads are kept as they came, read or not, to be read again after a fault."""


@transaction.atomic
def forget_raw(brand: Brand, *, at: dt.datetime, keep_days: int = KEEP_DAYS) -> int:
    """Delete payloads older than they are kept; answers how many. The numbers stand."""
    gone, _ = Inbound.objects.filter(brand=brand, received_at__lt=at - dt.timedelta(days=keep_days)).delete()
    return gone


@transaction.atomic
def forget_payloads(member: Member, traces: Traces) -> int:
    """Delete every payload and note that names the person; the numbers they brought stand. Answers how many."""
    wanted = needles(traces.words)
    gone = 0
    for row in Inbound.objects.filter(brand=member.brand_id).select_related("brand").iterator(PART):
        if _names(opened(row), wanted):
            gone += row.delete()[0]
    for note in Note.objects.filter(connection__brand=member.brand_id).select_related("connection__brand"):
        body = vault.unseal(note.connection.brand, bytes(note.body), about=ABOUT_NOTE)
        if _names(note.key.encode() + body, wanted):
            gone += note.delete()[0]
    return gone


def _names(body: bytes, wanted: frozenset[bytes]) -> bool:
    return any(needle in body for needle in wanted)

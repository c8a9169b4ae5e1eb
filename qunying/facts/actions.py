"""Verbs of facts beside recording: withdraw what one import brought."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qunying.brands.actions import lock
from qunying.brands.models import Brand
from qunying.facts.models import Fact
from qunying.facts.seal import withdraw


@transaction.atomic
def withdraw_batch(brand: Brand, *, batch: int, at: dt.datetime) -> int:
    """Take the batch's facts out of the log and say so in the seal; answers how many. What they projected is
    not touched."""
    lock(brand)
    gone, _ = Fact.objects.filter(brand=brand.pk, batch=batch).delete()
    withdraw(brand, batch=batch, at=at)
    return gone

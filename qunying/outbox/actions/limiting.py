"""Token buckets: a call goes out only when every limit above it has one left, all taken together or none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from qunying.outbox.models import Bucket


@dataclass(frozen=True)
class Limit:
    """`key` names the bucket, `size` is how many calls it holds, refilled evenly over `seconds`."""

    key: str
    size: float
    seconds: float


@transaction.atomic
def take(limits: Sequence[Limit], *, now: dt.datetime) -> float:
    """0 when one call was taken from each bucket; else the seconds until all have one, and nothing was taken."""
    rows = _rows(limits, now)
    levels, wait = {}, 0.0
    for limit in limits:
        row = rows[limit.key]
        levels[limit.key] = level = row.level_at(now, size=limit.size, seconds=limit.seconds)
        if level < 1:
            wait = max(wait, (1 - level) * limit.seconds / limit.size)
        if row.shut_until and row.shut_until > now:
            wait = max(wait, (row.shut_until - now).total_seconds())
    if wait:
        return wait
    for limit in limits:
        Bucket.objects.filter(key=limit.key).update(level=levels[limit.key] - 1, filled_at=now)
    return 0.0


def _rows(limits: Sequence[Limit], now: dt.datetime) -> dict[str, Bucket]:
    """The buckets, locked in the order of their keys so that two takers cannot wait for each other."""
    keys = sorted(limit.key for limit in limits)
    sizes = {limit.key: limit.size for limit in limits}
    Bucket.objects.bulk_create(
        [Bucket(key=key, level=sizes[key], filled_at=now) for key in keys], ignore_conflicts=True
    )
    held = Bucket.objects.select_for_update().filter(key__in=keys).order_by("key")
    return {row.key: row for row in held}


@transaction.atomic
def shut(keys: Sequence[str], *, until: dt.datetime) -> None:
    """The platform itself said to wait: nothing is taken from these buckets until then."""
    for key in sorted(keys):
        Bucket.objects.filter(key=key).update(shut_until=until)

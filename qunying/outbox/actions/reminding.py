"""Have the platform remind whoever has still to tap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.db.models.functions import Coalesce

from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.kit.errors import Refused
from qunying.outbox.actions.sending import Wish, order
from qunying.outbox.models import Sending
from qunying.outbox.ops import REMIND

MOST, WITHIN = 3, dt.timedelta(hours=24)
"""A platform lets us remind of one task so often within that time; we of a task by hand not more often either."""
LASTS = dt.timedelta(hours=1)
"""A reminder that has not left by then comes too late."""
NEVER = ("rejected", "unsupported", "dead", "expired", "called_off", "refused")


def reminded(brand: Brand, handles: Collection[str], *, at: dt.datetime) -> Mapping[str, list[dt.datetime]]:
    """Task → when the platform was, or will be, asked to remind of it within the last day, oldest first."""
    rows = Sending.objects.filter(brand=brand, op=REMIND, target__in=handles).exclude(state__in=NEVER)
    since = rows.annotate(left=Coalesce("left_at", "created_at")).filter(left__gt=at - WITHIN)
    found: dict[str, list[dt.datetime]] = {handle: [] for handle in handles}
    for handle, left in since.order_by("left").values_list("target", "left"):
        found[handle].append(left)
    return found


def free_at(times: Sequence[dt.datetime]) -> dt.datetime | None:
    """When one may be reminded again, after being reminded at these times; None for at once."""
    return times[-MOST] + WITHIN if len(times) >= MOST else None


@transaction.atomic
def remind(rows: Sequence[Sending], *, key: str, at: dt.datetime, by: Staff | None) -> list[Sending]:
    """Have the platform remind whoever has not tapped yet, of each of these tasks of one brand; those that were
    reminded of often enough today are left out, and where all were it is refused with the hour at which one may
    again. The same key again answers what it did."""
    waiting = [row for row in rows if row.is_tappable]
    if not waiting:
        raise Refused("outbox.nobody_to_remind")
    brand = waiting[0].brand
    lock(brand)
    keys = [f"remind:{key}:{row.pk}" for row in waiting]
    if before := list(Sending.objects.filter(brand=brand, key__in=keys)):
        return before
    times = reminded(brand, {row.handle for row in waiting}, at=at)
    ready = [row for row in waiting if free_at(times[row.handle]) is None]
    if not ready:
        again = min(filter(None, (free_at(each) for each in times.values())))
        raise Refused("outbox.reminded_enough", limit=MOST, at=hour(brand, again))
    made = [ask(row, f"remind:{key}:{row.pk}", at, by) for row in ready]
    about, after = f"sending:{ready[0].pk}", {"count": len(ready)}
    log(brand, by=by, deed="sending.reminded", about=about, at=at, after=after)
    return made


def ask(row: Sending, key: str, at: dt.datetime, by: Staff | None) -> Sending:
    """One reminder through the platform; where a person wanted it, its failure is theirs to know."""
    fail = Sending.Fallback.FAIL if by else Sending.Fallback.SKIP
    wish = Wish(
        REMIND, {}, target=row.handle, is_unsolicited=False, on_unsupported=fail, expires_at=at + LASTS
    )
    return order(row.channel, wish=wish, key=key, at=at, cause=f"sending:{row.pk}", by=by)


def hour(brand: Brand, at: dt.datetime) -> str:
    """As the brand's clock shows it."""
    return f"{at.astimezone(brand.clock.zone):%m-%d %H:%M}"

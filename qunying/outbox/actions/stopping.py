"""One-tap stop: nothing leaves until a second person says so."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community
from qunying.kit.errors import Refused
from qunying.outbox.models import Stop


@transaction.atomic
def stop(brand: Brand, *, community: Community | None, reason: str, by: Staff, at: dt.datetime) -> Stop:
    """Nothing leaves any more for the community, or for the whole brand; again answers the stop that stands."""
    lock(brand)
    standing = Stop.objects.filter(brand=brand, community=community, resumed_at=None).first()
    if standing is not None:
        return standing
    made = Stop.objects.create(
        brand=brand, community=community, reason=reason[:200], stopped_by=by, stopped_at=at
    )
    after = {"reason": made.reason, "community": community.name if community else ""}
    log(brand, by=by, deed="sending.stopped", about=f"stop:{made.pk}", at=at, after=after)
    return made


@transaction.atomic
def resume(stop: Stop, *, by: Staff, at: dt.datetime) -> None:
    """Things leave again; the one who stopped them cannot be the one who lets them go on."""
    if stop.stopped_by_id == by.pk:
        raise Refused("outbox.resume_by_another")
    if Stop.objects.filter(pk=stop.pk, resumed_at=None).update(resumed_by=by, resumed_at=at):
        log(stop.brand, by=by, deed="sending.resumed", about=f"stop:{stop.pk}", at=at)

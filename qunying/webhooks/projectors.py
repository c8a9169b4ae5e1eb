"""Tells of what enters the log while it is fresh; history that is imported, filled in or projected anew is not told."""

from __future__ import annotations

import datetime as dt

import numpy as np

from qunying.brands.models import Brand
from qunying.facts.kinds import by_name
from qunying.facts.log import Facts
from qunying.facts.projectors import Projector
from qunying.jobs.actions import database_now
from qunying.kit import days
from qunying.webhooks.actions import Told, tell
from qunying.webhooks.kinds import tidings
from qunying.webhooks.models import Webhook

FRESH = dt.timedelta(days=1)


def follow(brand: Brand, facts: Facts) -> None:
    """A telling for each fact of a declared kind; projecting again tells nobody twice."""
    names = {kind.number: name for name, kind in by_name().items() if name in tidings()}
    live = facts.where(np.isin(facts.kind, list(names)) & (facts.batch == 0))
    if not len(live) or not Webhook.objects.filter(brand=brand).exists():
        return
    fresh = live.where(live.at >= days.utc_ms(database_now() - FRESH))
    tell(brand, [_told(names[int(fresh.kind[place])], fresh, place) for place in range(len(fresh))])


def _told(kind: str, facts: Facts, place: int) -> Told:
    at = days.moment(int(facts.at[place]))
    member = int(facts.member[place]) or None
    data = {
        "fact": int(facts.id[place]),
        "community": int(facts.community[place]) or None,
        "member": member,
        "other_member": int(facts.other[place]) or None,
        "happened_at": at.isoformat(),
    }
    return Told(kind, f"fact:{facts.source_key[place].tobytes().hex()}", data, member=member, at=at)


PROJECTORS = (Projector("webhooks", follow),)

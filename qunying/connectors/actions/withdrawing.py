"""Take the facts of one import out of the log and everything that hung on them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Max, Min

from qunying.audiences.projectors import restate
from qunying.brands.models import Brand
from qunying.communities import actions as communities
from qunying.communities.fact_kinds import RECALLED, SENT
from qunying.communities.models import Community, Membership
from qunying.communities.projectors import restate_pairs
from qunying.connectors.models import ImportBatch
from qunying.facts.actions import withdraw_batch as withdraw_facts
from qunying.facts.models import Fact
from qunying.facts.projectors import drive
from qunying.members import actions as members
from qunying.metrics import actions as metrics


@dataclass(frozen=True)
class Touched:
    """What a withdrawal changed: local days, memberships and communities."""

    days: frozenset[int]
    pairs: frozenset[tuple[int, int]]
    communities: frozenset[int]


def withdraw_batch(batch: ImportBatch, *, at: dt.datetime) -> Touched:
    """Delete the batch's facts and everything only it brought, and make the touched numbers anew."""
    brand = batch.brand
    drive(brand)
    facts = Fact.objects.filter(brand=brand.pk, batch=batch.pk)
    pairs = set(facts.values_list("community", "member").distinct())
    pairs |= set(
        Membership.objects.filter(brand=brand, listed_by=batch.pk).values_list("community", "member")
    )
    touched = Touched(
        frozenset(facts.values_list("day", flat=True).distinct()) | _recall_days(brand, batch),
        frozenset((place, member) for place, member in pairs if place and member),
        frozenset(place for place, _member in pairs if place),
    )
    withdraw_facts(brand, batch=batch.pk, at=at)
    metrics.forget_batch(brand, batch=batch.pk)
    keep = communities.forget_batch(brand, batch=batch.pk)
    members.forget_batch(brand, batch=batch.pk, keep=keep)
    settle(brand, touched)
    return touched


def _recall_days(brand: Brand, batch: ImportBatch) -> frozenset[int]:
    """Days of messages that the batch's recalls took out of the numbers."""
    gone = Fact.objects.filter(brand=brand.pk, batch=batch.pk, kind=RECALLED).values_list(
        "subject", flat=True
    )
    sent = Fact.objects.filter(brand=brand.pk, kind=SENT, subject__in=list(gone))
    return frozenset(sent.values_list("day", flat=True).distinct())


def settle(brand: Brand, touched: Touched) -> None:
    """Work out memberships, day sets and cover again for what changed."""
    restate_pairs(brand, touched.pairs)
    restate(brand, touched.days)
    for community in Community.objects.filter(brand=brand, pk__in=touched.communities):
        facts = Fact.objects.filter(brand=brand.pk, community=community.pk)
        ends = facts.aggregate(first=Min("day"), last=Max("day"))
        span = None if ends["first"] is None else (ends["first"], ends["last"])
        communities.cover_exactly(community, span=span, has_speech=facts.filter(kind=SENT).exists())

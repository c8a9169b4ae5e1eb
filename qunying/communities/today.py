"""The shifts that a person holds today, for the page of today."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from qunying.brands.models import Staff
from qunying.brands.today import Part, Thing
from qunying.communities.duty import DAY, seen_by, turns
from qunying.communities.models import Shift
from qunying.communities.roster import hours, place_name
from qunying.kit import days


def _mine(staff: Staff, today: dt.date, _only_mine: bool) -> QuerySet[Shift]:
    """Those the staff member holds today or still holds from yesterday, in somebody's place or as planned."""
    midnight = dt.datetime.combine(today, dt.time())
    told = turns(
        seen_by(staff), first=today - DAY, last=today, at=midnight.replace(tzinfo=staff.brand.clock.zone)
    )
    mine = [turn.shift.pk for turn in told if turn.staff == staff and turn.end > midnight]
    return Shift.objects.filter(pk__in=mine).select_related("community").order_by("starts", "pk")


def _shift(row: Shift, staff: Staff) -> Thing:
    return Thing(
        title=hours(row),
        url=reverse("roster", args=[staff.brand.slug]),
        due_on=days.date(staff.brand.today(dt.datetime.now(dt.UTC))),
        place=row.community_id,
        where=place_name(row.community),
    )


TODAY = (
    Part("communities.duty", _("我今天的班"), "roster.read", _mine, _shift, mark="teal", is_counted=False),
)

"""Who came in yesterday, for the page of today: from the day's readings, so that no set is opened for it."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.brands.addresses import page
from qunying.brands.models import Staff
from qunying.brands.today import Part, Thing
from qunying.communities.queries import counted, visible
from qunying.kit import days
from qunying.metrics.models import Reading


def _newcomers(staff: Staff, today: dt.date, _mine: bool) -> QuerySet[Reading]:
    places = counted(staff.brand) & visible(staff)
    rows = Reading.objects.filter(brand=staff.brand, community__in=places, metric="joins", value__gt=0)
    return rows.filter(day=days.number(today) - 1).select_related("community").order_by("-value", "pk")


def _arrived(row: Reading, staff: Staff) -> Thing:
    day = days.date(row.day)
    asked = {"metric": "joins", "from": day.isoformat(), "to": day.isoformat(), "c": row.community_id}
    return Thing(
        title=_("昨天新入群 {n} 人，打个招呼").format(n=int(row.value or 0)),
        url=f"{page('people', staff.brand.slug)}?{urlencode(asked)}",
        due_on=day + dt.timedelta(days=1),
        place=row.community_id,
        where=row.community.name if row.community else "",
        owner=row.community.owner if row.community else "",
    )


TODAY = (
    Part(
        "metrics.newcomers",
        gettext_lazy("新入群"),
        "members.read",
        _newcomers,
        _arrived,
        mark="green",
        is_counted=False,
    ),
)

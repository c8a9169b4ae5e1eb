"""Remind whoever has a task, in the brand's group of staff where somebody said that only staff are there."""

from __future__ import annotations

import datetime as dt

from qunying.brands.models import Brand, Staff
from qunying.brands.preferences import number
from qunying.communities.models import Channel
from qunying.connectors.daily import option_of, page_link
from qunying.connectors.models import DailyPush
from qunying.kit.errors import Refused
from qunying.outbox.actions import Item, due, nudge
from qunying.outbox.actions.nudging import AFTER, BEFORE
from qunying.outbox.models import Reminder


def nag(item: Item, *, key: str, at: dt.datetime, by: Staff) -> list[Reminder]:
    """A colleague reminds whoever has to do it; the same form again changes nothing."""
    brand = item.brand
    link = page_link("today", brand)
    return nudge(brand, [item], point=f"hand:{key}", at=at, by=by, channel=staff_channel(brand), link=link)


def nag_due(brand: Brand, *, now: dt.datetime) -> list[Reminder]:
    """Of what has come to a point at which the brand wants to be reminded, once each; all of one point with one message
    to the group."""
    made: list[Reminder] = []
    for point in (BEFORE, AFTER):
        hours = number(brand, f"remind_{point}_hours")
        items = due(brand, point=point, hours=hours, now=now) if hours else []
        if items:
            place, link = staff_channel(brand), page_link("today", brand)
            made += nudge(brand, items, point=point, at=now, channel=place, link=link)
    return made


def staff_channel(brand: Brand) -> Channel | None:
    """The group the daily report may go to, whether or not it goes by itself; None where there is none any more."""
    push = DailyPush.objects.select_related("brand").filter(brand=brand).first()
    if push is None or push.channel_id is None:
        return None
    try:
        return option_of(push).target.channel
    except Refused:
        return None

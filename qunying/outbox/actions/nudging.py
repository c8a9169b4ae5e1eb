"""Remind whoever has a task by hand: on the page of today, in the group of staff, and through the platform."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.communities.models import Channel
from qunying.kit import days
from qunying.kit.errors import Refused
from qunying.outbox.actions.reminding import LASTS, MOST, WITHIN, ask, free_at, hour, reminded
from qunying.outbox.actions.sending import Wish, order
from qunying.outbox.actions.waiting import Item
from qunying.outbox.models import Draft, Reminder, Sending, State, Todo

BEFORE, AFTER = "before", "after"
LOOK_BACK = 7
"""Days: what is due longer ago is not reminded of by itself, as when a brand begins to."""


def due(brand: Brand, *, point: str, hours: int, now: dt.datetime) -> list[Item]:
    """What waits and has come to this point of its time: so many hours `before` the end of the day it is due, or
    `after` it; what was reminded of there already is left out."""
    today = brand.today(now)
    found: list[Item] = []
    for model in (Todo, Draft):
        rows = model.objects.filter(
            brand=brand, state=State.WAITING, due_on__gte=days.date(today - LOOK_BACK)
        ).exclude(reminders__point=point)
        found += rows.select_related("brand", "community", "staff__account").order_by("due_on", "pk")
    pause = dt.timedelta(hours=hours)
    return [item for item in found if _is_due(item, point, pause, now)]


def _is_due(item: Item, point: str, pause: dt.timedelta, now: dt.datetime) -> bool:
    end = days.moment(item.brand.clock.start(days.number(item.due_on) + 1))
    return end - pause <= now < end if point == BEFORE else now >= end + pause


@transaction.atomic
def nudge(
    brand: Brand,
    items: Sequence[Item],
    *,
    point: str,
    at: dt.datetime,
    by: Staff | None = None,
    channel: Channel | None = None,
    link: str = "",
) -> list[Reminder]:
    """Note that whoever has these to do is reminded, and tell the group of staff, once for each item and point. What
    waits for a tap is reminded of through the platform too, as often as it lets us. Names nobody but the staff."""
    lock(brand)
    fresh = [item for item in items if not _of(item).filter(point=point).exists() and _waits(item)]
    if not fresh:
        return []
    if by is not None:
        _check_often(brand, fresh[0], at)
    sending = _tell(brand, fresh, channel, point, at, link) if channel is not None else None
    made = [
        Reminder.objects.create(brand=brand, point=point, by=by, at=at, sending=sending, **_named(item))
        for item in fresh
    ]
    tasks = [item.sending for item in fresh if isinstance(item, Todo) and item.sending is not None]
    _ask_platform([task for task in tasks if task.is_tappable], point, at, by)
    for item in fresh if by is not None else ():
        log(brand, by=by, deed=f"{item._meta.model_name}.reminded", about=_about(item), at=at)
    return made


def _of(item: Item) -> QuerySet[Reminder]:
    return Reminder.objects.filter(**_named(item))


def _named(item: Item) -> dict[str, Item]:
    return {"draft" if isinstance(item, Draft) else "todo": item}


def _about(item: Item) -> str:
    return f"{item._meta.model_name}:{item.pk}"


def _waits(item: Item) -> bool:
    return type(item).objects.filter(pk=item.pk, state=State.WAITING).exists()


def _check_often(brand: Brand, item: Item, at: dt.datetime) -> None:
    times = list(_of(item).filter(at__gt=at - WITHIN).order_by("at").values_list("at", flat=True))
    if (again := free_at(times)) is not None:
        raise Refused("outbox.reminded_enough", limit=MOST, at=hour(brand, again))


def _tell(
    brand: Brand, items: Sequence[Item], channel: Channel, point: str, at: dt.datetime, link: str
) -> Sending:
    """In the staff's group: how many each has to do, and nothing of what it is about."""
    counts = Counter(item.staff.name if item.staff else "" for item in items)
    told = [
        (_("{who} {n} 项") if who else _("还没有负责人的 {n} 项")).format(who=who, n=n)
        for who, n in sorted(counts.items(), key=lambda each: (not each[0], each))
    ]
    words = {
        BEFORE: _("提醒：今天到期的待办还没做完：{list}。"),
        AFTER: _("提醒：已经过期的待办还没做完：{list}。"),
    }.get(point, _("提醒：有待办还没做完：{list}。"))
    text = "\n".join(filter(None, [words.format(list="、".join(told)), link]))
    key = f"nudge:{point}:{_about(items[0])}"
    skip = Sending.Fallback.SKIP
    wish = Wish(
        "message.create", {"text": text}, is_unsolicited=False, on_unsupported=skip, expires_at=at + LASTS
    )
    return order(channel, wish=wish, key=key, at=at, cause="nudge")


def _ask_platform(tasks: Sequence[Sending], point: str, at: dt.datetime, by: Staff | None) -> None:
    if not tasks:
        return
    times = reminded(tasks[0].brand, {task.handle for task in tasks}, at=at)
    for task in tasks:
        if free_at(times[task.handle]) is None:
            ask(task, f"remind:{point}:{task.pk}", at, by)

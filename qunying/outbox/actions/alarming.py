"""What should have left and has not: say so once, and put an end to what is too late."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from qunying.brands.actions import lock
from qunying.brands.models import Brand
from qunying.brands.preferences import number
from qunying.communities.models import Channel
from qunying.outbox.actions.reminding import LASTS
from qunying.outbox.actions.sending import Wish, order
from qunying.outbox.actions.telling import tell_late, tell_of
from qunying.outbox.late import BEHIND, Why
from qunying.outbox.models import STANDING, Alarm, Sending
from qunying.outbox.quiet import held

State = Sending.State
WAITING = (State.APPROVAL, State.QUEUED)
AWAITED = Q(created_by__isnull=False) | ~Q(on_unsupported=Sending.Fallback.SKIP)
"""What somebody wanted, or must not go unnoticed; of the rest nobody would miss one."""


def overdue(brand: Brand, *, now: dt.datetime) -> list[Sending]:
    """What has not left although its time, and the brand's patience, have passed. What was ordered for quiet hours had
    its time when they end."""
    grace = dt.timedelta(minutes=max(1, number(brand, "late_minutes")))
    rows = Sending.objects.filter(AWAITED, brand=brand, state__in=WAITING, not_before__lte=now - grace)
    found = rows.select_related("brand", "channel").order_by("pk")
    return [row for row in found if _due_at(row) <= now - grace]


def _due_at(sending: Sending) -> dt.datetime:
    quiet = held(sending, sending.not_before)
    return quiet.until if quiet else sending.not_before


@transaction.atomic
def raise_alarms(brand: Brand, found: Mapping[Sending, Why], *, at: dt.datetime) -> list[Alarm]:
    """One alarm for each of these that still waits, and programs outside are told; of those that have one already only
    the reason is brought up to date. Answers the new ones. Two at once make one alarm, told once, by their keys."""
    waiting = set(Sending.objects.filter(brand=brand, state__in=WAITING).values_list("pk", flat=True))
    known = {
        alarm.sending_id: alarm for alarm in Alarm.objects.filter(brand=brand, sending__state__in=STANDING)
    }
    changed = []
    for row, why in found.items():
        alarm = known.get(row.pk)
        if alarm is not None and (alarm.why, alarm.details) != (why.code, dict(why.details)):
            alarm.why, alarm.details = why.code, dict(why.details)
            changed.append(alarm)
    Alarm.objects.bulk_update(changed, ["why", "details"], batch_size=500)
    fresh = [(row, why) for row, why in found.items() if row.pk in waiting and row.pk not in known]
    return _raised(fresh, at)


def _raised(found: Iterable[tuple[Sending, Why]], at: dt.datetime) -> list[Alarm]:
    made = [
        Alarm(
            brand=row.brand,
            sending=row,
            due_at=_due_at(row),
            why=why.code,
            details=dict(why.details),
            raised_at=at,
        )
        for row, why in found
    ]
    Alarm.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)
    tell_late(made)
    return made


@transaction.atomic
def tell_staff(brand: Brand, *, channel: Channel | None, link: str, at: dt.datetime) -> Sending | None:
    """In the staff's group, once for each alarm: how many did not leave and whose they are, and nothing of what they
    are about. Where there is no such group, or it has left meanwhile, nobody is told later either."""
    lock(brand)
    untold = list(
        Alarm.objects.filter(brand=brand, told_at=None)
        .select_related("sending__created_by__account")
        .order_by("pk")
    )
    if not untold:
        return None
    Alarm.objects.filter(brand=brand, told_at=None, pk__lte=untold[-1].pk).update(told_at=at)
    standing = [alarm.sending for alarm in untold if alarm.sending.state in STANDING]
    if channel is None or not standing:
        return None
    skip = Sending.Fallback.SKIP
    wish = Wish(
        "message.create",
        {"text": _notice(standing, link)},
        is_unsolicited=False,
        on_unsupported=skip,
        expires_at=at + LASTS,
    )
    return order(channel, wish=wish, key=f"late:{untold[0].pk}", at=at, cause="late")


def _notice(rows: Sequence[Sending], link: str) -> str:
    counts = Counter(row.created_by.name if row.created_by else "" for row in rows)
    told = [
        (_("{who} {n} 条") if who else _("系统 {n} 条")).format(who=who, n=n)
        for who, n in sorted(counts.items(), key=lambda each: (not each[0], each))
    ]
    words = _("应发未发：有外发到了时间还没有发出：{list}。原因和办法见外发记录。")
    return "\n".join(filter(None, [words.format(list="、".join(told)), link]))


@transaction.atomic
def expire(*, now: dt.datetime) -> int:
    """What did not leave in time never leaves, which is an alarm where somebody awaits it; answers how many."""
    late = Sending.objects.filter(state__in=WAITING, expires_at__lte=now)
    gone = list(late.values_list("pk", flat=True))
    Sending.objects.filter(pk__in=gone, state__in=WAITING).update(state=State.EXPIRED, concluded_at=now)
    over = Sending.objects.filter(pk__in=gone, state=State.EXPIRED)
    tell_of(over)
    missed = over.filter(AWAITED, alarm=None).select_related("brand").order_by("pk")
    _raised([(row, Why(BEHIND)) for row in missed], now)
    return len(gone)

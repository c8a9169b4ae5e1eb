"""Send the daily report to a group of staff: by itself once a day, and once more when somebody asks for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from qunying.brands.actions import lock, log
from qunying.brands.models import Brand, Staff
from qunying.communities.models import Channel
from qunying.connectors.composing import OP, approvals
from qunying.connectors.daily import option_of, words
from qunying.connectors.models import DailyPush
from qunying.kit import days
from qunying.kit.errors import Missing, QunyingError
from qunying.outbox.actions import Wish, order
from qunying.outbox.models import Sending

CAUSE, READER = "daily", "numbers.read"


@transaction.atomic
def set_daily(
    brand: Brand,
    *,
    is_on: bool,
    hour: int,
    weekdays: Sequence[int],
    channel: Channel | None,
    at: dt.datetime,
    by: Staff,
) -> DailyPush:
    """When and where the report goes from now on; whoever says so has said that only staff are in that group. A group
    that may not have it is refused."""
    lock(brand)
    row = DailyPush.objects.filter(brand=brand).first() or DailyPush(brand=brand)
    row.is_on, row.hour, row.weekdays = is_on, hour, sorted(set(weekdays))
    row.channel, row.community = channel, channel.community if channel else None
    row.failure = row.failed_at = None
    if channel is not None:
        option_of(row)
    row.save()
    after = {"state": is_on, "hour": hour, "days": len(row.weekdays), "channel": str(channel or "")}
    log(brand, by=by, deed="daily.set", about=f"brand:{brand.slug}", at=at, after=after)
    return row


def push_daily(push: DailyPush, *, now: dt.datetime) -> Sending | None:
    """Yesterday's report, if it is time and it has not gone today; what stands in the way is remembered, and tried
    again until the day ends."""
    if not push.is_due(now):
        return None
    try:
        # worked out first: the numbers take longer than a lock should be held
        text = words(push, option_of(push), at=now, only_yesterday=True)
        return _push_once(push, text, now=now)
    except QunyingError as error:
        told = {"code": error.code, "details": error.details}
        DailyPush.objects.filter(pk=push.pk).update(failure=told, failed_at=now)
        return None


@transaction.atomic
def _push_once(push: DailyPush, text: str, *, now: dt.datetime) -> Sending | None:
    lock(push.brand)
    row = DailyPush.objects.select_related("brand").get(pk=push.pk)
    if not row.is_due(now) or row.channel_id != push.channel_id:
        return None
    option_of(row)
    today = now.astimezone(row.brand.clock.zone).date()
    row.sending = _order(row, text, key=f"daily:{today.isoformat()}", at=now, by=None)
    row.pushed_on, row.failure, row.failed_at = today, None, None
    row.save(update_fields=["sending", "pushed_on", "failure", "failed_at"])
    return row.sending


def push_now(brand: Brand, *, key: str, at: dt.datetime, by: Staff) -> Sending:
    """The report of the last whole day, at once, whether or not it goes by itself; the same key again answers what it
    sent."""
    push = DailyPush.objects.select_related("brand").filter(brand=brand).first()
    if push is None:
        raise Missing("connectors.daily_no_group")
    before = Sending.objects.filter(brand=brand, key=f"daily:now:{key}").first()
    return before or _now(push, words(push, option_of(push), at=at, only_yesterday=False), key, at, by)


@transaction.atomic
def _now(push: DailyPush, text: str, key: str, at: dt.datetime, by: Staff) -> Sending:
    lock(push.brand)
    before = Sending.objects.filter(brand=push.brand, key=f"daily:now:{key}").first()
    if before is not None:
        return before
    option_of(push)
    sending = _order(push, text, key=f"daily:now:{key}", at=at, by=by)
    DailyPush.objects.filter(pk=push.pk).update(sending=sending, failure=None, failed_at=None)
    log(push.brand, by=by, deed="daily.pushed", about=f"sending:{sending.pk}", at=at)
    return sending


def _order(push: DailyPush, text: str, *, key: str, at: dt.datetime, by: Staff | None) -> Sending:
    """It leaves today or not at all: tomorrow brings its own. It tells of the whole brand, so only who may read the
    report's page may read it here; approved first where the brand asks for that."""
    assert push.channel is not None  # option_of has found it
    wish = Wish(
        OP,
        {"text": text},
        is_unsolicited=False,
        on_unsupported=Sending.Fallback.FAIL,
        reader=READER,
        approvals=approvals(push.brand),
        expires_at=days.moment(push.brand.clock.start(push.brand.today(at) + 1)),
    )
    return order(push.channel, wish=wish, key=key, at=at, cause=CAUSE, by=by)

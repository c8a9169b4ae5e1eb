"""Order something on a platform, let people approve it, hand it to a worker once, and write down what became of it."""

from __future__ import annotations

import datetime as dt
import random
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from qunying.brands.actions import log
from qunying.brands.models import Staff
from qunying.communities.duty import on_duty
from qunying.communities.models import Channel
from qunying.kit.errors import Refused
from qunying.outbox.actions.receiving import address, release
from qunying.outbox.actions.telling import tell_of
from qunying.outbox.actions.waiting import assign, drop
from qunying.outbox.models import Sending, Stop
from qunying.outbox.ops import CANCEL, asked_of
from qunying.outbox.outcomes import Outcome, Result
from qunying.outbox.quiet import held, keeps_quiet

LEASE = dt.timedelta(seconds=60)
PICTURE_LEASE = dt.timedelta(minutes=5)
"""What carries pictures takes its time on a slow line: meanwhile nobody may call its worker dead."""
TRIES, URGENT = 12, 10
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
State = Sending.State
DONE = {Result.SENT: State.SENT, Result.ACCEPTED: State.ACCEPTED, Result.UNKNOWN: State.UNKNOWN}
"""Results that conclude a sending without asking anybody."""
CALLABLE_OFF = (State.APPROVAL, State.QUEUED, State.REJECTED, State.DEAD)


@dataclass(frozen=True)
class Wish:
    """What is wanted of a platform; see Sending. `receivers` says of what goes to certain people, not to a group, who
    they are: the platform's name of each → member. `may_disturb`: somebody said why it leaves in quiet hours too."""

    op: str
    params: Mapping[str, object]
    target: str = ""
    receivers: Mapping[str, int] = field(default_factory=dict)
    is_unsolicited: bool = True
    may_disturb: bool = False
    on_unsupported: Sending.Fallback = Sending.Fallback.TASK
    reader: str = ""
    priority: int = 0
    approvals: int = 0
    expires_at: dt.datetime | None = None


AS_WISHED = (
    "op", "target", "is_unsolicited", "on_unsupported", "reader", "priority", "approvals", "expires_at",
)  # fmt: skip


@transaction.atomic
def order(
    channel: Channel,
    *,
    wish: Wish,
    key: str,
    at: dt.datetime,
    not_before: dt.datetime | None = None,
    cause: str = "",
    by: Staff | None = None,
) -> Sending:
    """Put it in line; the same key answers the one that stands, the same key with other words is refused. Receivers who
    may not be written to unasked are noted and get nothing; with none left it is over at once."""
    row, new = Sending.objects.get_or_create(
        brand=channel.brand,
        key=key,
        defaults={
            "community": channel.community,
            "channel": channel,
            **{name: getattr(wish, name) for name in AS_WISHED},
            "keeps_quiet": keeps_quiet(
                wish.op, is_unsolicited=wish.is_unsolicited, may_disturb=wish.may_disturb
            ),
            "params": dict(wish.params),
            "state": State.APPROVAL if wish.approvals else State.QUEUED,
            "not_before": not_before or at,
            "wire": secrets.token_hex(16),
            "cause": cause,
            "created_by": by,
            "created_at": at,
        },
    )
    same = (channel.pk, wish.op, wish.target, dict(wish.params))
    if not new and (row.channel_id, row.op, row.target, row.params) != same:
        raise Refused("outbox.key_taken", key=key)
    if new:
        address(row, receivers=wish.receivers, at=at)
    return row


@transaction.atomic
def approve(sending: Sending, *, by: Staff, at: dt.datetime) -> None:
    """One person's yes; with the last one needed it goes in line. Nobody approves twice, or what one ordered."""
    row = Sending.objects.select_for_update().get(pk=sending.pk)
    if row.state != State.APPROVAL:
        raise Refused("outbox.not_waiting_for_approval")
    if row.created_by_id == by.pk:
        raise Refused("outbox.approve_another")
    if by.pk in row.approved_by:
        raise Refused("outbox.approved_already")
    row.approved_by = [*row.approved_by, by.pk]
    row.state = State.QUEUED if len(row.approved_by) >= row.approvals else State.APPROVAL
    row.save(update_fields=["approved_by", "state"])
    log(row.brand, by=by, deed="sending.approved", about=f"sending:{row.pk}", at=at)


@transaction.atomic
def call_off(sending: Sending, *, by: Staff, at: dt.datetime) -> None:
    """It does not go out any more, or not again where it failed. Of what waits for employees to tap the platform is
    asked to take it back: whoever has tapped already has sent it. What has left, or is leaving now, is refused."""
    if sending.is_tappable:
        key, cause = f"cancel:{sending.pk}", f"sending:{sending.pk}"
        before = Sending.objects.filter(brand=sending.brand_id, key=key).exists()
        order(sending.channel, wish=taking_back(sending), key=key, at=at, cause=cause, by=by)
        if not before:
            log(sending.brand, by=by, deed="sending.called_off", about=cause, at=at)
        return
    is_missed = Q(state=State.EXPIRED, left_at=None)
    waiting = Sending.objects.filter(Q(state__in=CALLABLE_OFF) | is_missed, pk=sending.pk)
    if not waiting.update(state=State.CALLED_OFF, concluded_at=at):
        raise Refused("outbox.left_already")
    log(sending.brand, by=by, deed="sending.called_off", about=f"sending:{sending.pk}", at=at)


def taking_back(sending: Sending) -> Wish:
    """What takes a task for employees back; where that fails somebody has to know."""
    fail = Sending.Fallback.FAIL
    return Wish(CANCEL, {}, target=sending.handle, is_unsolicited=False, priority=URGENT, on_unsupported=fail)


def claim(channels: Collection[int], *, now: dt.datetime) -> Sending | None:
    """The next thing due in one of these channels, leased to the caller; None when there is none.

    Within a channel things leave one after the other, urgent ones first; nothing leaves where a stop stands, and in
    quiet hours only what may.
    """
    asleep: set[int] = set()
    while True:
        row = _due(channels, now).exclude(keeps_quiet=True, brand__in=asleep).first()
        if row is None:
            return None
        if held(row, now) is not None:
            asleep.add(row.brand_id)
            continue
        free = Sending.objects.filter(pk=row.pk, state=State.QUEUED, fence=row.fence)
        taken = free.update(
            state=State.LEASED,
            lease_until=now + LEASE,
            left_at=None,
            fence=row.fence + 1,
            attempts=F("attempts") + 1,
        )
        if taken:
            row.state, row.fence, row.attempts = State.LEASED, row.fence + 1, row.attempts + 1
            return row


def _due(channels: Collection[int], now: dt.datetime) -> QuerySet[Sending]:
    busy = Sending.objects.filter(channel__in=channels, state=State.LEASED).values("channel")
    due = Sending.objects.filter(channel__in=channels, state=State.QUEUED, not_before__lte=now)
    due = due.exclude(retry_at__gt=now).exclude(channel__in=busy)
    due = due.exclude(stopped()).exclude(expires_at__lte=now)
    return due.select_related("brand", "channel", "community").order_by("-priority", "not_before", "pk")


def stopped() -> Q:
    """Sendings where a stop stands, for the community or the whole brand; not those that take something back."""
    standing = Stop.objects.filter(resumed_at=None)
    of_brand = standing.filter(community=None).values("brand")
    of_community = standing.exclude(community=None).values("community")
    return (Q(brand__in=of_brand) | Q(community__in=of_community)) & ~Q(op=CANCEL)


@transaction.atomic
def depart(sending: Sending, *, now: dt.datetime) -> bool:
    """Say that the request goes out now, for whom still agrees; False when the lease is lost, a stop came meanwhile, or
    nobody may be told any more."""
    if not release(sending, now=now):
        return False
    ours = Sending.objects.filter(pk=sending.pk, state=State.LEASED, fence=sending.fence)
    lease = PICTURE_LEASE if sending.pictures else LEASE
    return bool(ours.exclude(stopped()).update(left_at=now, lease_until=now + lease))


def put_back(sending: Sending, *, until: dt.datetime) -> None:
    """It did not leave and waits until then, without counting as a try."""
    ours = Sending.objects.filter(pk=sending.pk, state=State.LEASED, fence=sending.fence)
    ours.update(
        state=State.QUEUED, retry_at=until, lease_until=None, left_at=None, attempts=F("attempts") - 1
    )


@transaction.atomic
def conclude(sending: Sending, *, outcome: Outcome, now: dt.datetime) -> bool:
    """Write down what became of it; False when another worker has taken it over meanwhile."""
    values = shape(outcome)
    if outcome.result in (Result.AWAY, Result.LOST, Result.THROTTLED):
        values |= _again(sending, outcome, now)
    else:
        values |= {"state": _final(outcome, sending), "concluded_at": now}
    ours = Sending.objects.filter(pk=sending.pk, state=State.LEASED, fence=sending.fence)
    if not ours.update(lease_until=None, **values):
        return False
    if "concluded_at" in values:
        tell_of(Sending.objects.filter(pk=sending.pk))
    if sending.op == CANCEL and outcome.result == Result.SENT:
        taken_back = Sending.objects.filter(brand=sending.brand_id, handle=sending.target)
        taken_back.filter(state=State.PENDING).update(retry_at=None)  # asked about at once
    if outcome.result in (Result.PENDING, Result.UNSUPPORTED, Result.UNKNOWN):
        _ask_a_person(sending, outcome, now)
    return True


def shape(outcome: Outcome) -> dict[str, object]:
    """The columns that keep what a platform said."""
    return {
        "ids": list(outcome.ids),
        "handle": outcome.handle[:200],
        "who": outcome.who[:120],
        "code": outcome.code[:60],
        "words": str(outcome.words)[:300],
    }


def _final(outcome: Outcome, sending: Sending) -> str:
    fails = sending.on_unsupported == Sending.Fallback.FAIL
    others = {
        Result.PENDING: State.PENDING,
        Result.REJECTED: State.REJECTED,
        Result.UNSUPPORTED: State.REJECTED if fails else State.UNSUPPORTED,
    }
    return (DONE | others)[outcome.result]


def _again(sending: Sending, outcome: Outcome, now: dt.datetime) -> dict[str, object]:
    """Back in line. What was lost counts: after twice as long each time, dead after enough tries. A platform that is
    away or asks for time costs no try, so only the sending's own end ends the wait."""
    if outcome.result != Result.LOST:
        pause = max(outcome.retry_seconds, FIRST_PAUSE)
        return {
            "state": State.QUEUED,
            "retry_at": now + dt.timedelta(seconds=pause),
            "attempts": F("attempts") - 1,
            "left_at": None,
        }
    if sending.attempts >= TRIES:
        return {"state": State.DEAD, "concluded_at": now}
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (sending.attempts - 1)) * random.uniform(0.8, 1.2)  # noqa: S311
    return {"state": State.QUEUED, "retry_at": now + dt.timedelta(seconds=pause), "left_at": None}


def _ask_a_person(sending: Sending, outcome: Outcome, now: dt.datetime) -> None:
    """A to-do for what only a person can do or decide."""
    if outcome.result == Result.UNSUPPORTED and sending.on_unsupported != Sending.Fallback.TASK:
        return
    channel = str(sending.channel)
    words = {
        Result.PENDING: _("请在“{channel}”里点发送：{what}"),
        Result.UNSUPPORTED: _("平台不支持自动完成，请在“{channel}”里手动处理：{what}"),
        Result.UNKNOWN: _("请到“{channel}”里看看是否已发出：{what}"),
    }[outcome.result]
    assign(
        sending.community,
        text=words.format(channel=channel, what=asked_of(sending.op, sending.target, sending.params)),
        due_on=now.astimezone(sending.brand.clock.zone).date(),
        staff=sending.created_by or _alone_on_duty(sending, now),
        cause=f"sending:{sending.pk}",
        key=f"sending:{sending.pk}:{outcome.result}:{sending.fence}",
        at=now,
        sending=sending,
    )


def _alone_on_duty(sending: Sending, now: dt.datetime) -> Staff | None:
    """Whose it is where nobody ordered it: of the one who is on duty there, may do it and may read it. With two it is
    anybody's."""
    ready = [
        staff
        for staff in on_duty(sending.community, at=now)
        if staff.may("tasks.do") and sending.is_for(staff)
    ]
    return ready[0] if len(ready) == 1 else None


@transaction.atomic
def reclaim(*, now: dt.datetime, dedupes: Mapping[tuple[str, str], float]) -> int:
    """Take back what dead workers held: what never left, and what the platform itself keeps from happening twice,
    goes in line again; of the rest nobody knows. `dedupes` says for how many seconds, by platform and op. Answers how
    many."""
    dead = list(
        Sending.objects.select_for_update(of=("self",))  # who ordered it may be nobody: no row to lock
        .filter(state=State.LEASED, lease_until__lt=now)
        .select_related("brand", "channel", "community", "created_by")
    )
    for row in dead:
        seconds = dedupes.get((row.channel.platform, row.op), 0.0)
        if row.left_at is None or (now - row.left_at).total_seconds() < seconds:
            put_back(row, until=now)
        else:
            conclude(row, outcome=Outcome(Result.UNKNOWN, code="worker.died"), now=now)
    return len(dead)


@transaction.atomic
def look_again(sending: Sending, *, arrived: bool, by: Staff, at: dt.datetime) -> None:
    """A person has looked: it did arrive, or it goes in line again; nobody else need look. Only for what is unknown,
    rejected or dead."""
    lost = Sending.objects.filter(
        pk=sending.pk, state__in=[State.UNKNOWN, State.DEAD, State.REJECTED, State.UNSUPPORTED]
    )
    values: dict[str, object] = {"state": State.SENT, "concluded_at": at}
    if not arrived:
        values = {
            "state": State.QUEUED,
            "concluded_at": None,
            "attempts": 0,
            "retry_at": at,
            "left_at": None,
        }
    if not lost.update(**values):
        raise Refused("outbox.nothing_to_decide")
    drop(sending.brand_id, cause=f"sending:{sending.pk}")
    if arrived:
        tell_of(Sending.objects.filter(pk=sending.pk))
    deed = "sending.found" if arrived else "sending.again"
    log(sending.brand, by=by, deed=deed, about=f"sending:{sending.pk}", at=at)

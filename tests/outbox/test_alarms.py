"""What should have left and has not is said once, and stands until it has left or is cancelled."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from qunying.brands.models import Brand, Staff
from qunying.brands.today import waiting
from qunying.communities.models import Channel, Community
from qunying.outbox.actions import (
    Wish,
    call_off,
    claim,
    conclude,
    expire,
    order,
    overdue,
    put_back,
    raise_alarms,
)
from qunying.outbox.late import APPROVAL, BEHIND, STOPPED, Why
from qunying.outbox.models import Alarm, Sending
from qunying.outbox.outcomes import Outcome, Result
from tests.playbooks.conftest import brand, club, owner, signed_in, staff_of

__all__ = ["brand", "club", "owner"]
NOON, MINUTE = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC), dt.timedelta(minutes=1)
LATE = NOON + 15 * MINUTE
SKIP = Sending.Fallback.SKIP


@pytest.fixture
def channel(brand: Brand, club: Community) -> Channel:
    return Channel.objects.create(brand=brand, community=club, platform="telegram", key="1", name="茶群")


def ordered(channel: Channel, by: Staff | None = None, key: str = "a", **told: object) -> Sending:
    at = told.pop("at", NOON)
    wish = Wish("message.create", {"text": "早上好<script>"}, **told)  # type: ignore[arg-type]
    return order(channel, wish=wish, key=key, at=at, by=by)  # type: ignore[arg-type]


def looked(brand: Brand, at: dt.datetime, why: Why | None = None) -> list[str]:
    """The keys of those of whom it is said at this look."""
    found = dict.fromkeys(overdue(brand, now=at), why or Why(BEHIND))
    return [alarm.sending.key for alarm in raise_alarms(brand, found, at=at)]


def shown(staff: Staff, *, late: str = "1") -> list[tuple[str, str, str]]:
    page = signed_in(staff).get(reverse("sendings", args=[staff.brand.slug]), {"late": late})
    return [(line.row.key, line.late, line.advice[:7]) for line in page.context["lines"]]


def test_once_when_the_grace_is_over_however_often_it_is_looked_at(brand, owner, channel):
    ordered(channel, owner)
    brand.preferences = {"late_minutes": 15}
    brand.save()

    assert [looked(brand, NOON + n * MINUTE) for n in (0, 14, 15, 16, 9000)] == [[], [], ["a"], [], []]
    assert [(row.due_at, row.raised_at) for row in Alarm.objects.all()] == [(NOON, LATE)]


def test_of_what_may_be_skipped_only_what_a_person_wanted(brand, owner, channel):
    ordered(channel, key="nobody", on_unsupported=SKIP)
    ordered(channel, owner, key="person", on_unsupported=SKIP)
    ordered(channel, key="must", on_unsupported=Sending.Fallback.FAIL)

    assert looked(brand, LATE) == ["person", "must"]


def test_what_was_ordered_for_the_night_has_its_time_in_the_morning(brand, owner, channel):
    night, morning = NOON + 12 * 60 * MINUTE, NOON + 20 * 60 * MINUTE
    ordered(channel, owner, at=night)

    assert [looked(brand, at) for at in (night + 60 * MINUTE, morning, morning + 15 * MINUTE)] == [
        [],
        [],
        ["a"],
    ]


def test_it_stands_until_it_has_left_or_is_cancelled_and_never_comes_again(brand, owner, channel):
    first, second = ordered(channel, owner), ordered(channel, owner, key="b")
    looked(brand, LATE)
    before = shown(owner)

    row = claim([channel.pk], now=LATE)
    assert row is not None
    put_back(row, until=LATE)
    again = shown(owner)
    row = claim([channel.pk], now=LATE)
    assert row is not None and row.pk == first.pk
    conclude(row, outcome=Outcome(Result.SENT), now=LATE)
    left = shown(owner)
    call_off(second, by=owner, at=LATE)

    words = ("还没有轮到：前面有积压，或群英停过", "请看“平台接入")
    assert before == again == [("b", *words), ("a", *words)]
    assert (left, shown(owner), looked(brand, LATE)) == ([("b", *words)], [], [])


def test_the_reason_is_kept_up_to_date_and_said_with_what_to_do(brand, owner, channel):
    row = ordered(channel, owner, approvals=1)
    looked(brand, LATE, Why(APPROVAL, {"n": 1}))
    approval = shown(owner)
    looked(brand, LATE, Why(STOPPED))
    page = signed_in(owner).get(reverse("sending", args=[brand.slug, row.pk])).content.decode()

    assert approval == [("a", "还差 1 位同事审批", "请有审批权限的")]
    assert "已一键停发" in page and "请另一位同事恢复外发；不再需要的请取消外发。" in page
    assert "<script>" not in page.partition("<h1>")[2].partition("经过")[0]


def test_what_expired_while_nothing_ran_is_said_until_somebody_ticks_it_off(brand, owner, channel):
    row = ordered(channel, owner, expires_at=NOON + 60 * MINUTE)
    ordered(channel, key="nobody", on_unsupported=SKIP, expires_at=NOON + 60 * MINUTE)
    days_later = NOON + 30 * 24 * 60 * MINUTE

    for _twice in range(2):
        expire(now=days_later)
        looked(brand, days_later)

    words = "过了最晚发出时间也没有发出（还没有轮到：前面有积压，或群英停过）"
    assert shown(owner) == [("a", words, "仍要发的请重新")]
    answer = signed_in(owner).post(reverse("sending_call_off", args=[brand.slug, row.pk]))
    row.refresh_from_db()
    assert (answer.status_code, row.state, shown(owner)) == (302, "called_off", [])


def test_what_had_reached_an_employee_and_expired_cannot_be_called_off(brand, owner, channel):
    row = ordered(channel, owner)
    Sending.objects.filter(pk=row.pk).update(state="expired", left_at=NOON)

    assert signed_in(owner).post(reverse("sending_call_off", args=[brand.slug, row.pk])).status_code == 409


def test_today_lists_it_once_with_owner_and_deadline(brand, owner, channel):
    ordered(channel, owner, expires_at=NOON + 48 * 60 * MINUTE)
    ordered(channel, owner, key="b", approvals=1)
    ordered(channel, key="c")
    looked(brand, LATE)
    helper, approver = staff_of(brand, "helper", "volunteer"), staff_of(brand, "approver", "approver")

    def told(staff: Staff, *, mine: bool) -> list[tuple[str, str, dt.date]]:
        found = waiting(staff, NOON.date(), mine=mine)
        return [(part.key, thing.owner, thing.due_on) for part, thing in found]

    with time_machine.travel(LATE, tick=False):
        seen = [told(owner, mine=True), told(approver, mine=False), told(helper, mine=True)]

    first, whose = NOON.date(), owner.name
    a, b, c = (
        ("outbox.late", whose, first + dt.timedelta(days=2)),
        ("outbox.late", whose, first),
        ("outbox.late", "", first),
    )
    assert seen == [[b, c, a], [("outbox.approvals", "", first), c, a], [c]]


def test_who_does_not_have_the_community_sees_none(brand, owner, channel):
    ordered(channel, owner)
    looked(brand, LATE)
    narrow = staff_of(brand, "narrow", "operator", reach=[])

    assert (shown(narrow), waiting(narrow, NOON.date(), mine=False)) == ([], [])

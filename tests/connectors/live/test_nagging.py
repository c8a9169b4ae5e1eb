"""Whoever has a task is reminded of it: by a colleague, and by itself once at each point the brand chose; in the group
of staff without a word of what it is about."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from qunying.brands.actions import change_brand
from qunying.brands.models import AuditEntry, Brand, Staff
from qunying.communities.models import Channel, Community
from qunying.connectors import actions
from qunying.outbox.actions import Wish, assign, claim, conclude, finish, order, say
from qunying.outbox.models import Draft, Reminder, Sending, Todo
from qunying.outbox.outcomes import Outcome, Result
from tests.playbooks.conftest import brand, club, owner, signed_in, staff_of

__all__ = ["brand", "club", "owner"]
NIGHT = dt.datetime(2026, 3, 2, 16, tzinfo=dt.UTC)
"""When the second of March ends for the brand."""
DAY, HOUR = dt.date(2026, 3, 2), dt.timedelta(hours=1)
AT = NIGHT - 10 * HOUR
HOOK = "https://open.feishu.cn/open-apis/bot/v2/hook/robotkey0001"


@pytest.fixture
def desk(brand: Brand, owner: Staff) -> Channel:
    """A group in which somebody said that only staff are."""
    keys = {"webhook": HOOK, "secret": ""}
    row = actions.connect(brand, connector_key="feishu_robot", name="机器人", keys=keys, at=AT, by=owner)
    channel = actions.seat(row, chat="", name="值班群", community=None, at=AT, by=owner)
    actions.set_daily(brand, is_on=False, hour=9, weekdays=range(7), channel=channel, at=AT, by=owner)
    return channel


def todo(club: Community, staff: Staff | None, key: str = "a", on: dt.date = DAY) -> Todo:
    return assign(club, text="请联系阿青", due_on=on, staff=staff, cause="", key=key, at=AT)


def draft(club: Community, staff: Staff) -> Draft:
    return say(club, text="早上好", kind="value", due_on=DAY, staff=staff, cause="", key="d", at=AT)


def wants(brand: Brand, by: Staff, **hours: int) -> None:
    told = {f"remind_{point}_hours": number for point, number in hours.items()}
    change_brand(brand, name=brand.name, preferences=told, at=AT, by=by)
    brand.refresh_from_db()


def texts() -> list[str]:
    return [str(text) for text in Sending.objects.order_by("pk").values_list("params__text", flat=True)]


def press(staff: Staff, item: Todo, key: str) -> int:
    url = reverse("todo_reminder", args=[item.brand.slug, item.pk])
    return int(signed_in(staff).post(url, {"key": key}).status_code)


def test_nothing_is_reminded_of_by_itself_unless_the_brand_wants_it(brand, club, owner, desk):
    todo(club, owner)

    assert [actions.nag_due(brand, now=NIGHT + hours * HOUR) for hours in (-1, 9)] == [[], []]


def test_once_before_and_once_after_however_often_it_is_looked_at(brand, club, owner, desk):
    helper = staff_of(brand, "helper", "volunteer")
    (
        todo(club, owner),
        todo(club, helper, "b"),
        todo(club, helper, "c"),
        todo(club, None, "n"),
        draft(club, owner),
    )
    finish(todo(club, owner, "done"), by=owner, at=AT)
    wants(brand, owner, before=4, after=9)

    made = [
        len(actions.nag_due(brand, now=NIGHT + minutes * HOUR / 60))
        for minutes in (-241, -240, -1, 0, 539, 540, 541, 20 * 60)
    ]

    assert made == [0, 5, 0, 0, 0, 5, 0, 0]
    names = "、".join(sorted([f"{owner.name} 2 项", f"{helper.name} 2 项"]))
    assert texts() == [
        f"提醒：今天到期的待办还没做完：{names}、还没有负责人的 1 项。",
        f"提醒：已经过期的待办还没做完：{names}、还没有负责人的 1 项。",
    ]
    assert {row.point for row in Reminder.objects.all()} == {"before", "after"}


def test_what_was_due_long_ago_is_not_reminded_of_when_a_brand_begins_to(brand, club, owner, desk):
    todo(club, owner, "old", DAY - dt.timedelta(days=8))
    recent = todo(club, owner, "new", DAY - dt.timedelta(days=2))
    wants(brand, owner, after=1)

    assert [row.todo for row in actions.nag_due(brand, now=AT)] == [recent]


def test_without_a_group_of_staff_it_shows_on_the_page_of_today_only(brand, club, owner):
    todo(club, owner)
    wants(brand, owner, after=1)

    actions.nag_due(brand, now=NIGHT + HOUR)
    page = signed_in(owner).get(reverse("today", args=[brand.slug])).content.decode()

    assert (texts(), "已提醒 1 次" in page) == ([], True)


def test_a_colleague_reminds_once_however_often_the_form_is_sent_and_three_times_a_day(
    brand, club, owner, desk
):
    helper = staff_of(brand, "helper", "volunteer")
    item = todo(club, helper)

    codes = [press(owner, item, key) for key in ("a", "a", "b", "c", "d")]
    shown = signed_in(helper).get(reverse("today", args=[brand.slug])).content.decode()

    assert codes == [302, 302, 302, 302, 409]
    assert texts() == [f"提醒：有待办还没做完：{helper.name} 1 项。"] * 3
    assert "已提醒 3 次" in shown
    assert AuditEntry.objects.filter(deed="todo.reminded").count() == 3


def test_only_who_may_decide_reminds_and_not_of_what_lies_beyond_their_reach(brand, club, owner, desk):
    item = todo(club, None)
    volunteer = staff_of(brand, "volunteer", "volunteer")
    narrow = staff_of(brand, "narrow", "operator", reach=[])

    assert [press(staff, item, "k") for staff in (volunteer, narrow)] == [403, 404]
    assert Reminder.objects.count() == 0


def test_what_waits_for_a_tap_is_reminded_of_through_the_platform_too_as_often_as_it_lets_us(
    brand, club, owner
):
    channel = Channel.objects.create(brand=brand, community=club, platform="wecom", key="1", name="茶群")
    order(channel, wish=Wish("message.create", {"text": "早"}), key="a", at=AT, by=owner)
    row = claim([channel.pk], now=AT)
    assert row is not None
    conclude(row, outcome=Outcome(Result.PENDING, handle="msg1", who="kefu01"), now=AT)
    item = Todo.objects.get()

    for key in "abc":
        press(owner, item, key)
    Reminder.objects.all().update(at=AT - 30 * HOUR)
    press(owner, item, "d")

    assert Sending.objects.filter(op="mass.remind", target="msg1").count() == 3
    assert Reminder.objects.count() == 4

"""What waits for employees to tap is asked about until it is over: how many it reached and who has not tapped yet."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from qunying.connectors.delivering import ask_after, deliver
from qunying.connectors.live.wecom.receipts import Fate, Receipt, summed
from qunying.jobs.actions import database_now
from qunying.outbox import actions as outbox
from qunying.outbox.models import Sending, Todo
from qunying.webhooks.models import Delivery
from tests.connectors.live.wecom.world import LAN, QING, World, simulated
from tests.connectors.live.world import open_brand
from tests.webhooks.world import hooked

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World(*open_brand())


@pytest.fixture
def platform(settings, world):
    with simulated(settings, world) as platform:
        yield platform


@pytest.fixture
def chat(world, platform):
    chat = world.corp.open_chat("茶友福利群", "kefu01")
    for who, name in ((QING, "阿青"), (LAN, "小兰")):
        world.corp.befriend(who, name, "kefu01")
    world.corp.callbacks.clear()
    world.bind(chat)
    return chat


def order(world: World, op: str = "mass.create", target: str = "", **params: object) -> Sending:
    channel = world.connection.seats.all()[0].channel
    row = outbox.order(
        channel,
        wish=outbox.Wish(op, {"text": "话", **params}, target=target, is_unsolicited=False),
        key=f"{op}{Sending.objects.count()}",
        at=database_now(),
    )
    deliver(world.connection, world.wire)
    row.refresh_from_db()
    return row


def to_both(world: World) -> Sending:
    return order(world, customers=[QING, LAN], sender="kefu01")


def asked(world: World, row: Sending) -> tuple[str, str, str, str]:
    """(state, code, words, who has to tap) after it was asked about."""
    Sending.objects.update(retry_at=None)
    ask_after(world.connection, world.wire)
    row.refresh_from_db()
    return row.state, row.code, row.words, row.who


def age(row: Sending, **since: int) -> None:
    Sending.objects.filter(pk=row.pk).update(concluded_at=database_now() - dt.timedelta(**since))


def waits(row: Sending) -> float:
    row.refresh_from_db()
    assert row.retry_at is not None
    return (row.retry_at - database_now()).total_seconds()


def todos() -> list[str]:
    return list(Todo.objects.values_list("state", flat=True))


def test_it_waits_with_its_figures_and_is_concluded_when_the_employee_has_tapped(world, platform, chat):
    row = to_both(world)
    before, waiting = asked(world, row), (row.tally, todos())
    world.corp.tap(row.handle)
    after = asked(world, row)

    assert before == ("pending", "", "已送达 0 / 2；员工还没点发送 2", "kefu01")
    told = {"unsent": 2, "sent": 0, "failed": {}, "at": 0}
    figures = {"to": 2, "sent": 0, "failed": {}, "waiting": {"kefu01": 2}, "owners": {"kefu01": told}}
    assert waiting == (figures, ["waiting"])
    assert after == ("sent", "", "已送达 2 / 2", "")
    told = {"unsent": 0, "sent": 2, "failed": {}, "at": int(world.clock())}
    figures = {"to": 2, "sent": 2, "failed": {}, "waiting": {}, "owners": {"kefu01": told}}
    assert (row.tally, todos()) == (figures, ["dropped"])


def test_its_page_shows_to_how_many_it_came_and_who_has_not_tapped(world, platform, chat):
    row = to_both(world)
    asked(world, row)
    client = Client()
    client.force_login(world.chief.account, backend="django.contrib.auth.backends.ModelBackend")
    text = " ".join(client.get(f"/b/tea/sendings/{row.pk}/").content.decode().split())

    assert '<th scope="row">已送达</th><td>0 / 2</td>' in text
    assert (
        '<td class="main"><bdi>kefu01</bdi></td>' in text
        and '<td data-label="未发送" class="num">2</td>' in text
    )


def test_programs_outside_are_told_once_everybody_has_tapped_and_not_before(world, platform, chat):
    hooked((world.brand, world.chief), "https://example.com/told", ["sending.sent", "sending.failed"])
    row = to_both(world)
    asked(world, row)
    before = Delivery.objects.count()
    world.corp.tap(row.handle)
    asked(world, row)
    asked(world, row)

    assert (before, list(Delivery.objects.values_list("kind", flat=True))) == (0, ["sending.sent"])


def test_a_quota_that_is_used_up_is_the_reason_that_is_given(world, platform, chat):
    world.corp.quota = 0
    row = to_both(world)
    world.corp.tap(row.handle)

    assert asked(world, row) == ("rejected", "over_quota", "已送达 0 / 2；本期群发次数已用完 2", "")
    assert row.tally["failed"] == {"over_quota": 2}


def test_what_reached_some_is_sent_and_says_why_it_did_not_reach_the_others(world, platform, chat):
    row = to_both(world)
    world.corp.part(LAN, "kefu01", by_customer=True)
    world.corp.tap(row.handle)

    assert asked(world, row) == ("sent", "no_friend", "已送达 1 / 2；已不是好友 1", "")


def test_nobody_who_was_reached_is_named_in_what_is_kept(world, platform, chat):
    row = to_both(world)
    world.corp.tap(row.handle)
    asked(world, row)

    assert (row.ids, QING in str(row.tally)) == ([], False)


def test_it_is_asked_about_less_often_as_it_grows_old_and_not_at_all_between(world, platform, chat):
    row, paces = to_both(world), []
    for since in ({"minutes": 1}, {"hours": 2}, {"days": 2}):
        age(row, **since)
        asked(world, row)
        paces.append(round(waits(row) / 60))
    calls = len(platform.calls)
    ask_after(world.connection, world.wire)

    assert (paces, len(platform.calls)) == ([2, 15, 60], calls)


def test_a_week_without_a_tap_ends_it(world, platform, chat):
    row = to_both(world)
    age(row, days=7)

    assert asked(world, row)[:3] == ("expired", "", "已送达 0 / 2；员工还没点发送 2")
    assert todos() == ["dropped"]


def test_what_was_taken_back_is_over_at_once(world, platform, chat):
    row = to_both(world)
    order(world, "mass.cancel", target=row.handle)

    assert asked(world, row)[0] == "called_off"


def test_a_platform_that_is_busy_is_not_asked_about_the_next_one_and_a_refusal_does_not_end_anything(
    world, platform, chat
):
    rows = [to_both(world), to_both(world)]
    platform.plant("get_groupmsg_task", 45033)
    before = len(platform.calls)
    busy = asked(world, rows[0])[0]
    calls = len(platform.calls) - before
    platform.plant("get_groupmsg_task", 41048, times=2)
    refused = [asked(world, row)[0] for row in rows]

    assert (busy, calls, refused) == ("pending", 1, ["pending", "pending"])
    assert waits(rows[0]) > 60


def test_many_who_have_not_tapped_are_counted_and_the_first_are_named():
    receipts = [Receipt(f"wm{n}", f"kefu{n:02d}", Fate.UNSENT) for n in range(5)]
    outcome = summed(receipts, "msg")

    assert (outcome.who, len(outcome.tally["waiting"])) == ("kefu00、kefu01、kefu02 等 5 人", 5)  # type: ignore[arg-type]  # numbers by name

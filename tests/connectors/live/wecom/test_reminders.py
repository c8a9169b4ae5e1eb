"""Employees who have still to tap are reminded, never more often than WeCom lets us, and what they have not tapped can
be taken back."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from qunying.brands.models import AuditEntry, Staff
from qunying.connectors.actions import Written, write
from qunying.connectors.composing import targets
from qunying.connectors.delivering import ask_after, deliver
from qunying.jobs.actions import database_now
from qunying.kit.errors import Refused
from qunying.outbox import actions as outbox
from qunying.outbox.actions import reminding
from qunying.outbox.models import Sending
from qunying.outbox.owners import message_of, owners
from tests.connectors.live.wecom.world import World, simulated
from tests.connectors.live.world import AT, open_brand

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings):
    """Two employees: one owns two groups, the other one."""
    world = World(*open_brand())
    with simulated(settings, world):
        world.corp.hire("kefu02", "客服小水")
        chats = [
            world.corp.open_chat(f"群{n}", owner) for n, owner in enumerate(("kefu01", "kefu01", "kefu02"))
        ]
        world.corp.callbacks.clear()
        world.bind(*chats)
        yield world


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff.account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def carry(world: World) -> None:
    """What is in line leaves, and WeCom is asked what became of what waits."""
    deliver(world.connection, world.wire)
    Sending.objects.update(retry_at=None)
    for _each in Sending.objects.filter(state="pending"):
        ask_after(world.connection, world.wire)


def written(world: World) -> list[Sending]:
    """One message to all three groups, waiting for the taps."""
    all_ = targets(world.chief)
    words = Written("a-form-of-the-page", "早上好", all_, None, dt.timedelta(hours=1))
    rows = write(words, at=database_now(), by=world.chief)
    carry(world)
    return list(Sending.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))


def reminders(world: World) -> list[int]:
    """How often each task was reminded of, as WeCom counts."""
    return [len(mass.reminded) for mass in world.corp.masses.values()]


def remind(world: World, row: Sending, **told: str) -> int:
    status = (
        signed_in(world.chief)
        .post(reverse("sending_reminder", args=[world.brand.slug, row.pk]), told)
        .status_code
    )
    deliver(world.connection, world.wire)
    return int(status)


def test_a_message_has_a_line_for_each_owner_with_what_was_sent_what_not_and_why(world):
    rows = written(world)
    before = owners(world.chief, message_of(world.chief, rows[0]), at=database_now())
    world.corp.quota = 0
    world.corp.tap(rows[0].handle)
    world.corp.quota = 31
    world.corp.tap(rows[1].handle)
    carry(world)

    after = owners(world.chief, message_of(world.chief, rows[0]), at=database_now())
    page = (
        signed_in(world.chief).get(reverse("sending", args=[world.brand.slug, rows[0].pk])).content.decode()
    )

    assert [(line.who, line.unsent, line.sent, dict(line.failed)) for line in before] == [
        ("kefu01", 2, 0, {}),
        ("kefu02", 1, 0, {}),
    ]
    assert [(line.who, line.unsent, line.sent, dict(line.failed)) for line in after] == [
        ("kefu01", 0, 1, {"over_quota": 1}),
        ("kefu02", 1, 0, {}),
    ]
    assert [line.tapped_at for line in after] == [world.now, None]
    assert "本期群发次数已用完 1" in page and "提醒 0/3" in " ".join(page.split())


def test_one_line_reminds_one_employee_all_reminds_all_and_the_same_form_only_once(world):
    rows = written(world)

    codes = [
        remind(world, rows[0], who="kefu01", key="one"),
        remind(world, rows[0], who="kefu01", key="one"),
        remind(world, rows[2], key="all"),
        remind(world, rows[2], who="nobody", key="none"),
    ]

    assert (codes, reminders(world)) == ([302, 302, 302, 409], [2, 2, 1])
    assert AuditEntry.objects.filter(deed="sending.reminded").count() == 2


def test_the_fourth_reminder_within_a_day_is_refused_with_the_hour_at_which_one_may_again(world):
    row = written(world)[2]
    codes = [remind(world, row, who="kefu02", key=f"k{n}") for n in range(4)]
    answer = signed_in(world.chief).get(reverse("sending", args=[world.brand.slug, row.pk])).content.decode()
    first = Sending.objects.filter(op="mass.remind").earliest("pk")
    Sending.objects.filter(pk=first.pk).update(left_at=database_now() - dt.timedelta(hours=24, minutes=1))
    world.wait(24 * 3600)
    again = remind(world, row, who="kefu02", key="k5")

    assert (codes, again) == ([302, 302, 302, 409], 302)
    assert "已提醒 3 次" in answer
    assert first.expires_at == first.created_at + reminding.LASTS


def test_what_the_platform_refused_or_never_left_does_not_count(world):
    row = written(world)[2]
    for n in range(3):
        remind(world, row, who="kefu02", key=f"k{n}")
    Sending.objects.filter(op="mass.remind").update(state="rejected")

    assert remind(world, row, who="kefu02", key="k4") == 302


def test_who_has_tapped_or_whose_task_is_over_is_not_reminded(world):
    rows = written(world)
    world.corp.tap(rows[2].handle)
    carry(world)

    with pytest.raises(Refused, match="nobody_to_remind"):
        outbox.remind([Sending.objects.get(pk=rows[2].pk)], key="k", at=database_now(), by=world.chief)


def test_only_who_may_see_the_message_reminds_and_of_nothing_beyond_their_reach(world):
    rows = written(world)
    narrow = Staff.objects.create(
        brand=world.brand,
        account=type(world.chief.account).objects.create(login="narrow", created_at=AT),
        role="operator",
        reach=[rows[2].community_id],
        created_at=AT,
    )
    client = signed_in(narrow)

    codes = [
        client.post(reverse("sending_reminder", args=[world.brand.slug, row.pk]), {"key": "k"}).status_code
        for row in (rows[0], rows[2])
    ]
    deliver(world.connection, world.wire)

    assert (codes, reminders(world)) == ([404, 302], [0, 0, 1])


def test_cancelled_before_the_tap_nobody_gets_it_and_asked_twice_is_asked_once(world):
    row = written(world)[2]
    client, address = signed_in(world.chief), reverse("sending_call_off", args=[world.brand.slug, row.pk])

    codes = [client.post(address).status_code for _twice in range(2)]
    carry(world)
    row.refresh_from_db()

    assert (codes, row.state, world.corp.masses[row.handle].is_cancelled) == ([302, 302], "called_off", True)
    assert Sending.objects.filter(op="mass.cancel").count() == 1
    assert AuditEntry.objects.filter(deed="sending.called_off").count() == 1
    assert client.post(address).status_code == 409


def test_more_than_two_thousand_groups_are_not_one_task(world):
    channel = world.connection.seats.all()[0].channel
    wish = outbox.Wish("mass.create", {"text": "话", "chats": [f"c{n}" for n in range(2001)]})
    row = outbox.order(channel, wish=wish, key="many", at=database_now())
    deliver(world.connection, world.wire)
    row.refresh_from_db()

    assert (row.state, row.code) == ("rejected", "connectors.too_much")


def race(one: Callable[[str], object]) -> None:
    ready = threading.Barrier(6)

    def worker(name: str) -> None:
        ready.wait()
        with suppress(Refused):
            one(name)
        connections.close_all()

    threads = [threading.Thread(target=worker, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_many_who_remind_at_once_remind_three_times_and_a_careless_twin_more_often(world):
    row, twin = written(world)[:2]

    def ours(name: str) -> None:
        outbox.remind([row], key=name, at=database_now(), by=world.chief)

    def careless(name: str) -> None:
        """Counts, waits a moment, asks."""
        times = reminding.reminded(world.brand, {twin.handle}, at=database_now())[twin.handle]
        threading.Event().wait(0.05)
        if reminding.free_at(times) is None:
            reminding.ask(twin, f"careless:{name}", database_now(), None)

    race(ours)
    race(careless)

    asked = Sending.objects.filter(op="mass.remind")
    assert asked.filter(target=row.handle).count() == 3
    assert asked.filter(target=twin.handle).count() > 3

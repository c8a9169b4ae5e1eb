"""Before anything is written one sees who can still be reached this month and who was already written to."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template.loader import render_to_string

from qunying.connectors.actions import seat
from qunying.connectors.quota import Place, plan, plan_of
from qunying.outbox import actions as outbox
from qunying.outbox.models import Sending
from tests.connectors.live.wecom.world import LAN, QING, World
from tests.connectors.live.world import AT, open_brand, telegram

pytestmark = pytest.mark.django_db
CHINA = dt.timezone(dt.timedelta(hours=8))
LATE = dt.datetime(2026, 2, 28, 23, 59, tzinfo=CHINA)
MARCH = dt.datetime(2026, 3, 1, 0, 0, tzinfo=CHINA)


@pytest.fixture
def world():
    return World(*open_brand())


@pytest.fixture
def channel(world):
    told = {"name": "茶友群", "community": None, "at": AT, "by": world.chief}
    return seat(world.connection, chat="wr1", **told)


def write(channel, *, at: dt.datetime = LATE, state: str = "pending", **params: object) -> Sending:
    op = "mass.create" if params else "message.create"
    key = str(Sending.objects.count())
    row = outbox.order(
        channel, wish=outbox.Wish(op, {"text": "话", **params}, is_unsolicited=False), key=key, at=at
    )
    Sending.objects.filter(pk=row.pk).update(state=state)
    return row


def used(world: World, *keys: str, at: dt.datetime = LATE) -> list[tuple[str, int, int]]:
    told = plan(world.connection, keys, at=at)
    assert told is not None
    return [(place.key, place.used, place.left) for place in told.places]


def test_each_who_is_written_to_costs_one_of_as_many_as_the_month_has_days(world, channel):
    write(channel, customers=[QING, LAN, LAN])
    write(channel, customers=[QING], state="sent")
    write(channel)

    assert used(world, QING, LAN, "wr1", "wmNEW") == [
        (QING, 2, 26),
        (LAN, 1, 27),
        ("wr1", 1, 27),
        ("wmNEW", 0, 28),
    ]


@pytest.mark.parametrize("state", ["rejected", "unsupported", "dead", "expired", "called_off"])
def test_what_never_arrived_costs_nothing(world, channel, state):
    write(channel, customers=[QING], state=state)

    assert used(world, QING) == [(QING, 0, 28)]


def test_the_month_begins_at_midnight_in_china(world, channel):
    write(channel, customers=[QING], at=LATE)
    write(channel, customers=[QING], at=MARCH)

    assert [used(world, QING, at=at) for at in (LATE, MARCH)] == [[(QING, 1, 27)], [(QING, 1, 30)]]


def test_who_was_written_to_and_who_cannot_be_any_more_are_named_apart(world, channel):
    for _time in range(28):
        write(channel, customers=[QING])
    write(channel, customers=[LAN])
    told = plan(world.connection, [QING, LAN, "wmNEW"], at=LATE)

    assert told is not None
    assert (told.reachable, told.closed) == (2, [Place(QING, 28, 28)])
    assert [place.key for place in told.written] == [QING, LAN]
    text = render_to_string("connectors/_quota.html", {"plan": told})
    assert "2026-02：选中 3 个，还能群发 2 个，其中 2 个本月已发过" in text
    assert f"发不出去：{QING}" in text


def test_only_platforms_with_such_a_limit_have_a_plan(world, channel):
    bot = telegram(world.brand, world.chief)
    write(channel)

    assert plan(bot, ["1"], at=LATE) is None
    assert [(row.pk, told.places) for row, told in plan_of([channel], at=LATE)] == [
        (world.connection.pk, [Place("wr1", 1, 28)])
    ]

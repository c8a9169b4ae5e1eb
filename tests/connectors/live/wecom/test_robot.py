"""The robot of one internal group: it speaks, at most twenty times a minute, and its key is nowhere to be seen."""

from __future__ import annotations

import pytest

from qunying.connectors import actions
from qunying.connectors.delivering import deliver
from qunying.connectors.live.connector import Action
from qunying.connectors.live.wecom import WECOM_ROBOT
from qunying.connectors.live.wecom.client import HOST
from qunying.connectors.live.wire import Wire
from qunying.jobs.actions import database_now
from qunying.kit.errors import Invalid
from qunying.outbox import actions as outbox
from qunying.outbox.outcomes import Outcome, Result
from tests.connectors.live.wecom.world import World, simulated
from tests.connectors.live.world import AT, open_brand

pytestmark = pytest.mark.django_db
KEY = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def world():
    return World(*open_brand())


@pytest.fixture
def platform(settings, world):
    with simulated(settings, world, robots=[KEY]) as platform:
        yield platform


def wire(world: World, key: str = KEY) -> Wire:
    return Wire({"key": key}, (HOST,), clock=world.clock)


def say(world: World, key: str = KEY, **params: object) -> Outcome:
    assert WECOM_ROBOT.perform is not None
    return WECOM_ROBOT.perform(wire(world, key), Action("message.create", "g", "", params, "w"))


def test_it_says_in_its_group_what_the_outbox_orders(world, platform):
    robot = actions.connect(
        world.brand, connector_key="wecom_robot", name="值班群", keys={"key": KEY}, at=AT, by=world.chief
    )
    channel = actions.bind(robot, chat="值班群", community=None, at=AT, by=world.chief)
    row = outbox.order(
        channel, wish=outbox.Wish("message.create", {"text": "今晚八点开奖"}), key="k", at=database_now()
    )
    deliver(robot, wire(world))
    row.refresh_from_db()

    assert row.state == "sent"
    assert [said for _at, said in platform.robots[KEY]] == [
        {"msgtype": "text", "text": {"content": "今晚八点开奖"}}
    ]
    assert KEY not in f"{robot.account}{robot.name}{robot.settings}"


def test_forms_and_calling_everyone_are_said_as_wecom_wants_them(world, platform):
    say(world, text="**日报**", form="markdown")
    say(world, text="开会", everyone=True)

    assert [said for _at, said in platform.robots[KEY]] == [
        {"msgtype": "markdown", "markdown": {"content": "**日报**"}},
        {"msgtype": "text", "text": {"content": "开会", "mentioned_list": ["@all"]}},
    ]


def test_the_twenty_first_of_a_minute_waits_and_a_wrong_key_is_refused(world, platform):
    outcomes = [say(world, text=str(number)).result for number in range(21)]
    world.wait(61)
    later, wrong = say(world, text="好"), say(world, key="wrong-key", text="x")

    assert outcomes == [Result.SENT] * 20 + [Result.THROTTLED]
    assert (later.result, wrong.result, wrong.code) == (Result.SENT, Result.REJECTED, "93000")


@pytest.mark.parametrize("params", [{"text": "茶" * 683}, {"text": "x", "form": "news"}])
def test_what_it_cannot_say_never_leaves(world, platform, params):
    with pytest.raises(Invalid, match="too_much"):
        say(world, **params)
    assert platform.calls == []


def test_the_check_speaks_no_word_in_the_group(world, platform):
    looked = [[line.is_good for line in WECOM_ROBOT.check(wire(world, key))] for key in (KEY, "wrong-key")]

    assert (looked, platform.robots[KEY]) == ([[True], [False]], [])

"""The robots of Feishu and DingTalk: signed, within their limits, each in its one group."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import time_machine

from qunying.communities.models import Channel
from qunying.connectors import actions
from qunying.connectors.delivering import deliver, limits_of
from qunying.connectors.live.connector import Action
from qunying.connectors.live.dingtalk_robot import DINGTALK_ROBOT, sign
from qunying.connectors.live.feishu_robot import FEISHU_ROBOT
from qunying.demo.simulators.robots import DingTalkRobot, FeishuRobot
from qunying.demo.simulators.server import Reply
from qunying.jobs.actions import database_now
from qunying.kit.errors import Invalid, Refused
from qunying.outbox import actions as outbox
from qunying.outbox.outcomes import Outcome, Result
from tests.connectors.live.world import AT, open_brand

SAMPLES = Path(__file__).parents[2] / "samples" / "wire"
KEY, SECRET = "robotkey0001", "SECcmkt0001"
QUIET = dt.datetime(2025, 3, 1, 8, 10, tzinfo=dt.UTC)
KINDS = {
    "feishu_robot": (FEISHU_ROBOT, FeishuRobot, f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}"),
    "dingtalk_robot": (
        DINGTALK_ROBOT,
        DingTalkRobot,
        f"https://oapi.dingtalk.com/robot/send?access_token={KEY}",
    ),
}


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


@pytest.fixture
def robot(kind, settings):
    """The simulated robot, in a quiet minute."""
    connector, simulator, _url = kind
    with simulator(KEY, secret=SECRET) as robot, time_machine.travel(QUIET, tick=True):
        settings.SIMULATORS = {connector.hosts[0]: robot.address}
        yield robot


@pytest.fixture
def tea():
    return open_brand()


def keys(kind, **more: str) -> dict[str, str]:
    return {"webhook": kind[2], "secret": SECRET, **more}


def say(kind, text: str = "今晚八点", **more: str):
    return kind[0].perform(
        kind[0].line(keys(kind, **more), ""), Action("message.create", "x", "", {"text": text}, "w")
    )


def checks(kind, **more: str) -> list[bool]:
    return [each.is_good for each in kind[0].check(kind[0].line(keys(kind, **more), ""))]


def test_dingtalks_published_signature_is_ours():
    vector = json.loads((SAMPLES / "dingtalk_sign_vector.json").read_text("utf-8"))

    assert sign(vector["secret"], at=vector["timestamp"]) == vector["sign_base64"]


def test_what_is_said_stands_in_the_group(kind, robot):
    assert say(kind) == Outcome(Result.SENT)
    assert robot.said == ["今晚八点"]


def test_what_the_robot_refuses_is_told_with_what_to_do(kind, robot):
    wrong_key = say(kind, webhook=kind[2].replace(KEY, "anotherkey1"))
    wrong_secret = say(kind, secret="SECother")
    robot.keyword = "茶"
    without_keyword = say(kind)
    too_long = say(kind, "茶" * 7000)

    refused = [wrong_key, wrong_secret, without_keyword, too_long]
    assert {each.result for each in refused} == {Result.REJECTED}
    assert all(any("一" <= letter <= "鿿" for letter in str(each.words)) for each in refused)
    assert robot.said == []


def test_the_live_check_says_nothing_to_the_group(kind, robot):
    assert checks(kind) == [True]
    assert checks(kind, webhook=kind[2].replace(KEY, "anotherkey1")) == [False]
    assert checks(kind, secret="SECother") == [False]
    assert robot.said == []


def test_a_robot_that_is_told_to_be_quiet_waits_as_long_as_the_platform_wants(kind, robot):
    outcomes = [say(kind, str(number)) for number in range(21)]
    code, seconds = {"feishu": ("11232", 30), "dingtalk": ("130101", 600)}[kind[0].platform]

    last = outcomes[-1]
    assert (last.result, last.code, last.retry_seconds) == (Result.THROTTLED, code, seconds)
    assert len(robot.said) == sum(each.result == Result.SENT for each in outcomes)


def test_an_answer_that_makes_no_sense_leaves_it_unknown(kind, robot):
    answers = [Reply(b"<html>", 502), Reply({"code": 0, "errcode": 0}, 500), Reply(b"<html>")]
    results = []
    for answer in answers:
        robot.faults.append(lambda _call, answer=answer: answer)
        results.append(say(kind).result)

    assert results == [Result.UNKNOWN] * 3


@pytest.mark.parametrize(
    ("minute", "second", "wait"), [(0, 0, 20), (30, 19, 1), (30, 20, 0), (59, 59, 0), (15, 5, 0)]
)
def test_feishus_crowded_seconds_are_left_to_others(settings, minute, second, wait):
    at = dt.datetime(2025, 3, 1, 8, minute, second, tzinfo=dt.UTC)
    with FeishuRobot(KEY) as robot, time_machine.travel(at, tick=False):
        settings.SIMULATORS = {"open.feishu.cn": robot.address}
        outcome = say(KINDS["feishu_robot"])

    assert (outcome.result, outcome.retry_seconds) == (Result.THROTTLED if wait else Result.SENT, wait)
    assert len(robot.said) == (0 if wait else 1)


def test_a_robot_without_a_secret_does_not_sign(settings):
    with DingTalkRobot(KEY) as robot:
        settings.SIMULATORS = {"oapi.dingtalk.com": robot.address}
        assert say(KINDS["dingtalk_robot"], secret="").result == Result.SENT
        assert robot.calls[0].query == {"access_token": KEY}


@pytest.mark.django_db
def test_a_robot_speaks_in_the_one_group_it_was_given_by_hand(kind, robot, tea):
    brand, chief = tea
    line = actions.connect(brand, connector_key=kind[0].key, name="", keys=keys(kind), at=AT, by=chief)
    for _ in range(2):
        actions.seat(line, chat="", name="茶友福利群", community=None, at=AT, by=chief)
    with pytest.raises(Refused, match="one_group_only"):
        actions.seat(line, chat="oc_2", name="另一个群", community=None, at=AT, by=chief)
    channel = line.seats.get().channel
    row = outbox.order(
        channel, wish=outbox.Wish("message.create", {"text": "今晚"}), key="k", at=database_now()
    )
    deliver(line, kind[0].line(actions.keys_of(line), line.hook))
    row.refresh_from_db()

    assert (row.state, robot.said) == ("sent", ["今晚"])
    assert list(Channel.objects.values_list("platform", "key", "community__name")) == [
        (kind[0].platform, line.account, "茶友福利群")
    ]
    assert KEY not in f"{line.account} {line.name} {line.settings}"
    assert [(limit.size, limit.seconds) for limit in limits_of(kind[0], line, row)] == {
        "feishu": [(90, 60), (4, 1)],
        "dingtalk": [(18, 60)],
    }[kind[0].platform]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/open-apis/bot/v2/hook/robotkey0001",
        "http://open.feishu.cn/open-apis/bot/v2/hook/robotkey0001",
        "https://open.feishu.cn/open-apis/bot/v2/hook/../../x",
        "https://oapi.dingtalk.com/robot/send?access_token=robotkey0001&x=1",
    ],
)
def test_an_address_that_is_no_robots_is_refused(url, tea):
    for name in KINDS:
        with pytest.raises(Invalid, match="key_misshapen"):
            actions.connect(tea[0], connector_key=name, name="", keys={"webhook": url}, at=AT, by=tea[1])

"""A QQ account whose client connects to us, or is connected to, over sockets that break, hang and repeat themselves."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as dial

from qunying.connectors.live.onebot import ONEBOT
from qunying.demo.simulators.onebot import OneBot
from qunying.kit.errors import Invalid, Upstream
from tests.connectors.live.onebot_world import GROUP, LIN, OWN, QING, TOKEN, door, listening_to, wire_to
from tests.connectors.live.talks import Talking, eventually, talking
from tests.connectors.live.world import NOW


@pytest.fixture
def client() -> Iterator[OneBot]:
    with OneBot(OWN, TOKEN) as simulator:
        simulator.open_chat(GROUP, "茶友福利群")
        yield simulator


def test_what_is_said_is_heard_over_the_socket_we_open(client):
    with listening_to(client) as talk:
        number = client.say(GROUP, LIN, "林", "今晚八点开奖")
        eventually(lambda: talk.heard)

    event = talk.events()[0]
    assert talk.names() == [f"m|{GROUP}|{number}"]
    assert (event["real_seq"], event["_known"]) == ("1001", {"name": "茶友福利群"})


def test_what_is_said_is_heard_over_the_socket_they_open(client):
    wire = wire_to(client, address="")
    with talking(ONEBOT, wire) as talk, door(wire) as address:
        client.call(address)
        eventually(lambda: "get_group_msg_history" in client.asked)
        number = client.say(GROUP, LIN, "林", "今晚八点开奖")
        eventually(lambda: talk.heard)

    assert talk.names() == [f"m|{GROUP}|{number}"]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("", {}, 401),
        ("", {"Authorization": "Bearer wrong"}, 401),
        ("", {"Authorization": f"Bearer {TOKEN}é"}, 401),
        ("?access_token=wrong", {}, 401),
        ("", {"Authorization": f"Bearer {TOKEN}", "X-Self-ID": "666"}, 422),
        ("", {"Authorization": f"Bearer {TOKEN}", "X-Client-Role": "Event"}, 422),
        ("../another-door/", {"Authorization": f"Bearer {TOKEN}"}, 404),
    ],
)
def test_nobody_else_gets_in(client, path, headers, status):
    wire = wire_to(client, address="")
    with door(wire) as address, pytest.raises(InvalidStatus) as refused:
        headers = {name: value.encode().decode("latin-1") for name, value in headers.items()}
        dial(address.replace("secret-door/../", "") + path, additional_headers=headers, proxy=None)

    assert refused.value.response.status_code == status
    assert wire.visits.empty()


def test_a_wrong_token_is_told_apart_from_a_client_that_is_away(client):
    wrong, away = wire_to(client, token="not-the-token"), wire_to(client)
    with pytest.raises(Upstream, match="socket_refused"):
        wrong.dial(client.address, Authorization="Bearer not-the-token")
    client.close()
    with pytest.raises(Upstream, match="platform_away"):
        away.dial(client.address)


def test_another_account_behind_the_same_address_is_not_listened_to(client):
    with listening_to(client, number="666666") as talk:
        client.say(GROUP, LIN, "林", "今晚八点开奖")
        eventually(lambda: talk.error)

    assert isinstance(talk.error, Invalid)
    assert talk.heard == []


def test_a_heartbeat_says_that_the_line_lives_and_a_private_chat_is_not_kept(client):
    with listening_to(client) as talk:
        private = {"post_type": "message", "message_type": "private", "user_id": LIN, "message": "悄悄话"}
        client._tell({**private, "message_id": 1, "self_id": OWN, "time": NOW})
        eventually(lambda: talk.alive > 2)

    assert talk.heard == []


def test_what_is_repeated_or_comes_late_comes_under_the_same_name(client):
    with listening_to(client) as talk:
        client.faults.extend(["duplicate", "reorder"])
        numbers = [client.say(GROUP, LIN, "林", text) for text in ("一", "二", "三")]
        eventually(lambda: len(talk.heard) == 4)

    one, two, three = (f"m|{GROUP}|{number}" for number in numbers)
    assert talk.names() == [one, one, three, two]


def test_what_was_said_while_the_line_was_down_is_fetched_when_it_is_up_again(client):
    with listening_to(client) as talk:
        client.say(GROUP, LIN, "林", "断线前")
        eventually(lambda: len(talk.heard) == 1)
        client.hang_up()
        eventually(lambda: not client.lines)
        missed = client.say(GROUP, LIN, "林", "断线中")
        client.faults.append("drop")
        eventually(lambda: client.lines)
        dropped = client.say(GROUP, LIN, "林", "丢失的")
        eventually(lambda: f"m|{GROUP}|{missed}" in talk.names())
        client.hang_up()
        eventually(lambda: f"m|{GROUP}|{dropped}" in talk.names())

    assert isinstance(talk.error, Upstream)
    assert talk.error.code == "connectors.socket_closed"


def test_after_a_long_break_it_reads_back_to_where_it_stopped_and_no_further(client):
    for number in range(150):
        client.say(GROUP, LIN, "林", f"很久以前{number}", at=NOW - 1000 + number)
    stopped = client.say(GROUP, LIN, "林", "最后听到的", at=NOW)
    missed = [client.say(GROUP, LIN, "林", f"断线中{number}", at=NOW + 1 + number) for number in range(430)]
    line = wire_to(client)
    line.memory["position"] = str(NOW)
    with talking(ONEBOT, line) as talk:
        eventually(lambda: talk.position)

    names = {name.rpartition("|")[2] for name in talk.names()}
    assert names >= {str(number) for number in (stopped, *missed)}
    assert client.asked.count("get_group_msg_history") == 5
    assert talk.position == str(NOW + 430)


def test_a_recall_of_a_message_from_before_we_listened_says_which_number_it_had(client):
    old = client.say(GROUP, LIN, "林", "广告")
    client.messages[0]["time"] = NOW
    with listening_to(client) as talk:
        client.say(GROUP, QING, "阿青", "早")
        eventually(lambda: talk.heard)
        talk.wire.memory["seqs"].clear()  # we were started anew
        client.notice("group_recall", GROUP, LIN, operator_id=LIN, message_id=old, at=NOW)
        eventually(lambda: any("notice_type" in event for event in talk.events()))

    recall = next(event for event in talk.events() if "notice_type" in event)
    assert recall["_known"] == {"seqs": {str(old): "1001"}, "name": "茶友福利群"}


def test_ears_that_cannot_store_hold_the_other_side_back(client):
    gate = threading.Event()

    class Full(Talking):
        def ears(self, payloads, position=None, /) -> None:
            gate.wait(10)
            super().ears(payloads)

    talk = Full(ONEBOT, wire_to(client))
    eventually(lambda: client.lines)
    for number in range(500):
        client.say(GROUP, LIN, "林", f"第{number}句")
    held = len(talk.heard)
    gate.set()
    eventually(lambda: len(set(talk.names())) == 500)
    talk.until.set()

    assert held == 0

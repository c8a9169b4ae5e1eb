"""What a QQ account is told to do, once, and what becomes of it; and what it brings into a brand's numbers."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from qunying.communities.models import Message
from qunying.connectors import actions
from qunying.connectors.beats import settle_all
from qunying.connectors.delivering import deliver, seek
from qunying.connectors.incoming import Options
from qunying.connectors.live.connector import Action
from qunying.connectors.live.onebot import ONEBOT
from qunying.connectors.live.wire import LostError, Wire
from qunying.connectors.models import Inbound
from qunying.demo.simulators.onebot import OneBot
from qunying.facts.models import Fact
from qunying.jobs.actions import database_now
from qunying.kit.errors import Upstream
from qunying.outbox import actions as outbox
from qunying.outbox.models import Sending, Todo
from qunying.outbox.outcomes import Outcome, Result
from tests.connectors.importers.reading import SAMPLES
from tests.connectors.live.onebot_world import GROUP, LIN, OWN, TOKEN, World, listening_to, wire_to
from tests.connectors.live.talks import Talking, eventually, talking
from tests.connectors.live.world import AT, NOW


@pytest.fixture
def client(settings) -> Iterator[OneBot]:
    settings.PRIVATE_HOSTS = {"127.0.0.1"}
    with OneBot(OWN, TOKEN) as simulator:
        simulator.open_chat(GROUP, "茶友福利群")
        yield simulator


def said() -> Action:
    return Action("message.create", str(GROUP), "", {"text": "欢迎"}, "wire")


def perform(wire: Wire, action: Action) -> Outcome:
    assert ONEBOT.perform is not None
    return ONEBOT.perform(wire, action)


def test_every_deed_reaches_the_client_in_its_own_words(client, monkeypatch):
    deeds = [
        Action("message.create", str(GROUP), "", {"text": "欢迎"}, "w"),
        Action("message.create", str(GROUP), "9001", {"text": "好"}, "w"),
        Action("message.delete", str(GROUP), "9001", {}, "w"),
        Action("message.pin", str(GROUP), "9001", {}, "w"),
        Action("member.mute", str(GROUP), "42", {"until": time.time() + 600.5}, "w"),
        Action("member.mute", str(GROUP), "42", {"until": time.time() + 10**9}, "w"),
        Action("member.kick", str(GROUP), "42", {}, "w"),
        Action("member.request.approve", str(GROUP), "flag-1", {}, "w"),
    ]
    with listening_to(client) as talk:
        eventually(lambda: "socket" in talk.wire.memory)
        outcomes = [perform(talk.wire, deed) for deed in deeds]

    words = [{"type": "text", "data": {"text": text}} for text in ("欢迎", "好")]
    reply = {"type": "reply", "data": {"id": "9001"}}
    assert [outcome.result for outcome in outcomes] == [Result.SENT] * 8
    assert [outcome.ids for outcome in outcomes[:3]] == [("9001",), ("9002",), ()]
    assert client.deeds == [
        ("send_group_msg", {"group_id": GROUP, "message": [words[0]]}),
        ("send_group_msg", {"group_id": GROUP, "message": [reply, words[1]]}),
        ("delete_msg", {"message_id": 9001}),
        ("set_essence_msg", {"message_id": 9001}),
        ("set_group_ban", {"group_id": GROUP, "user_id": 42, "duration": 600}),
        ("set_group_ban", {"group_id": GROUP, "user_id": 42, "duration": 30 * 86_400 - 60}),
        ("set_group_kick", {"group_id": GROUP, "user_id": 42, "reject_add_request": False}),
        ("set_group_add_request", {"flag": "flag-1", "sub_type": "add", "approve": True}),
    ]


def test_a_refusal_an_unknown_deed_and_a_doubtful_answer_are_told_apart(client, monkeypatch):
    with listening_to(client) as talk:
        eventually(lambda: "socket" in talk.wire.memory)
        refused = perform(talk.wire, Action("message.create", "1", "", {"text": "欢迎"}, "w"))
        deeds = dict(client._deeds)
        del deeds["set_essence_msg"]
        deeds["send_group_msg"] = lambda _asked: {
            "status": "failed", "retcode": 1200, "message": "Timeout: NTEvent sendMsg",
        }  # fmt: skip
        monkeypatch.setattr(OneBot, "_deeds", deeds)
        unsupported = perform(talk.wire, Action("message.pin", str(GROUP), "9001", {}, "w"))
        doubtful = perform(talk.wire, said())

    assert (refused.result, refused.code, refused.words) == (Result.REJECTED, "1200", "群不存在")
    assert (unsupported.result, doubtful.result) == (Result.UNSUPPORTED, Result.UNKNOWN)


def test_without_a_socket_nothing_leaves_and_a_line_that_breaks_later_leaves_a_question(client):
    with pytest.raises(Upstream, match="no_socket"):
        perform(wire_to(client), said())
    with listening_to(client) as talk:
        eventually(lambda: "socket" in talk.wire.memory)
        client.troubles.append("cut")
        with pytest.raises(LostError):
            perform(talk.wire, said())

    assert [message["message"][0]["data"]["text"] for message in client.messages] == ["欢迎"]


@pytest.mark.parametrize("has_token", [True, False])
def test_the_check_says_what_is_wrong(client, has_token):
    wire = wire_to(client) if has_token else wire_to(client, token="not-the-token")

    lines = [(str(line.label), line.is_good) for line in ONEBOT.check(wire)]

    good = [("连接", True), ("登录的账号", True), ("在线", True), ("所在的群", True)]
    assert lines == (good if has_token else [("连接", False)])


@pytest.fixture
def world(client, db) -> World:
    return World(client)


def test_live_words_become_facts_and_meet_those_of_the_exporters_file(world, tmp_path):
    path = tmp_path / f"group_{GROUP}_20250301_090000.json"
    path.write_bytes((SAMPLES / "qq_qce_v5.json").read_bytes())
    before = list(Message.objects.values_list("text", flat=True))

    actions.take_files(world.brand, [path], order=actions.Order(Options()), at=AT)

    assert before == ["今晚八点开奖"]
    assert sorted(Message.objects.values_list("text", "form")) == [
        ("", "image"), ("@主理人 参加", "text"), ("今晚八点开奖", "text"),
    ]  # fmt: skip
    assert Fact.objects.filter(kind=1).count() == 4  # that one once, and one that was recalled
    assert world.row.inbound.order_by("pk").values_list("chat_name", flat=True)[0] == "茶友福利群"


def test_what_is_recalled_loses_its_words_also_when_it_was_said_long_ago(world):
    world.wire.memory.clear()

    def recall(talk: Talking) -> object:
        if talk.heard and not any("notice" in str(event) for event in talk.events()):
            world.client.notice(
                "group_recall", GROUP, LIN, operator_id=LIN, message_id=world.number, at=NOW + 9
            )
        return any("notice" in str(event) for event in talk.events())

    world.hear(recall)

    kinds = list(Fact.objects.order_by("pk").values_list("kind", "subject"))
    assert [kind for kind, _subject in kinds] == [1, 3]
    assert kinds[0][1] == kinds[1][1]


def test_a_message_of_which_nobody_knew_is_found_and_no_person_need_look(world):
    channel = world.row.seats.get().channel
    row = outbox.order(
        channel, wish=outbox.Wish("message.create", {"text": "抽奖结果"}), key="k", at=database_now()
    )
    world.client.troubles.append("cut")
    with talking(ONEBOT, world.wire):
        eventually(lambda: "socket" in world.wire.memory)
        deliver(world.row, world.wire)
        row.refresh_from_db()
        lost = (row.state, Todo.objects.filter(state="waiting").count())
        eventually(lambda: "socket" in world.wire.memory)
        seek(world.row, world.wire)
        seek(world.row, world.wire)
    row.refresh_from_db()

    said = [message for message in world.client.messages if message["user_id"] == OWN]
    assert lost == ("unknown", 1)
    assert (row.state, row.ids) == ("sent", [str(said[0]["message_id"])])
    assert (len(said), Todo.objects.filter(state="waiting").count()) == (1, 0)


def test_one_that_never_arrived_stays_a_question_and_a_twin_is_not_taken_for_it(world):
    channel = world.row.seats.get().channel
    rows = [
        outbox.order(
            channel, wish=outbox.Wish("message.create", {"text": "抽奖结果"}), key=key, at=database_now()
        )
        for key in ("arrives", "does not")
    ]
    world.client.troubles.extend([None, "cut before"])
    with talking(ONEBOT, world.wire):
        eventually(lambda: "socket" in world.wire.memory)
        deliver(world.row, world.wire)
        eventually(lambda: "socket" in world.wire.memory)
        seek(world.row, world.wire)

    assert [Sending.objects.get(pk=row.pk).state for row in rows] == ["sent", "unknown"]
    assert Todo.objects.filter(state="waiting").count() == 1


def test_without_numbers_a_replay_changes_nothing_either(client, db):
    client.tells_seq = False
    world = World(client)
    before = Fact.objects.count()

    actions.replay(
        world.row, rows=list(world.row.inbound.values_list("pk", flat=True)), at=AT, by=world.chief
    )
    settle_all()

    assert (before, Fact.objects.count()) == (1, 1)
    assert Inbound.objects.get().state == "done"

"""Matrix end to end: Synapse pushes to our door, we speak to it, and neither's outage loses or doubles a thing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections

from qunying.brands.models import Staff
from qunying.communities.fact_kinds import FACT_KINDS
from qunying.communities.models import Message
from qunying.connectors import actions
from qunying.connectors.beats import settle_all
from qunying.connectors.delivering import deliver
from qunying.connectors.incoming import Options
from qunying.connectors.live.connector import Action
from qunying.connectors.live.images import Image
from qunying.connectors.live.matrix import MATRIX, registration
from qunying.connectors.models import Connection
from qunying.demo.simulators.synapse import Guest, Homeserver, free_port
from qunying.facts.models import Fact
from qunying.jobs.actions import database_now
from qunying.jobs.kinds import LISTEN
from qunying.jobs.worker import work_off
from qunying.members.models import Member
from qunying.outbox import actions as outbox
from qunying.outbox.models import Sending
from qunying.outbox.outcomes import Outcome, Result
from tests.connectors.live.relay import Relay
from tests.connectors.live.world import AT, open_brand
from tests.outbox.world import png

pytestmark = pytest.mark.django_db(transaction=True)
DOOR = "the-door-of-these-tests"
KEYS = {
    "user": "@qunying:localhost",
    "as_token": "as-token-of-these-tests",
    "hs_token": "hs-token-of-these-tests",
}
KINDS = {kind.number: kind.name for kind in FACT_KINDS}


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    with Relay(free_port()) as relay:
        yield relay


@pytest.fixture(scope="module")
def synapse(tmp_path_factory, relay) -> Iterator[Homeserver]:
    text = registration(KEYS, f"{relay.address}/hooks/{DOOR}/", DOOR)
    server = Homeserver(tmp_path_factory.mktemp("synapse"), text, port=free_port())
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def people(synapse) -> tuple[Guest, Guest, Guest]:
    return synapse.guest("alice"), synapse.guest("bob"), synapse.guest("carol")


@pytest.fixture
def tea():
    return open_brand()


@pytest.fixture
def line(tea, synapse, relay, live_server, settings) -> Iterator[Connection]:
    """A connection behind the door that Synapse knows."""
    settings.PRIVATE_HOSTS = {"127.0.0.1"}
    keys = {**KEYS, "homeserver": synapse.address}
    made = actions.connect(tea[0], connector_key="matrix", name="", keys=keys, at=AT, by=tea[1])
    Connection.objects.filter(pk=made.pk).update(hook=DOOR)
    made.refresh_from_db()
    relay.behind, relay.is_down = live_server.url, False
    yield made
    with relay.gate:  # what is on its way arrives before the test's server goes
        relay.behind = ""


@pytest.fixture
def room(line, people, tea):
    """A room of alice's and bob's that belongs to a community."""
    alice, bob, _carol = people
    room = alice.open_up("茶友福利群")
    bob.move(room, "join")
    alice.move(room, "invite", KEYS["user"])
    # our coming in, and the list of who is there
    settled(lambda: line.inbound.filter(state="held", chat=room).count() == 2)
    actions.bind(line, chat=room, community=None, at=AT, by=tea[1])
    settle_all()
    return room


def wire(line: Connection):
    return MATRIX.line(actions.keys_of(line), line.hook)


def settled(is_so: Callable[[], bool]) -> None:
    """Wait until what Synapse pushed has made it so."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        settle_all()
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def heard(*texts: str) -> Callable[[], bool]:
    return lambda: Message.objects.filter(text__in=texts).count() == len(texts)


def told() -> list[tuple[str, str]]:
    """The facts after the room was bound: kind and who did it."""
    names = {each.pk: each.name or str(each.identities.get().value) for each in Member.objects.all()}
    return [
        (KINDS[fact.kind], names[fact.member or 0]) for fact in Fact.objects.order_by("happened_at", "pk")
    ]


def do(
    line: Connection, op: str, room: str, *, target: str = "", wire_key: str = "", **params: Any
) -> Outcome:
    assert MATRIX.perform is not None
    return MATRIX.perform(
        wire(line), Action(op, room, target, params, wire_key or f"{op}{time.monotonic_ns()}")
    )


def test_the_live_check_finds_everything_in_order_and_says_what_is_not(line, people, relay, room):
    good = [(bool(each.is_good), str(each.words)) for each in MATRIX.check(wire(line))]
    relay.is_down = True
    down = [bool(each.is_good) for each in MATRIX.check(wire(line))]
    stranger = MATRIX.line({**actions.keys_of(line), "as_token": "some other token here"}, line.hook)
    unknown = [bool(each.is_good) for each in MATRIX.check(stranger)]

    assert [is_good for is_good, _words in good] == [True] * 4
    assert down == [True, True, False, True]
    assert unknown == [True, False]


def live_through_a_day(room: str, people: tuple[Guest, Guest, Guest]) -> None:
    """Everything people do in a room, once."""
    alice, bob, carol = people
    carol.move(room, "join")
    first = alice.say(room, "今晚八点直播")
    bob.say(room, "收到", answers=first)
    like = carol.react(room, first, "👍")
    alice.edit(room, first, "改到九点")
    slip = bob.say(room, "说错了")
    bob.redact(room, slip)
    carol.redact(room, like)
    question = {"question": {"org.matrix.msc1767.text": "喝什么"}, "answers": []}
    alice.send(room, {"org.matrix.msc3381.poll.start": question}, "org.matrix.msc3381.poll.start")
    alice.set_state(room, "m.room.pinned_events", {"pinned": [first]})
    carol.move(room, "leave")
    alice.move(room, "kick", bob)
    alice.say(room, "完")


def test_what_happens_in_a_room_becomes_facts_and_its_export_brings_nothing_new(
    line, people, room, tea, tmp_path
):
    alice, _bob, _carol = people
    before = Fact.objects.count()
    live_through_a_day(room, people)
    settled(heard("完"))
    live = told()[before:]

    path = tmp_path / "export.json"
    path.write_text(
        json.dumps({"room_name": "茶", "exported_by": "x", "messages": alice.timeline(room)}), "utf-8"
    )
    count = Fact.objects.count()
    actions.take_files(tea[0], [path], order=actions.Order(Options()), at=database_now())

    assert live == [
        ("member.joined", "carol"),
        ("message.sent", "alice"),
        ("message.edited", "alice"),  # counted at the time of its message
        ("message.sent", "bob"),
        ("reaction.added", "carol"),
        ("message.sent", "bob"),
        ("message.recalled", "bob"),
        ("reaction.removed", "carol"),
        ("message.sent", "alice"),
        ("message.pinned", "alice"),
        ("member.left", "carol"),
        ("member.removed", "bob"),
        ("message.sent", "alice"),
    ]
    texts = Message.objects.order_by("sent_at").values_list("text", flat=True)
    assert list(texts) == ["改到九点", "收到", "说错了", "喝什么", "完"]
    assert set(line.inbound.values_list("state", "reason")) == {("done", "")}
    assert {KINDS[fact.kind] for fact in Fact.objects.order_by("pk")[count:]} <= {"member.joined"}
    assert Member.objects.get(is_bot=True).identities.get().value == KEYS["user"]


def test_what_we_do_happens_in_the_room(line, people, room):
    alice, bob, _carol = people
    words = bob.say(room, "广告")
    hello = do(line, "message.create", room, text="欢迎", target=words)
    alice.set_state(room, "m.room.power_levels", _raised(alice, room))
    outcomes = [
        do(line, "reaction.create", room, target=words, emoji="👀"),
        do(line, "reaction.create", room, target=words, emoji="👀"),
        do(line, "poll.create", room, text="喝什么", options=["岩茶", "白茶"]),
        do(line, "message.pin", room, target=hello.ids[0]),
        do(line, "message.pin", room, target=hello.ids[0]),
        do(line, "message.delete", room, target=words, reason="广告"),
        do(line, "member.mute", room, target=bob.mxid, until=0),
    ]
    bob.say(room, "还是广告", status=403)
    outcomes.append(do(line, "member.unmute", room, target=bob.mxid))
    bob.say(room, "对不起")
    outcomes += [
        do(line, "member.kick", room, target=bob.mxid),
        do(line, "member.ban", room, target=bob.mxid),
    ]
    bob.move(room, "join", status=403)
    again = do(line, "member.kick", room, target=bob.mxid)
    events = {each["event_id"]: each for each in alice.timeline(room)}

    assert {each.result for each in [hello, *outcomes]} == {Result.SENT}
    assert events[hello.ids[0]]["content"]["m.relates_to"] == {"m.in_reply_to": {"event_id": words}}
    assert events[words]["unsigned"]["redacted_because"]["content"]["reason"] == "广告"
    assert alice.state(room, "m.room.pinned_events") == {"pinned": [hello.ids[0]]}
    assert [each["content"].get("body") for each in events.values() if each["sender"] == bob.mxid][-1:] == [
        "对不起"
    ]
    assert (again.result, again.code) == (Result.REJECTED, "M_BAD_STATE")


def _raised(alice: Guest, room: str) -> dict[str, Any]:
    powers = alice.state(room, "m.room.power_levels")
    return {**powers, "users": {**powers["users"], KEYS["user"]: 100}}


def test_what_is_ordered_is_said_and_heard_back_as_ours(line, people, room):
    alice, _bob, _carol = people
    channel = line.seats.get().channel
    row = outbox.order(
        channel, wish=outbox.Wish("message.create", {"text": "今晚八点"}), key="post", at=database_now()
    )
    deliver(line, wire(line))
    settled(heard("今晚八点"))
    row.refresh_from_db()

    assert (row.state, row.ids) == ("sent", [alice.timeline(room)[-1]["event_id"]])


def test_pictures_stand_behind_the_words_once_however_often_they_are_sent(line, people, room):
    alice, _bob, _carol = people
    images = (Image(png(grey=1), "png", 2, 3), Image(png(4, 5), "png", 4, 5))
    action = Action("message.create", room, "", {"text": "今晚八点"}, f"post{time.monotonic_ns()}", images)
    assert MATRIX.perform is not None

    made = [MATRIX.perform(wire(line), action) for _twice in range(2)]
    said = alice.timeline(room)[-3:]

    assert made[0] == made[1] == Outcome(Result.SENT, ids=tuple(each["event_id"] for each in said))
    assert [(each["content"]["msgtype"], each["content"]["body"]) for each in said] == [
        ("m.text", "今晚八点"),
        ("m.image", "1.png"),
        ("m.image", "2.png"),
    ]
    settled(heard("今晚八点"))


@pytest.mark.slow
def test_a_message_sent_again_is_one_message_even_when_the_homeserver_died_in_between(
    line, people, room, synapse
):
    alice, _bob, _carol = people
    first = [do(line, "message.create", room, text="只说一次", wire_key="once") for _ in range(2)]
    synapse.stop()  # kill -9
    away = outbox.order(
        line.seats.get().channel,
        wish=outbox.Wish("message.create", {"text": "稍后"}),
        key="k",
        at=database_now(),
    )
    deliver(line, wire(line))
    away.refresh_from_db()
    synapse.start()
    after = do(line, "message.create", room, text="只说一次", wire_key="once")
    Sending.objects.update(retry_at=None)
    deliver(line, wire(line))

    assert (away.state, away.code) == ("queued", "connectors.platform_away")
    assert {each.ids for each in [*first, after]} == {first[0].ids}
    assert [each["content"].get("body") for each in alice.timeline(room)][-2:] == ["只说一次", "稍后"]


@pytest.mark.slow
def test_an_outage_of_ours_loses_nothing_and_doubles_nothing(line, people, room, relay):
    alice, bob, _carol = people
    texts = [f"第{number}句" for number in range(40)]
    before = Fact.objects.count()
    relay.is_down = True
    for number, text in enumerate(texts):
        (alice, bob)[number % 2].say(room, text)
    refused = len(relay.calls)
    relay.is_down = False
    list(MATRIX.check(wire(line)))  # a look at the page lets Synapse try again at once
    settled(heard(*texts))

    assert refused > 0
    assert Fact.objects.count() - before == 40
    assert (
        list(Message.objects.filter(text__in=texts).order_by("sent_at").values_list("text", flat=True))
        == texts
    )


def test_what_was_said_before_we_came_is_filled_in_once(line, people, tea):
    alice, bob, _carol = people
    room = alice.open_up("茶友福利群")
    bob.move(room, "join")
    first = alice.say(room, "今晚八点直播")
    for number in range(110):  # more than a page, so that the edit comes before what it is about
        bob.say(room, f"收到 {number}", answers=first)
    bob.react(room, first, "👍")
    alice.edit(room, first, "改到九点")
    alice.move(room, "invite", KEYS["user"])
    settled(lambda: line.inbound.filter(state="held", chat=room).count() == 2)
    actions.bind(line, chat=room, community=None, at=AT, by=tea[1])
    settle_all()
    before = Message.objects.count()

    results = [filled_in(line, tea[1]) for _ in range(2)]

    kinds = [kind for kind, _who in told()]
    assert before == 0
    assert [result["new"] > 0 for result in results] == [True, False]
    assert (kinds.count("message.sent"), kinds.count("message.edited")) == (111, 1)
    assert kinds.count("reaction.added") == 1
    assert Message.objects.order_by("sent_at")[0].text == "改到九点"
    assert not line.inbound.exclude(state="done").exists()


def filled_in(line: Connection, by: Staff) -> dict[str, Any]:
    """What the work answers, which runs while a worker reads."""
    job = actions.order_history(line, back=7, at=database_now(), by=by)
    thread = threading.Thread(target=listened)
    thread.start()
    settled(lambda: not thread.is_alive())
    job.refresh_from_db()
    assert job.state == "done"
    return dict(job.result or {})


def listened() -> None:
    work_off("listen", LISTEN)
    connections.close_all()

"""What a Matrix homeserver pushes: each event of the sample written out by hand as the entries it must become, and the
door it is pushed through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from qunying.communities.models import Message
from qunying.connectors import actions
from qunying.connectors.beats import settle_all
from qunying.connectors.importers.matrix import MATRIX as EXPORT
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Act, Chat, Entry, Options, Person, Unknown
from qunying.connectors.live.matrix import MATRIX, registration
from qunying.connectors.live.matrix_events import decode, relate
from qunying.connectors.models import Inbound
from qunying.facts.models import Fact
from qunying.kit.errors import Invalid
from tests.connectors.live.world import AT, open_brand

SAMPLE = Path(__file__).parents[2] / "samples" / "wire" / "matrix_appservice_txn.json"
EVENTS: list[dict[str, Any]] = json.loads(SAMPLE.read_bytes())["events"]
ROOM = "!1xqqiQlU4vkOAiqSLI_wdXSZZ3q4iTqXCOEPEofZgV4"
T = 1_795_289_904_000
FIRST, REPLY = "$YDJMsBfhSYdMaWw3fiWAvrvjkyoWeG10CVfywxfWX-A", "$0Yo33Z8-s3LuOClwo4Xe90BoXNA2HFQGkL1R_r1PpX4"
GONE = "$GcGut9pFS1xN1FTBdA8_R4F3BrCWfjQrilkN4D_FotI"
A, B, C = "@alice:localhost", "@bob:localhost", "@carol:localhost"
CHAT = Chat(ROOM, "", "matrix")


def who(mxid: str, name: str = "", **more: Any) -> Person:
    return Person(mxid, "matrix.mxid", "", mxid, name, **more)


def act(kind: Any, after: int, mxid: str, id_: int, **more: Any) -> Act:
    return Act(kind, T + after, mxid, EVENTS[id_]["event_id"], precision="ms", **more)


WANTED: list[list[Entry]] = [
    [],  # the room is made
    [CHAT, who(A, "alice"), act("join", 643, A, 1)],
    *([[]] * 4),  # powers, alias, who may join, who may read
    [Chat(ROOM, "品牌福利群", "matrix"), who(A), act("notice", 675, A, 6, text="品牌福利群")],
    [],  # an invitation is no joining yet
    [CHAT, who(A), act("message", 851, A, 8, text="大家好，今晚八点直播抽奖！")],
    [CHAT, who(B), act("message", 878, B, 9, text="收到", target=FIRST)],
    [CHAT, who(C), act("reaction", 904, C, 10, target=FIRST, emoji="👍")],
    [CHAT, who(A), act("recall", 967, A, 11, target=GONE)],
    [CHAT, who(A), act("message", 851, A, 8, text="改为九点", edited_at=T + 997)],
    [CHAT, who(A), act("message", 1024, A, 13, text="吃什么", form="poll")],
    [CHAT, who(A), act("pin", 1049, A, 14, target=FIRST)],
    [CHAT, who(A), act("notice", 1073, A, 15, text="群公告：禁止广告")],
    [CHAT, who(B), who(A), act("remove", 1164, B, 16, other=A)],
]


def read(event: dict[str, Any], *earlier: dict[str, Any]) -> list[Entry]:
    """The entries of an event that came after others."""
    known = {each["event_id"]: msgspec.json.encode(each) for each in earlier}
    return list(decode(relate(msgspec.json.encode(event), known.get), 0))


def event(
    kind: str, content: dict[str, Any], *, by: str = A, id_: str = "$new", **more: Any
) -> dict[str, Any]:
    base = {"type": kind, "room_id": ROOM, "sender": by, "event_id": id_, "origin_server_ts": T}
    return {**base, "content": content, **more}


def test_every_event_of_a_real_push_reads_as_written_out_by_hand():
    assert [read(each, *EVENTS) for each in EVENTS] == WANTED


def test_the_same_events_pushed_and_exported_are_the_same_acts(tmp_path):
    path = tmp_path / "room.json"
    path.write_text(json.dumps({"room_name": "品牌福利群", "exported_by": "x", "messages": EVENTS}), "utf-8")

    exported = {_bare(entry) for entry in EXPORT.read(Source(path), Options()) if isinstance(entry, Act)}
    pushed = {entry for each in EVENTS for entry in read(each, *EVENTS) if isinstance(entry, Act)}

    assert {each for each in pushed if each.edited_at or each.id != FIRST} == exported


def _bare(entry: Act) -> Act:
    return msgspec.structs.replace(entry, line=0)


def test_one_who_was_invited_and_came_was_brought_by_whoever_invited():
    came = event(
        "m.room.member",
        {"membership": "join", "displayname": "鲍勃"},
        by=B,
        state_key=B,
        unsigned={"prev_content": {"membership": "invite"}, "prev_sender": A},
    )

    assert read(came)[1:] == [who(B, "鲍勃"), who(A), Act("join", T, B, "$new", other=A, precision="ms")]


@pytest.mark.parametrize(
    ("before", "now", "by", "kind"),
    [
        ("join", "join", B, None),
        ("join", "leave", B, "leave"),
        ("join", "leave", A, "remove"),
        ("join", "ban", A, "remove"),
        ("invite", "leave", B, None),
        ("ban", "leave", A, None),
        ("leave", "ban", A, None),
        ("knock", "invite", A, None),
        ("leave", "join", B, "join"),
    ],
)
def test_standing_is_read_as_a_step_from_what_was_before(before, now, by, kind):
    step = event(
        "m.room.member",
        {"membership": now},
        by=by,
        state_key=B,
        unsigned={"prev_content": {"membership": before}},
    )

    assert [entry.kind for entry in read(step) if isinstance(entry, Act)] == ([kind] if kind else [])


def test_a_reaction_taken_back_is_told_apart_from_a_message_recalled():
    reaction, message = EVENTS[10], EVENTS[8]
    back = event("m.room.redaction", {"redacts": reaction["event_id"]}, by=C)
    recall = event("m.room.redaction", {}, redacts=message["event_id"])
    of_a_name = event("m.room.redaction", {}, redacts=EVENTS[6]["event_id"])

    assert read(back, *EVENTS)[1:] == [
        who(C),
        Act("unreaction", T, C, "$new", target=FIRST, emoji="👍", precision="ms"),
    ]
    assert read(recall, *EVENTS)[1:] == [who(A), Act("recall", T, A, "$new", target=FIRST, precision="ms")]
    assert read(of_a_name, *EVENTS) == []


def test_only_the_author_edits_and_only_in_the_room_of_the_message():
    edit = EVENTS[12]
    elsewhere = EVENTS[8] | {"room_id": "!other"}

    assert read(edit | {"sender": B}, *EVENTS) == []
    assert [type(entry) for entry in read(edit | {"about": EVENTS[8]}, elsewhere)] == [Chat, Unknown]


def test_pictures_notices_and_votes():
    image = event("m.room.message", {"msgtype": "m.image", "body": "x.png", "url": "mxc://a/b"})
    notice = event("m.room.message", {"msgtype": "m.notice", "body": "机器人说"})
    vote = event("org.matrix.msc3381.poll.response", {"m.relates_to": {"event_id": "$p"}})

    assert read(image)[2] == Act("message", T, A, "$new", form="image", precision="ms")
    assert read(notice)[2] == Act("message", T, A, "$new", text="机器人说", precision="ms")
    assert read(vote) == []


def test_the_list_of_members_tells_who_is_there():
    roster = {
        "room_id": ROOM,
        "name": "品牌福利群",
        "joined": {B: {"display_name": "鲍勃"}, A: {"display_name": None}},
    }

    assert list(decode(msgspec.json.encode(roster), 0)) == [
        Chat(ROOM, "品牌福利群", "matrix"),
        who(A, is_listed=True),
        who(B, "鲍勃", is_listed=True),
    ]


# --- the door


@pytest.fixture
def tea():
    return open_brand()


@pytest.fixture
def line(db, tea):
    keys = {"homeserver": "https://matrix.example.org", "user": "@qunying:localhost"}
    return actions.connect(tea[0], connector_key="matrix", name="", keys=keys, at=AT, by=tea[1])


def knock(
    line: Any, method: str, path: str, body: bytes = b"{}", *, token: str = "", legacy: bool = False
) -> Any:
    given = token or actions.keys_of(line)["hs_token"]
    query, headers = (f"?access_token={given}", {}) if legacy else ("", {"Authorization": f"Bearer {given}"})
    return Client().generic(
        method, f"/hooks/{line.hook}/{path}{query}", body, "application/json", headers=headers
    )


PUSH = "_matrix/app/v1/transactions/7"


def test_a_push_is_stored_event_by_event_and_pushed_again_it_changes_nothing(line, tea):
    body = SAMPLE.read_bytes()
    answers = [knock(line, "PUT", PUSH, body), knock(line, "PUT", "transactions/8", body, legacy=True)]
    stored = line.inbound.count()
    settle_all()
    actions.bind(line, chat=ROOM, community=None, at=AT, by=tea[1])
    settle_all()
    actions.replay(line, rows=list(line.inbound.values_list("pk", flat=True)), at=AT, by=tea[1])
    settle_all()

    assert [(each.status_code, each.content, each["Content-Length"]) for each in answers] == [
        (200, b"{}", "2")
    ] * 2
    assert stored == len(EVENTS)
    assert set(Inbound.objects.values_list("state", "reason")) == {("done", "")}
    assert list(Message.objects.order_by("sent_at").values_list("text", flat=True)) == [
        "改为九点",
        "收到",
        "吃什么",
    ]
    assert Fact.objects.count() == 9  # 3 said, 1 edited, a join, a removal, a reaction, a recall, a pin
    assert line.seats.get().channel.name == "品牌福利群"


def test_without_the_homeservers_token_nothing_is_read(line):
    answers = [
        knock(line, "PUT", PUSH, b"\xff", token=token, legacy=legacy).status_code
        for token in ("wrong", "é", "x" * 5000)
        for legacy in (False, True)
    ]

    assert answers == [401] * 6
    assert Inbound.objects.count() == 0


def test_questions_of_the_homeserver_are_answered_in_its_own_words(line):
    asked = [
        ("GET", "_matrix/app/v1/users/@a:b"),
        ("GET", "rooms/%23x:y"),
        ("POST", "_matrix/app/v1/ping"),
        ("GET", PUSH),
        ("PUT", "_matrix/app/v1/transactions/"),
    ]

    answers = [knock(line, method, path) for method, path in asked]

    assert [(each.status_code, each.json().get("errcode")) for each in answers] == [
        (404, "M_NOT_FOUND"),
        (404, "M_NOT_FOUND"),
        (200, None),
        (404, "M_UNRECOGNIZED"),
        (404, "M_UNRECOGNIZED"),
    ]


def test_what_we_say_ourselves_is_said_by_a_bot(line, tea):
    own = event("m.room.message", {"msgtype": "m.text", "body": "公告"}, by="@qunying:localhost")
    knock(line, "PUT", PUSH, msgspec.json.encode({"events": [own]}))
    settle_all()
    actions.bind(line, chat=ROOM, community=None, at=AT, by=tea[1])
    settle_all()

    assert [member.is_bot for member in tea[0].members.all()] == [True]


def test_a_full_push_of_a_hundred_large_events_is_taken(line):
    events = [event("m.room.message", {"body": "x" * 60_000}, id_=f"${n}") for n in range(100)]

    assert knock(line, "PUT", PUSH, msgspec.json.encode({"events": events})).status_code == 200
    assert line.inbound.count() == 100


def test_the_file_for_the_homeserver_carries_the_connections_own_tokens(line):
    keys = actions.keys_of(line)

    text = registration(keys, f"https://q.example.com/hooks/{line.hook}/", line.hook)

    assert text.splitlines()[1:] == [
        f'url: "https://q.example.com/hooks/{line.hook}"',
        f'as_token: "{keys["as_token"]}"',
        f'hs_token: "{keys["hs_token"]}"',
        'sender_localpart: "qunying"',
        "rate_limited: false",
        "namespaces:",
        "  users:",
        "    - exclusive: true",
        '      regex: "@qunying:localhost"',
        "  aliases: []",
        "  rooms: []",
    ]
    assert len(keys["as_token"]) >= 40
    assert keys["as_token"] != keys["hs_token"]


def test_a_homeserver_inside_is_refused_when_saved_unless_the_install_says_it_is_its_own_29(
    db, tea, settings
):
    keys = {"homeserver": "http://10.0.0.7:8008", "user": "@qunying:localhost"}
    with pytest.raises(Invalid, match="inside"):
        actions.connect(tea[0], connector_key="matrix", name="", keys=keys, at=AT, by=tea[1])

    settings.PRIVATE_HOSTS = {"10.0.0.7"}
    made = actions.connect(tea[0], connector_key="matrix", name="", keys=keys, at=AT, by=tea[1])
    settings.PRIVATE_HOSTS = frozenset()

    with pytest.raises(Invalid, match="inside"):
        MATRIX.line(actions.keys_of(made), made.hook).call("GET", "http://10.0.0.7:8008/")

"""Discord's dispatches, each written out by hand as the entries it must become."""

from __future__ import annotations

from pathlib import Path

import msgspec

from qunying.connectors.importers.discord import DISCORD as EXPORT
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Act, Chat, Entry, Options, Person
from qunying.connectors.live.discord.reading import decode
from tests.connectors.importers.reading import SAMPLES as EXPORTS

SAMPLES = Path(__file__).parents[2] / "samples" / "wire" / "discord_gateway.jsonl"
AT, HEARD = 1_740_787_200_000, 1_740_787_299_123
CHANNEL, SERVER = Chat("200", "", "discord", "channel"), Chat("100", "", "discord", "group")
LIN = Person("301", "discord.user", "", "301", "林主理", aliases=("lin",))
BO = Person("303", "discord.user", "", "303", "bo")
SAID = "1345000000000000002"

WANTED: list[list[Entry]] = [
    [],  # hello
    [CHANNEL, LIN, Act("message", AT + 60_000, "301", id=SAID, text="今晚抽奖", precision="ms")],
    [SERVER, BO, Act("join", AT, "303", precision="ms")],
    [SERVER, BO, Act("leave", HEARD, "303", precision="ms")],
    [
        CHANNEL,
        Person("303", "discord.user", "", "303"),
        Act("reaction", HEARD, "303", target=SAID, emoji="👍", precision="ms"),
    ],
    [CHANNEL, Act("recall", HEARD, "", target=SAID, precision="ms")],  # nobody says by whom
    [],  # a vote is no fact of ours
    [],  # a ban comes as a leave too
]


def said(
    *, known: dict[str, object] | None = None, name: str = "MESSAGE_CREATE", **more: object
) -> list[Entry]:
    """What a message reads as, with more or other fields."""
    message = {
        "id": "7",
        "channel_id": "200",
        "guild_id": "100",
        "author": {"id": "301", "username": "lin", "global_name": "林", "bot": True},
        "content": "看",
        "timestamp": "2025-03-01T00:00:00.123000+00:00",
        "type": 0,
    }
    payload = {"op": 0, "s": 1, "t": name, "d": {**message, **more}, "_known": known or {}}
    return list(decode(msgspec.json.encode(payload), HEARD))


def act(**more: object) -> Act:
    return next(entry for entry in said(**more) if isinstance(entry, Act))  # type: ignore[arg-type]  # fields by name


def test_every_kind_of_dispatch_reads_as_written_out_by_hand():
    payloads = SAMPLES.read_bytes().splitlines()

    assert [list(decode(each, HEARD)) for each in payloads] == WANTED


def test_a_message_has_the_key_person_and_time_it_has_in_an_exported_file():
    exported = list(EXPORT.read(Source(EXPORTS / "discord_dce.json"), Options()))
    first = next(entry for entry in exported if isinstance(entry, Act) and entry.kind == "message")
    chat = next(entry for entry in exported if isinstance(entry, Chat))
    author = next(entry for entry in exported if isinstance(entry, Person) and entry.ref == first.actor)
    live = said(
        id=first.id,
        channel_id=chat.key,
        author={"id": first.actor, "username": "x"},
        content=first.text,
        timestamp="2025-03-01T00:01:00.000000+00:00",
    )

    keys = [(live[0].platform, live[0].key), (live[1].scheme, live[1].scope, live[1].value), live[2].id]  # type: ignore[union-attr]  # a chat, a person, an act

    assert keys == [("discord", chat.key), (author.scheme, author.scope, author.value), first.id]


def test_what_the_talker_learned_names_the_channel():
    assert said(known={"name": "茶 / 闲聊", "kind": "topic"})[:2] == [
        Chat("200", "茶 / 闲聊", "discord", "topic"),
        Person("301", "discord.user", "", "301", "林", aliases=("lin",), is_bot=True),
    ]


def test_replies_forwards_pictures_stickers_polls_and_editions_are_told_apart():
    reply = act(type=19, message_reference={"message_id": "6"})
    forward = act(
        content="",
        message_reference={"type": 1, "message_id": "5"},
        message_snapshots=[{"message": {"content": "转来的话"}}],
    )
    forms = [
        act(**more).form
        for more in (
            {"attachments": [{"filename": "茶.PNG"}]},
            {"sticker_items": [{"id": "1"}]},
            {"poll": {"question": {"text": "喝什么"}}},
            {"embeds": [{}], "content": ""},
        )
    ]
    edited = act(name="MESSAGE_UPDATE", edited_timestamp="2025-03-01T00:00:09+00:00")

    assert (reply.target, reply.form) == ("6", "text")
    assert (forward.target, forward.form, forward.text) == ("", "quote", "转来的话")
    assert forms == ["image", "sticker", "poll", "card"]
    assert (edited.id, edited.at, edited.edited_at) == ("7", AT + 123, AT + 9000)


def test_pins_boosts_and_names_are_service_lines_and_parts_of_messages_say_nothing():
    kinds = [act(type=number, message_reference={"message_id": "6"}) for number in (6, 8, 4)]

    assert [(each.kind, each.target) for each in kinds] == [("pin", "6"), ("notice", ""), ("notice", "")]
    assert said(name="MESSAGE_UPDATE", author=None) == []
    assert said(type=18) == []


def test_a_join_is_told_once_by_the_system_channel_where_it_tells_of_joins():
    member = {
        "user": {"id": "303", "username": "bo"},
        "joined_at": "2025-03-01T00:00:00+00:00",
        "guild_id": "100",
    }

    def moved(name: str, home: str) -> list[Entry]:
        payload = {"op": 0, "s": 1, "t": name, "d": member, "_known": {"home": home, "name": "茶 / 欢迎"}}
        return list(decode(msgspec.json.encode(payload), HEARD))

    assert moved("GUILD_MEMBER_ADD", "201") == []
    assert said(type=7, channel_id="201")[2] == Act("join", AT + 123, "301", "7", precision="ms")
    assert moved("GUILD_MEMBER_REMOVE", "201")[0] == Chat("201", "茶 / 欢迎", "discord", "channel")
    assert moved("GUILD_MEMBER_ADD", "")[2] == Act("join", AT, "303", precision="ms")


def test_several_deleted_at_once_are_recalled_one_by_one():
    body = (
        b'{"op":0,"s":1,"t":"MESSAGE_DELETE_BULK","d":{"ids":["1","2"],"channel_id":"200","guild_id":"100"}}'
    )

    acts = [entry for entry in decode(body, HEARD) if isinstance(entry, Act)]

    assert [(each.kind, each.target) for each in acts] == [("recall", "1"), ("recall", "2")]

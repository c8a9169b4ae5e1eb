"""Telegram's updates, each written out by hand as the entries it must become."""

from __future__ import annotations

from pathlib import Path

from qunying.connectors.incoming import Act, Chat, Entry, Person
from qunying.connectors.live.telegram import decode
from tests.connectors.live.world import GROUP, said

SAMPLES = Path(__file__).parents[2] / "samples" / "wire" / "telegram_updates.jsonl"
CHAT = Chat(str(GROUP), "茶友福利群", "telegram", "group")
LIN = Person("user7001", "telegram.user", "", "7001", "林", aliases=("u7001",))
QING = Person("user7003", "telegram.user", "", "7003", "阿青", aliases=("u7003",))
BO = Person("user7004", "telegram.user", "", "7004", "Bo", aliases=("u7004",))
AT = 1_740_787_200_000

WANTED: list[list[Entry]] = [
    [CHAT, LIN, Act("message", AT, "user7001", id="11", text="今晚八点开奖")],
    [CHAT, QING, Act("message", AT + 60_000, "user7003", id="12", text="参加 #福利", target="11")],
    [CHAT, BO, BO, Act("join", AT + 70_000, "user7004")],
    [CHAT, LIN, BO, Act("remove", AT + 80_000, "user7004", other="user7001")],
    [CHAT, QING, Act("reaction", AT + 90_000, "user7003", target="11", emoji="👍")],
    [],  # anonymous totals of reactions: those who reacted come one by one
    [CHAT, LIN, Act("message", AT, "user7001", id="11", text="改到九点", edited_at=AT + 100_000)],
    [],  # a request to join is no join
    [],  # an answer to a poll names neither the group nor the poll's message
    [CHAT, LIN, Act("pin", AT + 120_000, "user7001", id="14", target="11")],
]


def test_every_kind_of_update_reads_as_written_out_by_hand():
    updates = SAMPLES.read_bytes().splitlines()

    assert [list(decode(update, 0)) for update in updates] == WANTED


def test_an_anonymous_admin_speaks_as_the_chat_and_is_staff():
    update = said("通知", sender_chat={"id": GROUP, "type": "supergroup", "title": "茶友福利群"})

    assert list(decode(update, 0))[1] == Person(
        "channel1900000001", "telegram.channel", "", "1900000001", "茶友福利群", is_staff=True
    )


def test_a_picture_with_words_is_a_picture_with_words():
    update = said("", photo=[{"file_id": "x"}], caption="新茶").replace(b'"text":"",', b"")

    assert list(decode(update, 0))[2] == Act("message", AT, "user7001", id="1", text="新茶", form="image")


def test_taking_a_reaction_back_is_told_apart_from_giving_one():
    change = (
        b'{"update_id":1,"message_reaction":{"chat":{"id":-5,"type":"group","title":"g"},"message_id":9,'
        b'"user":{"id":1,"first_name":"a"},"date":1740787200,'
        b'"old_reaction":[{"type":"emoji","emoji":"A"}],"new_reaction":[{"type":"custom_emoji","custom_emoji_id":"77"}]}}'
    )

    assert [(act.kind, act.emoji) for act in decode(change, 0) if isinstance(act, Act)] == [
        ("reaction", "77"),
        ("unreaction", "A"),
    ]

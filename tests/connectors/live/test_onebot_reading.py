"""OneBot's events, each written out by hand as the entries it must become."""

from __future__ import annotations

from pathlib import Path

import msgspec

from qunying.connectors.incoming import Act, Chat, Entry, Person
from qunying.connectors.live.onebot.reading import decode

SAMPLES = Path(__file__).parents[2] / "samples" / "wire" / "onebot11_events.jsonl"
AT = 1_740_787_200_000
CHAT = Chat("5001", "", "qq", "group")
QING = Person("42", "qq.uin", "", "42", "青青", aliases=("阿青",))


def someone(number: int, **more: object) -> Person:
    return Person(str(number), "qq.uin", "", str(number), **more)  # type: ignore[arg-type]  # fields by name


WANTED: list[list[Entry]] = [
    [CHAT, QING, Act("message", AT, "42", id="10001-9001", text="参加")],
    [
        CHAT,
        QING,
        Act("message", AT, "42", id="10001-9002", text="@43 一起", form="image", target="10001-9001"),
    ],
    [CHAT, someone(43), Act("join", AT, "43")],  # who let them in did not invite them
    [CHAT, someone(44), someone(42), Act("join", AT, "44", other="42", source="邀请")],
    [CHAT, someone(43), Act("leave", AT, "43")],
    [CHAT, someone(44), someone(9), Act("remove", AT, "44", other="9")],
    [CHAT, someone(9), Act("recall", AT, "9", target="10001-9001")],
    [CHAT, someone(9), Act("notice", AT, "9")],
    [CHAT, someone(42, roles=("admin",))],
    [],  # an upload comes as a message too
    [],  # a poke says nothing
    [CHAT, someone(42), Act("reaction", AT, "42", target="10001-9001", emoji="76")],
    [CHAT, someone(9), Act("pin", AT, "9", target="10001-9001")],
    [],  # a request to join is no join
    [],  # a heartbeat
]


def event(**more: object) -> bytes:
    """A message in a group, with more or other fields."""
    message = {
        "time": 1_740_787_200,
        "self_id": 10001,
        "post_type": "message",
        "message_type": "group",
        "message_id": 9001,
        "group_id": 5001,
        "user_id": 42,
        "message": [{"type": "text", "data": {"text": "参加"}}],
        "sender": {"user_id": 42, "nickname": "阿青", "card": "青青", "role": "member"},
    }
    return msgspec.json.encode({**message, **more})


def said(body: bytes) -> Act:
    return next(entry for entry in decode(body, 0) if isinstance(entry, Act))


def test_every_kind_of_event_reads_as_written_out_by_hand():
    events = SAMPLES.read_bytes().splitlines()

    assert [list(decode(each, 0)) for each in events] == WANTED


def test_a_message_is_known_by_its_number_in_the_group_where_it_is_told():
    told = [
        said(event(real_seq="1001", message_seq=9001)).id,  # NapCat
        said(event(message_seq=1001)).id,  # LLBot
        said(event(message_seq=9001)).id,  # only the id again
        said(event(real_seq="0")).id,
    ]

    assert told == ["1001", "1001", "10001-9001", "10001-9001"]


def test_what_an_event_refers_to_is_known_by_the_number_the_talker_learned():
    known = {"seqs": {"9000": "1000"}, "name": "茶友福利群"}
    parts = [{"type": "reply", "data": {"id": "9000"}}, {"type": "text", "data": {"text": "好"}}]
    recall = {"post_type": "notice", "notice_type": "group_recall", "operator_id": 9, "message_id": 9000}

    answer = list(decode(event(message=parts, real_seq="1001", _known=known), 0))
    gone = said(event(**recall, _known=known))

    assert answer[0] == Chat("5001", "茶友福利群", "qq", "group")
    assert (said(event(message=parts, _known=known)).target, gone.target) == ("1000", "1000")


def test_text_with_codes_reads_like_an_array():
    coded = "[CQ:reply,id=-7][CQ:at,qq=all] 一起&#91;买&#93;[CQ:image,file=a.jpg,url=https://x.example/a?b=1&amp;c=2]"

    assert said(event(message=coded)) == Act(
        "message", AT, "42", id="10001-9001", text="@全体成员 一起[买]", form="image", target="10001--7"
    )


def test_faces_among_words_are_words_and_a_face_alone_is_a_sticker():
    face = {"type": "face", "data": {"id": "76"}}
    text = {"type": "text", "data": {"text": "好"}}

    forms = [said(event(message=parts)).form for parts in ([face], [text, face], [text])]

    assert forms == ["sticker", "text", "text"]


def test_the_account_itself_is_a_bot_and_a_masked_member_is_their_mask():
    own = list(decode(event(post_type="message_sent", user_id=10001, sender={"nickname": "小茶"}), 0))
    masked = list(decode(event(anonymous={"id": 7, "name": "抹茶", "flag": "f"}), 0))

    assert own[1] == Person("10001", "qq.uin", "", "10001", "小茶", is_bot=True)
    assert masked[1] == Person("anonymous7", "qq.anonymous", "5001", "7", "抹茶")


def test_reactions_are_given_and_taken_back_in_every_dialect():
    napcat = {"post_type": "notice", "notice_type": "group_msg_emoji_like", "likes": [{"emoji_id": "128077"}]}
    lagrange = {"post_type": "notice", "notice_type": "reaction", "operator_id": 43, "code": "76"}
    acts = [
        said(event(**napcat)),
        said(event(**napcat, is_add=False)),
        said(event(**lagrange, sub_type="add")),
        said(event(**lagrange, sub_type="remove")),
    ]

    assert [(act.kind, act.actor, act.emoji) for act in acts] == [
        ("reaction", "42", "👍"),
        ("unreaction", "42", "👍"),
        ("reaction", "43", "76"),
        ("unreaction", "43", "76"),
    ]


def test_a_private_message_is_not_read():
    assert list(decode(event(group_id=None, message_type="private"), 0)) == []

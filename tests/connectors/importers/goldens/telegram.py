"""What the Telegram Desktop samples say. Times count from 08:00 in Shanghai on 1 March 2025."""

from qunying.connectors.importers import whys
from qunying.connectors.incoming import Act, Chat, Entry, Person, Unknown

EIGHT = 1740787200000

SINGLE: list[Entry] = [
    # a supergroup has the Bot API's id
    Chat(key="-1001900000001", name="茶友福利群", platform="telegram"),
    # creating the group is joining it
    Person(ref="user7001", scheme="telegram.user", scope="", value="7001", name="林主理"),
    Act(kind="join", at=EIGHT, actor="user7001", id="1", source="create_group", line=1),
    # whom the creator brought along; 小周 is named once in the file, with an id further down
    Person(ref="user7002", scheme="telegram.user", scope="", value="7002", name="小周"),
    Act(kind="join", at=EIGHT, actor="user7002", id="1/2", other="user7001", source="create_group", line=1),
    # the second invited has no name
    Unknown(
        line=2,
        raw='{"id":2,"type":"service","date":"2025-03-01T08:01:00","date_unixtime":"1740787260","actor":"林主理","actor_id":"user7001","action":"invite_members","members":["阿青",null],"text":"","text_entities":[]}',
        why=whys.DELETED_ACCOUNT,
    ),
    # 阿青 is invited by name; her id stands at a later message
    Person(ref="user7003", scheme="telegram.user", scope="", value="7003", name="阿青"),
    Act(
        kind="join",
        at=EIGHT + 60_000,
        actor="user7003",
        id="2",
        other="user7001",
        source="invite_members",
        line=2,
    ),
    # joined by a link whose maker is not named
    Person(ref="user7004", scheme="telegram.user", scope="", value="7004", name="Bo"),
    Act(kind="join", at=EIGHT + 120_000, actor="user7004", id="3", source="join_group_by_link", line=3),
    # the announcement
    Act(
        kind="message", at=EIGHT + 180_000, actor="user7001", id="4", text="今晚八点开奖，回复 1 参与", line=4
    ),
    # two reactors are named
    Act(
        kind="reaction",
        at=EIGHT + 200_000,
        actor="user7003",
        target="4",
        other="user7001",
        emoji="👍",
        line=4,
    ),
    # …
    Act(
        kind="reaction",
        at=EIGHT + 210_000,
        actor="user7004",
        target="4",
        other="user7001",
        emoji="👍",
        line=4,
    ),
    # the third is only counted
    Act(
        kind="reaction",
        at=EIGHT + 180_000,
        actor="",
        target="4",
        other="user7001",
        emoji="👍",
        precision="day",
        line=4,
    ),
    # a custom emoji nobody is named for
    Act(
        kind="reaction",
        at=EIGHT + 180_000,
        actor="",
        target="4",
        other="user7001",
        emoji="stickers/a.tgs",
        precision="day",
        line=4,
    ),
    # text in pieces; a reply
    Act(
        kind="message",
        at=EIGHT + 240_000,
        actor="user7003",
        id="5",
        text="1 @linzhuli 来了 #福利",
        target="4",
        line=5,
    ),
    # a deleted account keeps its id; edited
    Person(ref="user7009", scheme="telegram.user", scope="", value="7009"),
    Act(
        kind="message",
        at=EIGHT + 300_000,
        actor="user7009",
        id="6",
        text="（已注销账号的消息）",
        edited_at=EIGHT + 360_000,
        line=6,
    ),
    # an anonymous admin speaks as the group itself
    Person(
        ref="channel1900000001",
        scheme="telegram.channel",
        scope="",
        value="1900000001",
        name="茶友福利群",
        is_staff=True,
    ),
    Act(kind="message", at=EIGHT + 330_000, actor="channel1900000001", id="7", text="匿名管理员发言", line=7),
    # a photo with a caption
    Act(kind="message", at=EIGHT + 400_000, actor="user7004", id="8", text="晒单", form="image", line=8),
    # a poll is told by its question
    Act(kind="message", at=EIGHT + 420_000, actor="user7001", id="9", text="下周喝什么", form="poll", line=9),
    # pinned
    Act(kind="pin", at=EIGHT + 440_000, actor="user7001", id="10", target="4", line=10),
    # removed by the owner
    Act(kind="remove", at=EIGHT + 500_000, actor="user7004", id="11", other="user7001", line=11),
    # removing oneself is leaving
    Act(kind="leave", at=EIGHT + 520_000, actor="user7002", id="12", line=12),
]

FULL: list[Entry] = [
    # a supergroup
    Chat(key="-1001900000001", name="茶友福利群", platform="telegram"),
    # its message
    Person(ref="user7001", scheme="telegram.user", scope="", value="7001", name="林主理"),
    Act(kind="message", at=EIGHT + 180_000, actor="user7001", id="4", text="hi", line=1),
    # a private chat, whose message ids are nobody else's
    Chat(key="7003", name="阿青", platform="telegram", kind="dm"),
    # its message
    Person(ref="user7003", scheme="telegram.user", scope="", value="7003", name="阿青"),
    Act(kind="message", at=EIGHT + 600_000, actor="user7003", id="e20", text="私聊", line=1),
]

BAD_ESCAPE: list[Entry] = [
    # a basic group
    Chat(key="-1900000002", name="ctrl", platform="telegram"),
    # the illegal escape repaired, the legal ones untouched
    Person(ref="user7004", scheme="telegram.user", scope="", value="7004", name="Bo"),
    Act(kind="message", at=EIGHT, actor="user7004", id="e1", text="a\x0bb \\x0B kept \u2028", line=1),
]

MORE: list[Entry] = [
    # a basic group
    Chat(key="-500", name="小群", platform="telegram"),
    # the first Ann
    Person(ref="user1", scheme="telegram.user", scope="", value="1", name="Ann"),
    Act(kind="message", at=EIGHT, actor="user1", id="e1", text="我是第一个 Ann", line=1),
    # the second Ann, by a sticker
    Person(ref="user2", scheme="telegram.user", scope="", value="2", name="Ann"),
    Act(kind="message", at=EIGHT + 10_000, actor="user2", id="e2", form="sticker", line=2),
    # the new group name
    Act(kind="notice", at=EIGHT + 20_000, actor="user1", id="e3", text="大群", line=3),
    # which Ann was removed nobody can tell
    Person(ref="name:Ann", scheme="name", scope="-500", value="Ann", name="Ann"),
    Person(ref="user9", scheme="telegram.user", scope="", value="9", name="林"),
    Act(kind="remove", at=EIGHT + 30_000, actor="name:Ann", id="e4", other="user9", line=4),
    # let in on request
    Act(kind="join", at=EIGHT + 40_000, actor="user9", id="e5", source="join_group_by_request", line=5),
    # by a link of 林's
    Person(ref="user4", scheme="telegram.user", scope="", value="4", name="Bo"),
    Act(
        kind="join",
        at=EIGHT + 50_000,
        actor="user4",
        id="e6",
        other="user9",
        source="join_group_by_link",
        line=6,
    ),
    # the call on record 7 tells nothing; an action nobody knows
    Unknown(
        line=8,
        raw='{"id":8,"type":"service","date":"2025-03-01T08:01:10","date_unixtime":"1740787270","actor":"Bo","actor_id":"user4","action":"teleport","text":""}',
        why=whys.STRANGE_SYSTEM_LINE,
    ),
    # Telegram could not export it
    Unknown(line=9, raw='{"id":9,"type":"unsupported"}', why=whys.STRANGE_KIND),
    # an old record with a local time only
    Act(kind="message", at=EIGHT + 80_000, actor="user4", id="e10", text="只有本地时间", line=10),
    # edited or reacted to, the file does not say which; the reply leads to another chat
    Act(
        kind="message", at=EIGHT + 90_000, actor="user4", id="e11", text="改过还是被点赞过，看不出来", line=11
    ),
    # two paid reactions, nobody named
    Act(
        kind="reaction",
        at=EIGHT + 90_000,
        actor="",
        target="e11",
        other="user4",
        emoji="paid",
        value=2,
        precision="day",
        line=11,
    ),
    # a time that is none
    Unknown(
        line=12,
        raw='{"id":12,"type":"message","date_unixtime":"不是时间","from":"Bo","from_id":"user4","text":"坏记录"}',
        why=whys.BROKEN_RECORD,
    ),
]

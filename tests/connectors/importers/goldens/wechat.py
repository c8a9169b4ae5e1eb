"""What the WeFlow and chatlog JSON samples say. Times count from 08:00 in Shanghai on 1 March 2025."""

from qunying.connectors.importers import whys
from qunying.connectors.incoming import Act, Chat, Entry, Person, Unknown

EIGHT = 1740787200000

WEFLOW: list[Entry] = [
    # the chat by its chatroom id
    Chat(key="20000000001@chatroom", name="茶友福利群", platform="wechat"),
    # the announcement
    Person(ref="wxid_lin", scheme="wechat.wxid", scope="", value="wxid_lin", name="林主理"),
    Act(kind="message", at=EIGHT, actor="wxid_lin", text="今晚八点开奖", line=1),
    # whom the quotation answers is known by name, which message is not
    Person(ref="wxid_aqing", scheme="wechat.wxid", scope="", value="wxid_aqing", name="阿青"),
    Act(kind="message", at=EIGHT + 60_000, actor="wxid_aqing", text="参加", other="wxid_lin", line=2),
    # invited by 阿青
    Person(ref="name:Ann", scheme="name", scope="20000000001@chatroom", value="Ann", name="Ann"),
    Act(kind="join", at=EIGHT + 100_000, actor="name:Ann", other="wxid_aqing", source="邀请", line=3),
    # a recall; Bo has said nothing in the file
    Person(ref="name:Bo", scheme="name", scope="20000000001@chatroom", value="Bo", name="Bo"),
    Act(kind="recall", at=EIGHT + 120_000, actor="name:Bo", line=4),
]

CHATLOG: list[Entry] = [
    # the chat by its chatroom id
    Chat(key="20000000001@chatroom", name="茶友福利群", platform="wechat"),
    # the announcement
    Person(ref="wxid_lin", scheme="wechat.wxid", scope="", value="wxid_lin", name="林主理"),
    Act(kind="message", at=EIGHT, actor="wxid_lin", id="1740787200001", text="今晚八点开奖", line=1),
    # seq is what quotations refer to
    Person(ref="wxid_aqing", scheme="wechat.wxid", scope="", value="wxid_aqing", name="阿青"),
    Act(
        kind="message",
        at=EIGHT + 60_000,
        actor="wxid_aqing",
        id="1740787260001",
        text="参加",
        target="1740787200001",
        other="wxid_lin",
        line=2,
    ),
    # invited by 阿青
    Person(ref="name:Ann", scheme="name", scope="20000000001@chatroom", value="Ann", name="Ann"),
    Act(
        kind="join",
        at=EIGHT + 100_000,
        actor="name:Ann",
        id="1740787300001",
        other="wxid_aqing",
        source="邀请",
        line=3,
    ),
    # a picture
    Person(ref="wxid_bo", scheme="wechat.wxid", scope="", value="wxid_bo", name="Bo"),
    Act(kind="message", at=EIGHT + 110_000, actor="wxid_bo", id="1740787310001", form="image", line=4),
]

CHATLOG_TWO: list[Entry] = [
    # the first chat
    Chat(key="a@chatroom", name="甲群", platform="wechat"),
    # the owner's greeting
    Person(ref="wxid_lin", scheme="wechat.wxid", scope="", value="wxid_lin", name="林主理"),
    Act(kind="message", at=EIGHT, actor="wxid_lin", id="1740787200001", text="早", line=1),
    # “你” is the owner of the phone
    Person(ref="name:Bo", scheme="name", scope="a@chatroom", value="Bo", name="Bo"),
    Act(kind="remove", at=EIGHT + 2_000, actor="name:Bo", id="1740787202001", other="wxid_lin", line=3),
    # a group announcement
    Act(
        kind="notice", at=EIGHT + 3_000, actor="wxid_lin", id="1740787203001", text="群公告：八点开奖", line=4
    ),
    # the pat tells nothing; a type nobody knows
    Unknown(
        line=6,
        raw='{"seq":1740787205001,"time":"2025-03-01T08:00:05+08:00","talker":"a@chatroom","talkerName":"甲群","isChatRoom":true,"sender":"wxid_lin","senderName":"林主理","isSelf":true,"type":77,"subType":0,"content":"?"}',
        why=whys.STRANGE_KIND,
    ),
    # a grey line nobody knows
    Unknown(line=7, raw="猫爬上了屋顶", why=whys.STRANGE_SYSTEM_LINE),
    # a private chat in the same file
    Chat(key="wxid_bo", name="Bo", platform="wechat", kind="dm"),
    # a red packet
    Person(ref="wxid_bo", scheme="wechat.wxid", scope="", value="wxid_bo", name="Bo"),
    Act(kind="message", at=EIGHT + 1_000, actor="wxid_bo", id="1740787201001", form="red_packet", line=2),
]

"""What an exported chat looks like as ChatLab 0.0.2 JSON lines, and what that format has no place for."""

from qunying.connectors.incoming import Act, Chat, Entry, Figure, Person, Unknown

EIGHT = 1740787200000
QQ = Chat("5001", "茶友福利群", "qq")
LIN = Person("1", "qq.uin", "", "10001001", "林主理", aliases=("主理人",), roles=("owner",), is_listed=True)
BO = Person("2", "qq.uin", "", "10001002", "Bo")

CARRIED: list[Entry] = [
    QQ,
    LIN,
    Act("message", EIGHT, "1", "m1", "今晚八点开奖"),
    BO,
    Act("join", EIGHT + 1000, "2", other="1"),
    Act("message", EIGHT + 2000, "2", "m2", "参加", target="m1"),
    Act("message", EIGHT + 3000, "2", form="image"),
]

LINES: list[dict[str, object]] = [
    {
        "_type": "header",
        "chatlab": {"version": "0.0.2", "exportedAt": 1740873600, "generator": "Qunying"},
        "meta": {"name": "茶友福利群", "platform": "qq", "type": "group", "groupId": "5001"},
    },
    {
        "_type": "member",
        "platformId": "10001001",
        "accountName": "林主理",
        "aliases": ["主理人"],
        "roles": [{"id": "owner"}],
    },
    {
        "_type": "message",
        "platformMessageId": "m1",
        "sender": "10001001",
        "accountName": "林主理",
        "timestamp": 1740787200,
        "type": 0,
        "content": "今晚八点开奖",
    },
    {
        "_type": "message",
        "sender": "SYSTEM",
        "accountName": "SYSTEM",
        "timestamp": 1740787201,
        "type": 80,
        "content": "“Bo”〔10001002〕由“林主理”〔10001001〕邀请，加入了群聊",
    },
    {
        "_type": "message",
        "platformMessageId": "m2",
        "sender": "10001002",
        "accountName": "Bo",
        "timestamp": 1740787202,
        "type": 25,
        "content": "参加",
        "replyToMessageId": "m1",
    },
    {
        "_type": "message",
        "sender": "10001002",
        "accountName": "Bo",
        "timestamp": 1740787203,
        "type": 1,
        "content": None,
    },
]

BEYOND: list[Entry] = [
    QQ,
    LIN,
    Person(
        "3",
        "email",
        "",
        "a@b.cn",
        "阿青",
        aliases=("青",),
        is_staff=True,
        attributes={"城市": "杭州"},
    ),
    Act("reaction", EIGHT, "1", target="m1", emoji="👍"),
    Act("reaction", EIGHT, "", target="m1", emoji="👍", value=7),
    Act("share", EIGHT, "1"),
    Act("message", EIGHT, ""),
    Act("message", EIGHT + 1, "1", form="poll", other="3", edited_at=EIGHT, precision="min"),
    Act("join", EIGHT, "1", source="扫码"),
    Figure(20148, "members", 120),
    Unknown(9, "?", "?"),
]

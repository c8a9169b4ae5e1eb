"""What the WhatsApp samples say, written from the samples before any reader read them. Zone: Asia/Shanghai."""

from qunying.connectors.importers import whys
from qunying.connectors.incoming import Act, Chat, Entry, Person, Unknown

EIGHT = 1740787200000  # 2025-03-01 08:00 in Shanghai
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Group:
    """Short names for the people of one chat, who are known by name only."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.chat = Chat(name, name, "whatsapp")

    def person(self, name: str) -> Person:
        return Person(self.ref(name), "name", self.name, name, name)

    def ref(self, name: str) -> str:
        return f"name:{self.name}:{name}"


_zh = Group("茶友福利群")
IOS_ZH: list[Entry] = [
    # The group itself speaks the first notice, so that is its name; the notice tells nothing.
    _zh.chat,
    # Founding a group is the founder's joining.
    _zh.person("林主理"),
    Act("join", EIGHT + 1000, _zh.ref("林主理"), source="创建", line=2),
    # A colon inside and a second line are still the body.
    Act("message", EIGHT + MINUTE, _zh.ref("林主理"), text="今晚八点开奖：回复 1\n第二行也是正文", line=3),
    # A phone number stands between marks of direction, with no-break spaces.
    Person("+8613800000000", "phone", "", "+8613800000000", "+86 138 0000 0000"),
    Act("message", EIGHT + 4 * HOUR + 5 * MINUTE + 9000, "+8613800000000", text="1", line=5),
    _zh.person("阿青"),
    Act("message", EIGHT + 4 * HOUR + 6 * MINUTE, _zh.ref("阿青"), form="image", line=6),
    # "added" inside a member's sentence is text.
    Act(
        "message",
        EIGHT + 4 * HOUR + 7 * MINUTE,
        _zh.ref("阿青"),
        text="我 added 一个朋友，别误判成系统消息",
        line=7,
    ),
    Act("leave", EIGHT + 4 * HOUR + 8 * MINUTE, _zh.ref("阿青"), line=8),
    Act("recall", EIGHT + 4 * HOUR + 9 * MINUTE, _zh.ref("林主理"), line=9),
]

_en = Group("Tea Club")


def _minute(kind: str, at: int, actor: str, line: int, **more: str) -> Act:
    return Act(kind, at, actor, precision="min", line=line, **more)  # type: ignore[arg-type]  # literals below


_NOON = EIGHT + 4 * HOUR
ANDROID_EN: list[Entry] = [
    _en.chat,  # named where it was created
    _en.person("Lin"),
    _minute("join", EIGHT, _en.ref("Lin"), 2, source="创建"),
    _en.person("Bo"),
    _minute("join", EIGHT + MINUTE, _en.ref("Bo"), 3, other=_en.ref("Lin"), source="添加"),
    _minute(
        "message",
        EIGHT + 2 * MINUTE,
        _en.ref("Lin"),
        4,
        text="Giveaway tonight: reply 1\nsecond line: still body",
    ),
    _minute("message", _NOON + 5 * MINUTE, _en.ref("Bo"), 6, text="1"),
    _minute("message", _NOON + 6 * MINUTE, _en.ref("Bo"), 7, form="other"),  # of what kind is not said
    _minute("message", _NOON + 7 * MINUTE, _en.ref("Bo"), 8, text="ok"),  # edited, when is not said
    _en.person("Ann"),
    _minute("join", _NOON + 8 * MINUTE, _en.ref("Ann"), 9, source="链接"),
    _minute("leave", _NOON + 9 * MINUTE, _en.ref("Bo"), 10),
    _minute("recall", _NOON + 10 * MINUTE, _en.ref("Lin"), 11),
    _minute(
        "message",
        _NOON + 11 * MINUTE,
        _en.ref("Lin"),
        12,
        form="poll",
        text="POLL:\nTea?\nOPTION: Puer (1 vote)\nOPTION: Rock (0 votes)",
    ),
]

_de = Group("whatsapp_android_de")
ANDROID_DE: list[Entry] = [
    _de.chat,  # nothing names the group but the file
    _de.person("Lin"),
    _minute("message", EIGHT + 2 * MINUTE, _de.ref("Lin"), 2, text="Heute Abend Verlosung"),
    _de.person("Bo"),
    _minute("message", EIGHT + 12 * DAY + 12 * HOUR + 15 * MINUTE, _de.ref("Bo"), 3, form="other"),
]

JAN_2 = 1735776000000  # 2025-01-02 08:00 in Shanghai: month before day, as 1/13 proves further down
_PHONE = "+491510000001"
IOS_EN_MOVED: list[Entry] = [
    _en.chat,
    _en.person("Bo"),  # the tilde of an unsaved contact is no part of the name
    Act("join", JAN_2 + 5000, _en.ref("Bo"), source="链接", line=2),
    Person(_PHONE, "phone", "", _PHONE, "+49 151 0000001"),
    Act("message", JAN_2 + MINUTE, _PHONE, text="Hello: all", line=3),
    # The new number is the same account.
    Person(_PHONE, "phone", "", _PHONE, "+49 151 0000001", aliases=("+49 152 0000002",)),
    Act("message", JAN_2 + DAY + 13 * HOUR, _PHONE, text="new number, same me", line=5),
    Act("message", JAN_2 + DAY + 13 * HOUR + MINUTE, _en.ref("Bo"), form="file", line=6),
    Act("message", JAN_2 + DAY + 13 * HOUR + 2 * MINUTE, _en.ref("Bo"), form="image", line=7),
    _en.person("Lin"),
    Act("notice", JAN_2 + 11 * DAY + 13 * HOUR + 3 * MINUTE, _en.ref("Lin"), text="Tea Club", line=8),
    Act("remove", JAN_2 + 11 * DAY + 13 * HOUR + 4 * MINUTE, _en.ref("Bo"), other=_en.ref("Lin"), line=9),
    Unknown(10, "Tea Club: A wording of tomorrow", whys.STRANGE_SYSTEM_LINE),
]

_spring = Group("春茶群")  # its last name, which an overlapping export shares
_EVENING = EIGHT + 12 * HOUR
ANDROID_ZH: list[Entry] = [
    _spring.chat,
    _spring.person("林主理"),
    _minute("join", EIGHT, _spring.ref("林主理"), 2, source="创建"),
    _spring.person("阿青"),
    _minute("join", EIGHT + MINUTE, _spring.ref("阿青"), 3, other=_spring.ref("林主理"), source="添加"),
    _spring.person("Bo"),
    _minute("join", EIGHT + MINUTE, _spring.ref("Bo"), 3, other=_spring.ref("林主理"), source="添加"),
    _minute("message", EIGHT + 4 * HOUR + 30 * MINUTE, _spring.ref("阿青"), 4, text="1"),
    # The same word twice in a minute is said twice.
    _minute("message", _EVENING, _spring.ref("阿青"), 5, text="1"),
    _minute("message", _EVENING, _spring.ref("阿青"), 6, text="1"),
    _minute(
        "message",
        _EVENING + MINUTE,
        _spring.ref("林主理"),
        7,
        form="poll",
        text="投票：\n喝什么？\n选项：普洱（1 票）",
    ),
    _minute(
        "message", _EVENING + 2 * MINUTE, _spring.ref("Bo"), 10, form="image", text="好茶"
    ),  # its caption
    _minute("notice", _EVENING + 3 * MINUTE, _spring.ref("林主理"), 12, text="春茶群"),
    _minute("remove", _EVENING + 4 * MINUTE, _spring.ref("Bo"), 13, other=_spring.ref("林主理")),
    # A new icon tells nothing.
]

_te = Group("Té")
ANDROID_ES: list[Entry] = [
    _te.chat,
    _te.person("Lin"),
    _minute("join", EIGHT, _te.ref("Lin"), 2, source="创建"),
    _te.person("Bo"),
    _minute("join", EIGHT + MINUTE, _te.ref("Bo"), 3, other=_te.ref("Lin"), source="添加"),
    _te.person("Ana"),
    _minute("join", EIGHT + MINUTE, _te.ref("Ana"), 3, other=_te.ref("Lin"), source="添加"),
    _minute("message", EIGHT + 2 * MINUTE, _te.ref("Ana"), 4, text="añadió a todos, qué bien"),
    _minute("message", EIGHT + 3 * MINUTE, _te.ref("Bo"), 5, form="other"),
    _minute("leave", EIGHT + 12 * DAY + 12 * HOUR + 15 * MINUTE, _te.ref("Ana"), 6),
    _minute("remove", EIGHT + 12 * DAY + 12 * HOUR + 16 * MINUTE, _te.ref("Bo"), 7, other=_te.ref("Lin")),
    _minute("recall", EIGHT + 12 * DAY + 12 * HOUR + 17 * MINUTE, _te.ref("Lin"), 8),
]

_cha = Group("Chá")
ANDROID_PT: list[Entry] = [
    _cha.chat,
    _cha.person("Lin"),
    _minute("join", EIGHT, _cha.ref("Lin"), 2, source="创建"),
    _cha.person("Ana"),
    _minute("join", EIGHT + MINUTE, _cha.ref("Ana"), 3, source="链接"),
    _minute("message", EIGHT + 2 * MINUTE, _cha.ref("Ana"), 4, text="oi"),
    _minute("notice", EIGHT + 3 * MINUTE, _cha.ref("Lin"), 5),  # a new description, not quoted
    _minute("leave", EIGHT + 12 * DAY + 12 * HOUR + 15 * MINUTE, _cha.ref("Ana"), 6),
]

_the = Group("Thé")
ANDROID_FR: list[Entry] = [
    _the.chat,
    _the.person("Lin"),
    _minute("join", EIGHT, _the.ref("Lin"), 2, source="创建"),
    _the.person("Bo"),
    _minute("join", EIGHT + MINUTE, _the.ref("Bo"), 3, other=_the.ref("Lin"), source="添加"),
    _minute("message", EIGHT + 2 * MINUTE, _the.ref("Bo"), 4, text="bonjour"),
    _minute("leave", EIGHT + 3 * MINUTE, _the.ref("Bo"), 5),
]

_bo = Group("Bo")
SINGLE: list[Entry] = [
    Chat("Bo", "Bo", "whatsapp", "dm"),  # the file is named after one of the two
    _bo.person("Lin"),
    _minute("message", EIGHT + 2 * MINUTE, _bo.ref("Lin"), 2, text="are you there?"),
    _bo.person("Bo"),
    _minute("message", EIGHT + 3 * MINUTE, _bo.ref("Bo"), 3, text="yes"),
]

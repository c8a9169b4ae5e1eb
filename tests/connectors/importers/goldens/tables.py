"""What the generic table and member list samples say, written down before any reader read them."""

from qunying.connectors.importers import whys_text
from qunying.connectors.incoming import Act, Chat, Entry, Person, Unknown

EIGHT = 1740787200000  # 2025-03-01 08:00 in Shanghai
HOUR = 3_600_000

GENERIC: list[Entry] = [
    Chat("supertopic-1", "品牌超话", "weibo"),
    Person("1001", "weibo.uid", "", "1001", "林主理"),
    # 2025/3/1 8:00 without zone and seconds.
    Act("message", EIGHT, "1001", text="今晚八点开奖", precision="min", line=2),
    Person("1002", "weibo.uid", "", "1002", "阿青"),
    # Unix seconds, with an id and a reply.
    Act("message", EIGHT + 60_000, "1002", id="m2", text="参加", target="m1", line=3),
    Person("1003", "weibo.uid", "", "1003", "Bo"),
    # A time with its own offset; who joined is both who did it and whom it is about.
    Act("join", EIGHT + 120_000, "1003", line=4),
]

MAPPING = {
    "什么时候": "timestamp",
    "谁": "user_name",
    "号码": "user_id",
    "说了什么": "text",
    "做了什么": "kind",
}
GENERIC_MAPPED: list[Entry] = [
    # Neither platform nor chat is told: the sheet is the chat, and ids mean something in it only.
    Chat("群记录", "群记录", "other"),
    Person("7", "unknown.id", "群记录", "7", "阿青"),
    # A spreadsheet date tells no seconds; a formula's text is text.
    Act("message", EIGHT, "7", text="=1+1 也是字", precision="min", line=2),
    Person("007", "unknown.id", "群记录", "007", "Bo"),
    # A bare serial number: noon of 2025-03-01. 007 as text is not 7 as number.
    Act("join", EIGHT + 4 * HOUR, "007", precision="min", line=3),
    Unknown(4, "2025年3月1日 晚上8:00,阿青,7,好,跳舞", whys_text.STRANGE_KIND_WORD),
]

_TEA = "茶友福利群"
MEMBERS: list[Entry] = [
    Chat(_TEA, _TEA, "other"),
    # The phone is the identity; columns we do not know stay with the member.
    Person(
        "+8613800000001",
        "phone",
        "",
        "+8613800000001",
        "阿青",
        is_listed=True,
        attributes={"城市": "杭州", "生日": "03-08"},
        row=2,
    ),
    Act("join", EIGHT, "+8613800000001", source="门店海报", precision="min", line=2),
    Person("V0007", "brand.member_no", "", "V0007", "Bo", is_listed=True, row=3),
    Act("join", EIGHT - 8 * HOUR, "V0007", source="朋友推荐", precision="day", line=3),
    # Two rows with a name only are two people.
    Person(f"name:{_TEA}:Bo", "name", _TEA, "Bo", "Bo", is_listed=True, row=4),
    Person(f"name:{_TEA}:Bo#2", "name", _TEA, "Bo#2", "Bo", is_listed=True, row=5),
    Unknown(6, "Ann,12345,,茶友福利群,,,,", whys_text.BAD_PHONE),
    Unknown(7, ",,,茶友福利群,,,上海,", whys_text.NO_MEMBER_NAME),
]

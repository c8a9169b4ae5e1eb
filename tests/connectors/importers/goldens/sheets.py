"""What the hand-made back-end sheets say, written from the sheets before any reader read them."""

from qunying.connectors.importers import whys_text
from qunying.connectors.incoming import Act, Chat, Entry, Figure, Person, Unknown

MARCH_1, MARCH_2 = 20148, 20149  # days since 1970-01-01
EIGHT = 1740787200000  # 2025-03-01 08:00 in Shanghai
MINUTE = 60_000
HOUR = 60 * MINUTE


def owner(chat: str, name: str) -> Person:
    return Person(
        f"name:{chat}:{name}", "name", chat, name, name=name, roles=("owner",), is_staff=True, is_listed=True
    )


WECOM_GROUPS: list[Entry] = [
    # The title line above the header says nothing; the day of the sizes stands in the file's name.
    Chat("wrCMKT01", "茶友福利群", "wecom"),
    owner("wrCMKT01", "林主理"),
    Figure(20098, "new_chats", 1, "林主理"),  # made on 2025-01-10
    Figure(MARCH_1, "members", 120, "林主理"),
    Chat("wrCMKT02", "新品体验群", "wecom"),
    owner("wrCMKT02", "周店长"),
    Figure(20139, "new_chats", 1, "周店长"),  # made on 2025-02-20
    Figure(MARCH_1, "members", 1035, "周店长"),  # written as 1,035
]

_JAN_10 = EIGHT - 50 * 24 * HOUR + 90 * MINUTE  # 2025-01-10 09:30

WECOM_MEMBERS: list[Entry] = [
    Chat("茶友福利群", "茶友福利群", "wecom"),
    # Staff, and the owner of the group.
    Person(
        "lin01", "wecom.userid", "", "lin01", "林主理", roles=("owner",), is_staff=True, is_listed=True, row=2
    ),
    Act("join", _JAN_10, "lin01", source="建群", precision="min", line=2),
    # A column the template does not know is kept with the member.
    Person(
        "wmAQING",
        "wecom.external_userid",
        "",
        "wmAQING",
        "阿青",
        is_listed=True,
        attributes={"企业标签": "老客"},
        row=3,
    ),
    # The inviter's name is carried by one account of the list only.
    Act("join", EIGHT, "wmAQING", other="lin01", source="扫描群二维码", precision="min", line=3),
    # Has left: stands in the list, but is not present.
    Person("wmBO", "wecom.external_userid", "", "wmBO", "Bo", row=4),
    Act("join", EIGHT + 90_000, "wmBO", other="wmAQING", source="通过邀请链接", line=4),
    Act("leave", EIGHT + 12 * HOUR, "wmBO", precision="min", line=4),
    Chat("新品体验群", "新品体验群", "wecom"),
    # The inviter is not in the list: a weak identity of this group.
    Person("name:新品体验群:周店长", "name", "新品体验群", "周店长", "周店长"),
    Person("wmAQING", "wecom.external_userid", "", "wmAQING", "阿青", is_listed=True, row=5),
    Act(
        "join",
        EIGHT + HOUR,
        "wmAQING",
        other="name:新品体验群:周店长",
        source="直接邀请入群",
        precision="min",
        line=5,
    ),
]

_TABLE = "wecom_members_names"  # no group column: the file's name stands for the group


def _named(value: str, name: str, row: int) -> Person:
    return Person(f"name:{_TABLE}:{value}", "name", _TABLE, value, name, is_listed=row > 0, row=row)


_LIN = f"name:{_TABLE}:林主理"

WECOM_MEMBERS_NAMES: list[Entry] = [
    Chat(_TABLE, _TABLE, "wecom"),
    _named("林主理", "林主理", row=0),
    # Three people called 阿青, two of them of the same minute: numbered by joining, then by row.
    _named("阿青#2", "阿青", row=2),
    Act(
        "join",
        EIGHT + 5 * MINUTE,
        f"name:{_TABLE}:阿青#2",
        other=_LIN,
        source="扫描群二维码",
        precision="min",
        line=2,
    ),
    _named("阿青", "阿青", row=3),
    Act("join", EIGHT, f"name:{_TABLE}:阿青", other=_LIN, source="扫描群二维码", precision="min", line=3),
    _named("阿青#3", "阿青", row=4),
    Act(
        "join",
        EIGHT + 5 * MINUTE,
        f"name:{_TABLE}:阿青#3",
        other=_LIN,
        source="扫描群二维码",
        precision="min",
        line=4,
    ),
    # Nobody knows which of them invited Bo, whose day alone is known.
    _named("Bo", "Bo", row=5),
    Unknown(5, "阿青", whys_text.NAMESAKES),
    Act("join", EIGHT - 8 * HOUR, f"name:{_TABLE}:Bo", source="邀请入群", precision="day", line=5),
    Unknown(6, ",2025/3/1 8:10,邀请入群,林主理", whys_text.NO_MEMBER_NAME),
    Unknown(7, "Ann,昨天,邀请入群,林主理", whys_text.BAD_TIME),
]

WECOM_STATISTICS: list[Entry] = [
    Chat("wecom.statistics", "企业微信客户群每日统计", "wecom", "sheet"),
    Figure(MARCH_1, "new_chats", 1, "林主理"),
    Figure(MARCH_1, "chats", 3, "林主理"),
    Figure(MARCH_1, "speaking_chats", 2, "林主理"),
    Figure(MARCH_1, "new_members", 10, "林主理"),
    Figure(MARCH_1, "members", 120, "林主理"),
    Figure(MARCH_1, "speaking_members", 37, "林主理"),
    Figure(MARCH_1, "messages", 260, "林主理"),
    Figure(MARCH_1, "left_members", 2, "林主理"),
    # "-" and an empty cell are no figures, never 0; a rate is not taken; the totals below are left out.
    Figure(MARCH_2, "new_chats", 0, "林主理"),
    Figure(MARCH_2, "chats", 3, "林主理"),
    Figure(MARCH_2, "speaking_chats", 2, "林主理"),
    Figure(MARCH_2, "members", 12_000, "林主理"),  # written as 1.2万
    Figure(MARCH_2, "speaking_members", 40, "林主理"),
    Figure(MARCH_2, "messages", 1301, "林主理"),
]

QQ_MEMBERS: list[Entry] = [
    Chat("茶友福利群", "茶友福利群", "qq"),  # the sheet's name
    Person(
        "10001001",
        "qq.uin",
        "",
        "10001001",
        "林主理",
        aliases=("主理人",),
        roles=("owner",),
        is_listed=True,
        attributes={"性别": "女", "Q龄": "8年", "等级(积分)": "传说(999)", "最后发言": "2025/03/01"},
        row=2,
    ),
    Act("join", 1567267200000, "10001001", precision="day", line=2),  # 2019-09-01 00:00 in Shanghai
    Person(
        "10001002",
        "qq.uin",
        "",
        "10001002",
        "阿青",
        is_listed=True,
        attributes={"性别": "未知", "Q龄": "3年", "等级(积分)": "冒泡(20)", "最后发言": "2025/02/28"},
        row=3,
    ),
    Act("join", 1582905600000, "10001002", precision="day", line=3),  # 2020-02-29 00:00 in Shanghai
]


def _day(day: int, names: str, *values: int, owner: str = "") -> list[Entry]:
    return [Figure(day, name, value, owner) for name, value in zip(names.split(), values, strict=True)]


_QQ = "members new_members requests left_members active_members speaking_members messages"
QQ_STATISTICS: list[Entry] = [
    Chat("qq.statistics", "QQ群每日统计", "qq", "sheet"),
    *_day(MARCH_1, _QQ, 480, 9, 12, 3, 150, 66, 1204),
    *_day(MARCH_2, _QQ, 486, 7, 8, 1, 148, 59, 990),
]

_DOUYIN = "members new_members left_members active_members speaking_members messages"
DOUYIN_STATISTICS: list[Entry] = [
    Chat("茶友一群", "茶友一群", "douyin"),
    *_day(MARCH_1, _DOUYIN, 500, 30, 4, 210, 88, 640),
    Chat("茶友二群", "茶友二群", "douyin"),
    *_day(MARCH_1, _DOUYIN, 321, 12, 1, 95, 40, 233),
    Chat("茶友一群", "茶友一群", "douyin"),
    *_day(MARCH_2, _DOUYIN, 526, 31, 5, 198, 80, 580),
]

_RED = "members new_members left_members speaking_members messages views"
XIAOHONGSHU_STATISTICS: list[Entry] = [
    Chat("春茶种草群", "春茶种草群", "xiaohongshu"),
    *_day(MARCH_1, _RED, 210, 18, 2, 41, 305, 160),
    *_day(MARCH_2, _RED, 226, 17, 1, 39, 288, 150),
]

_FOLLOWERS = "follows unfollows net_follows followers"
OFFICIAL_ACCOUNT_FOLLOWERS: list[Entry] = [
    Chat("official_account.followers", "公众号用户增长", "official_account", "sheet"),
    *_day(MARCH_1, _FOLLOWERS, 35, 40, -5, 12045),  # fewer than the day before
    *_day(MARCH_2, _FOLLOWERS, 60, 12, 48, 12093),
]

_ARTICLES = "delivered readers reads sharers shares new_followers"
OFFICIAL_ACCOUNT_ARTICLES: list[Entry] = [
    Chat("official_account.articles", "公众号图文数据", "official_account", "sheet"),
    *_day(MARCH_1, _ARTICLES, 12040, 1800, 2415, 66, 71, 9, owner="春茶上新：三款口粮茶"),
    *_day(MARCH_2, _ARTICLES, 12080, 900, 1103, 20, 22, 1, owner="打卡第一周，大家都喝了什么"),
]

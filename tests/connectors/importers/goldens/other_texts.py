"""What the LINE samples and the CSV samples of other tools say, written down before any reader read them."""

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
        self.chat = Chat(name, name, "line")

    def person(self, name: str) -> Person:
        return Person(self.ref(name), "name", self.name, name, name)

    def ref(self, name: str) -> str:
        return f"name:{self.name}:{name}"


def _minute(kind: str, at: int, actor: str, line: int, **more: str) -> Act:
    return Act(kind, at, actor, precision="min", line=line, **more)  # type: ignore[arg-type]  # literals below


_zh = Group("茶友福利群")
LINE_ZH: list[Entry] = [
    _zh.chat,
    _zh.person("林主理"),
    _minute("message", EIGHT, _zh.ref("林主理"), 5, text="今晚八点开奖"),
    # Two tabs, no name: a system line.
    _zh.person("Bo"),
    _minute("join", EIGHT + 11 * HOUR + 59 * MINUTE, _zh.ref("Bo"), 6),
    _zh.person("阿青"),
    _minute("message", EIGHT + 12 * HOUR, _zh.ref("阿青"), 7, text="第一行\n第二行"),
    _minute("message", EIGHT + 12 * HOUR + MINUTE, _zh.ref("阿青"), 9, form="image"),
]

_en = Group("Tea Club")
LINE_EN: list[Entry] = [
    _en.chat,
    _en.person("Lin"),
    # 3/1/2025 was a Saturday as 1 March, but not as 3 January.
    _minute("message", EIGHT, _en.ref("Lin"), 5, text="Giveaway tonight"),
    _en.person("Bo"),
    _minute("invite", EIGHT + MINUTE, _en.ref("Bo"), 6, other=_en.ref("Lin")),
    _minute("join", EIGHT + 2 * MINUTE, _en.ref("Bo"), 7),
    # A date inside quotation marks is text only if no empty line stands before it; here one does.
    _minute("message", EIGHT + 3 * MINUTE, _en.ref("Bo"), 8, text='"one'),
    Unknown(11, 'two"', "不在任何一条消息里"),
    _minute("message", EIGHT + DAY + 4 * HOUR + 4 * MINUTE, _en.ref("Bo"), 12, form="sticker"),
    _minute("recall", EIGHT + DAY - 8 * HOUR + 5 * MINUTE, _en.ref("Lin"), 15),
    _minute("remove", EIGHT + DAY - 8 * HOUR + 6 * MINUTE, _en.ref("Bo"), 16, other=_en.ref("Lin")),
    Unknown(17, "00:07 AM\t\tA wording of tomorrow", whys.STRANGE_SYSTEM_LINE),
]

_ja = Group("お茶クラブ")
LINE_JA: list[Entry] = [
    _ja.chat,
    _ja.person("リン"),
    _minute("message", EIGHT, _ja.ref("リン"), 5, text="今夜抽選"),
    _ja.person("ボー"),
    _minute("join", EIGHT + MINUTE, _ja.ref("ボー"), 6),
    _minute("message", EIGHT + 12 * HOUR + 2 * MINUTE, _ja.ref("ボー"), 7, form="image"),
    _minute("leave", EIGHT + 12 * HOUR + 3 * MINUTE, _ja.ref("ボー"), 8),
]

_th = Group("ชมรมชา")
LINE_TH: list[Entry] = [
    _th.chat,
    _th.person("หลิน"),
    # 2568 is the Buddhist year of 2025.
    _minute("message", EIGHT, _th.ref("หลิน"), 5, text="คืนนี้จับรางวัล"),
    _th.person("โบ"),
    _minute("join", EIGHT + MINUTE, _th.ref("โบ"), 6),
    _minute("leave", EIGHT + 12 * HOUR + 3 * MINUTE, _th.ref("โบ"), 7),
]


def _wx(value: str, name: str = "") -> Person:
    return Person(value, "wechat.wxid", "", value, name)


WECHAT_LC044: list[Entry] = [
    # The file has no names of chats: its own stands for the first.
    Chat("12", "wechat_lc044", "wechat"),
    _wx("wxid_lin", "林主理"),
    Act("message", EIGHT, "wxid_lin", "101", "今晚八点开奖", line=2),
    # The nickname, never the exporter's private remark.
    _wx("wxid_aqing", "阿青"),
    Act("message", EIGHT + MINUTE, "wxid_aqing", "102", "参加", line=3),
    Act("message", EIGHT + 70_000, "wxid_aqing", "103", form="image", line=4),
    _wx("wxid_bo", "Bo"),
    Act("message", EIGHT + 80_000, "wxid_bo", "104", "我也参加", target="9001", other="wxid_lin", line=5),
    # Ann is known by name only; who invited her carries a name of one account.
    Person("name:12:Ann", "name", "12", "Ann", "Ann"),
    Act("join", EIGHT + 100_000, "name:12:Ann", "105", other="wxid_aqing", source="邀请", line=6),
    # A pat tells nothing.
    Act("recall", EIGHT + 120_000, "wxid_bo", "107", line=8),
]

WECHAT_LC044_OLD: list[Entry] = [
    Chat("3", "wechat_lc044_old", "wechat", "dm"),
    # Nine columns know only which side spoke.
    Person("name:3:我", "name", "3", "我", "我"),
    Act("message", EIGHT, "name:3:我", "1", "在吗", line=2),
    Person("name:3:对方", "name", "3", "对方", "对方"),
    Act("message", EIGHT + MINUTE, "name:3:对方", "2", "在", line=3),
    # In groups the account stands in the text.
    Chat("4", "wechat_lc044_old 4", "wechat"),
    _wx("wxid_bo"),
    Act("message", EIGHT + 2 * MINUTE, "wxid_bo", "3", "大家早", line=4),
]

_ROOM = "20000000001@chatroom"
WECHAT_CHATLOG: list[Entry] = [
    Chat(_ROOM, "茶友福利群", "wechat"),
    _wx("wxid_lin", "林主理"),
    Act("message", EIGHT, "wxid_lin", text="今晚八点开奖", line=2),
    _wx("wxid_aqing", "阿青"),
    # A quotation above the text: a reply to its author.
    Act("message", EIGHT + MINUTE, "wxid_aqing", text="参加", other="wxid_lin", line=3),
]

WECHAT_CHATLOG_MORE: list[Entry] = [
    Chat(_ROOM, "茶友福利群", "wechat"),
    _wx("wxid_lin", "林主理"),
    Act("message", EIGHT, "wxid_lin", form="image", line=2),
    Person(f"name:{_ROOM}:Bo", "name", _ROOM, "Bo", "Bo"),
    Act("join", EIGHT + MINUTE, f"name:{_ROOM}:Bo", other="wxid_lin", source="邀请", line=3),
    Unknown(5, "明天才有的提示", whys.STRANGE_SYSTEM_LINE),
    Chat("wxid_aqing", "阿青", "wechat", "dm"),
    _wx("wxid_aqing", "阿青"),
    Act("message", EIGHT + 4 * MINUTE, "wxid_aqing", text="在吗", line=6),
]


def _discord(value: str, name: str) -> Person:
    return Person(value, "discord.user", "", value, name)


def _reaction(emoji: str, value: int, **more: str) -> Act:
    return Act("reaction", EIGHT + MINUTE, "", emoji=emoji, value=value, precision="day", line=2, **more)  # type: ignore[arg-type]  # texts only


DISCORD_CSV: list[Entry] = [
    Chat("discord_dce", "discord_dce", "discord", "channel"),
    _discord("301", "lin"),
    Act("message", EIGHT + MINUTE, "301", text='今晚抽奖, "速来"', precision="ms", line=2),
    # Counts without names, of unknown times.
    _reaction("👍", 2, other="301"),
    _reaction("🎁", 1, other="301"),
    _discord("303", "bo"),
    Act("message", EIGHT + 2 * MINUTE, "303", text="多行\n第二行", form="image", precision="ms", line=3),
]

_NAME = "discourse_user_archive"
DISCOURSE_CSV: list[Entry] = [
    Chat("77", "新品体验官招募", "discourse", "topic"),
    # Whose archive it is stands in the file's name at best.
    Person(f"name:77:{_NAME}", "name", "77", _NAME, _NAME),
    Act("message", EIGHT, f"name:77:{_NAME}", "77/1", "报名开始", line=2),
    Act(
        "reaction",
        EIGHT,
        "",
        target="77/1",
        other=f"name:77:{_NAME}",
        emoji="like",
        value=3,
        precision="day",
        line=2,
    ),
]

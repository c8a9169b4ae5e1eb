"""What the QQ text samples say, written from the samples before any reader read them. Zone: Asia/Shanghai."""

from qunying.connectors.importers import whys, whys_text
from qunying.connectors.incoming import Act, Chat, Entry, Person, Unknown

MORNING = 1569199418000  # 2019-09-23 08:43:38 in Shanghai; the hour is written with one digit
HOUR = 3_600_000
MAIL = "aqing@example.com"

ALL: list[Entry] = [
    Chat("茶友福利群", "茶友福利群", "qq"),
    # The title 【管理员】 is a role; the nickname holds parentheses of its own.
    Person("10001001", "qq.uin", "", "10001001", "林主理(主理人)", roles=("admin",)),
    Act("message", MORNING, "10001001", text="今晚八点开奖\n第二行", line=9),
    # One account of this chat is called 阿青, though it speaks only later.
    Person(MAIL, "email", "", MAIL, "阿青"),
    Act("join", MORNING + 31_000, MAIL, line=13),
    # Nobody is called exactly 林主理: a weak identity, never a guess.
    Person("name:茶友福利群:林主理", "name", "茶友福利群", "林主理", "林主理"),
    Act("recall", MORNING + 52_000, "name:茶友福利群:林主理", line=16),
    # 20:46:18, 【潜水】 is a level and no role.
    Act("message", MORNING + 12 * HOUR + 160_000, MAIL, form="image", line=19),
    # A number as its own nickname is no name.
    Person("10001003", "qq.uin", "", "10001003"),
    Act("message", MORNING + 12 * HOUR + 202_000, "10001003", text="@林主理 参加", line=22),
    Person("name:茶友福利群:Bo", "name", "茶友福利群", "Bo", "Bo"),
    Act("leave", MORNING + 12 * HOUR + 262_000, "name:茶友福利群:Bo", line=25),
    # The second block is a single chat, with bare nicknames and a clock of twelve hours: 21:02:42.
    Chat("阿青", "阿青", "qq", "dm"),
    Person("name:阿青:阿青", "name", "阿青", "阿青", "阿青"),
    Act("message", 1569330162000, "name:阿青:阿青", text="在吗", line=34),
]

EIGHT = 1740787200000  # 2025-03-01 08:00 in Shanghai
MINUTE = 60_000

SINGLE: list[Entry] = [
    Chat("老茶客", "老茶客", "qq"),  # a group, as its members have numbers, whatever its category is called
    Person("10001002", "qq.uin", "", "10001002", "阿青"),
    # Said twice in one second: both stay.
    Act("message", EIGHT, "10001002", text="早", line=9),
    Act("message", EIGHT, "10001002", text="早", line=12),
    # One account under a second nickname; a ruler inside a message is text.
    Person("10001002", "qq.uin", "", "10001002", "青青", aliases=("阿青",)),
    Act("message", EIGHT + MINUTE, "10001002", text="=" * 64 + "\n上面是我画的线", line=15),
    # Two accounts are called Bo: who was invited is not known.
    Unknown(19, "阿青邀请Bo加入了本群。", whys_text.NAMESAKES),
    Person("10001003", "qq.uin", "", "10001003", "Bo"),
    Act("message", EIGHT + 3 * MINUTE, "10001003", form="image", line=22),
    Person("10001004", "qq.uin", "", "10001004", "Bo"),
    Act("message", EIGHT + 4 * MINUTE, "10001004", text="我也叫Bo", line=25),
    Unknown(28, "Bo退出了本群。", whys_text.NAMESAKES),
    Act("remove", EIGHT + 6 * MINUTE, "10001002", line=31),  # by an administrator without a name
    Unknown(34, "本群有了新的颜色", whys.STRANGE_SYSTEM_LINE),
    Unknown(37, "2025-02-30 8:08:00 Bo(10001003)\n不存在的一天", whys_text.BAD_TIME),
    Person("10001001", "qq.uin", "", "10001001", "林主理", roles=("owner",)),
    Act("message", EIGHT - 8 * 60 * MINUTE + 9 * MINUTE, "10001001", text="半夜好", line=40),
]

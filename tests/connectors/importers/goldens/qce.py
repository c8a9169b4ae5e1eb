"""What the qq-chat-exporter samples say. Times count from 08:00 in Shanghai on 1 March 2025."""

from qunying.connectors.importers import whys
from qunying.connectors.incoming import Act, Chat, Entry, Person, Unknown

EIGHT = 1740787200000

V5: list[Entry] = [
    # the file has no group number
    Chat(key="茶友福利群", name="茶友福利群", platform="qq"),
    # the announcement
    Person(
        ref="10001001",
        scheme="qq.uin",
        scope="",
        value="10001001",
        name="主理人",
        aliases=("林主理",),
        roles=("群主",),
    ),
    Act(
        kind="message",
        at=EIGHT,
        actor="10001001",
        id="1001",
        text="今晚八点开奖",
        precision="ms",
        line=1,
    ),
    # the quotation is the reply's target, not its text
    Person(ref="10001002", scheme="qq.uin", scope="", value="10001002", name="阿青"),
    Act(
        kind="message",
        at=EIGHT + 60_000,
        actor="10001002",
        id="1002",
        text="@主理人 参加",
        target="1001",
        other="10001001",
        precision="ms",
        line=2,
    ),
    # a picture; its placeholder is no text
    Act(
        kind="message",
        at=EIGHT + 90_000,
        actor="10001002",
        id="1003",
        form="image",
        precision="ms",
        line=3,
    ),
    # Bo says nothing here: known by name only
    Person(ref="name:Bo", scheme="name", scope="茶友福利群", value="Bo", name="Bo"),
    Act(kind="join", at=EIGHT + 120_000, actor="name:Bo", id="1004", precision="ms", line=4),
    # the recalled message happened
    Act(kind="message", at=EIGHT + 150_000, actor="10001002", id="1005", precision="ms", line=5),
    # … and was recalled, nobody knows when
    Act(
        kind="recall",
        at=EIGHT + 150_000,
        actor="10001002",
        target="1005",
        precision="day",
        line=5,
    ),
]

V4: list[Entry] = [
    # version 4
    Chat(key="茶友福利群", name="茶友福利群", platform="qq"),
    # seconds
    Person(ref="10001001", scheme="qq.uin", scope="", value="10001001", name="林主理"),
    Act(kind="message", at=EIGHT, actor="10001001", id="1", text="今晚八点", precision="ms", line=1),
    # an ISO time; the reply stands beside the text
    Person(ref="10001002", scheme="qq.uin", scope="", value="10001002", name="阿青"),
    Act(
        kind="message",
        at=EIGHT + 60_000,
        actor="10001002",
        id="2",
        text="好",
        target="1",
        other="10001001",
        precision="ms",
        line=2,
    ),
    # the number is hidden
    Person(ref="u_hidden", scheme="qq.uid", scope="", value="u_hidden", name="藏号"),
    Act(kind="message", at=EIGHT + 120_000, actor="u_hidden", id="3", form="sticker", precision="ms", line=3),
    # the newcomer's number stands in the line
    Person(ref="10001003", scheme="qq.uin", scope="", value="10001003", name="Bo"),
    Act(
        kind="join",
        at=EIGHT + 130_000,
        actor="10001003",
        id="4",
        other="10001002",
        source="邀请",
        precision="ms",
        line=4,
    ),
    # both are named in the file
    Act(
        kind="remove", at=EIGHT + 140_000, actor="10001002", id="5", other="10001001", precision="ms", line=5
    ),
    # a grey tip nobody knows
    Unknown(line=6, raw="天上掉下一个茶杯", why=whys.STRANGE_SYSTEM_LINE),
    # nobody said it
    Unknown(line=7, raw="没有人说的话", why=whys.NO_SENDER),
]

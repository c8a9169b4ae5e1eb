"""What the ChatLab samples say. Times count from 08:00 in Shanghai on 1 March 2025."""

from qunying.connectors.importers import whys
from qunying.connectors.incoming import Act, Chat, Entry, Person, Unknown

EIGHT = 1740787200000

DOCUMENT: list[Entry] = [
    # the meta block names the group by its number
    Chat(key="5001", name="茶友福利群", platform="qq"),
    # the owner's announcement
    Person(
        ref="10001001",
        scheme="qq.uin",
        scope="",
        value="10001001",
        name="主理人",
        aliases=("林主理",),
        roles=("owner",),
        is_listed=True,
    ),
    Person(
        ref="10001002",
        scheme="qq.uin",
        scope="",
        value="10001002",
        name="阿青",
        aliases=("青青",),
        is_listed=True,
    ),
    Act(kind="message", at=EIGHT, actor="10001001", id="m1", text="今晚八点开奖", line=1),
    # a reply: type 25 and the id of what it answers
    Act(kind="message", at=EIGHT + 60_000, actor="10001002", id="m2", text="参加", target="m1", line=2),
    # Bo is in no member list and says nothing: known by name only
    Person(ref="name:Bo", scheme="name", scope="5001", value="Bo", name="Bo"),
    Act(kind="join", at=EIGHT + 90_000, actor="name:Bo", id="m3", line=3),
    # type 81 tells of a recall and hides the text
    Act(kind="recall", at=EIGHT + 120_000, actor="10001002", id="m4", target="m4", line=4),
    # an image without text
    Act(kind="message", at=EIGHT + 130_000, actor="10001002", id="m5", form="image", line=5),
]

WECHAT: list[Entry] = [
    # header
    Chat(key="2@chatroom", name="茶友福利群", platform="wechat"),
    # two came by one line: the first has an account of that name
    Person(ref="wxid_lin", scheme="wechat.wxid", scope="", value="wxid_lin", name="林主理", is_listed=True),
    Person(ref="wxid_bo", scheme="wechat.wxid", scope="", value="wxid_bo", name="Bo", is_listed=True),
    Person(ref="wxid_ann1", scheme="wechat.wxid", scope="", value="wxid_ann1", name="Ann", is_listed=True),
    Person(ref="wxid_ann2", scheme="wechat.wxid", scope="", value="wxid_ann2", name="Ann", is_listed=True),
    Act(kind="join", at=EIGHT, actor="wxid_bo", id="1", other="wxid_lin", source="邀请", line=9),
    # two accounts are called Ann, so this Ann is nobody for sure
    Person(ref="name:Ann", scheme="name", scope="2@chatroom", value="Ann", name="Ann"),
    Act(kind="join", at=EIGHT, actor="name:Ann", id="1/2", other="wxid_lin", source="邀请", line=9),
    # a recall told by the platform
    Act(kind="recall", at=EIGHT + 1_000, actor="wxid_bo", id="2", line=10),
    # the pat on line 11 tells nothing; a wording nobody knows
    Unknown(line=12, raw="群里来了一只猫", why=whys.STRANGE_SYSTEM_LINE),
    # our own wording, with account ids
    Act(kind="join", at=EIGHT + 4_000, actor="wxid_bo", id="5", other="wxid_lin", line=13),
    # our own wording about one the member list does not have
    Person(ref="wxid_new", scheme="wechat.wxid", scope="", value="wxid_new", name="新人"),
    Act(kind="remove", at=EIGHT + 5_000, actor="wxid_new", id="6", other="wxid_lin", line=14),
    # a red packet by one outside the member list
    Person(ref="wxid_guest", scheme="wechat.wxid", scope="", value="wxid_guest", name="客人"),
    Act(
        kind="message",
        at=EIGHT + 6_000,
        actor="wxid_guest",
        id="7",
        text="恭喜发财",
        form="red_packet",
        line=15,
    ),
    # the poke on line 16 tells nothing; a type nobody knows
    Unknown(line=17, raw="type 66: ?", why=whys.STRANGE_KIND),
    # milliseconds, and half an emoji
    Act(kind="message", at=EIGHT + 9_000, actor="wxid_bo", id="10", text="半个表情 ?", line=18),
    # a message without a time
    Unknown(
        line=19,
        raw='{"_type": "message", "platformMessageId": "11", "sender": "wxid_bo", "type": 0, "content": "没有时间"}',
        why=whys.BROKEN_RECORD,
    ),
    # “你” is the owner of the phone, whom ChatLab does not name: the sentence has an act but no known kicker
    Act(kind="remove", at=EIGHT + 10_000, actor="wxid_guest", id="12", line=20),
]

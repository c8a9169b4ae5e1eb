"""What the Zulip samples say. Times count from 08:00 in Shanghai on 1 March 2025."""

from qunying.connectors.incoming import Act, Chat, Entry, Person

EIGHT = 1740787200000

REALM: list[Entry] = [
    # both are subscribed
    Chat(key="5", name="general", platform="zulip", kind="channel"),
    # the audit log has Bo's true join
    Person(ref="8", scheme="zulip.user", scope="tea", value="8", name="林主理", is_listed=True),
    Person(ref="9", scheme="zulip.user", scope="tea", value="9", name="Bo", is_listed=True),
    Act(kind="join", at=EIGHT - 1_000, actor="9", id="log:1", precision="ms", line=1),
    # the announcement
    Act(kind="message", at=EIGHT + 250, actor="8", id="31", text="今晚八点开奖", precision="ms", line=1),
    # Bo's reaction, its time unknown
    Act(
        kind="reaction",
        at=EIGHT + 250,
        actor="9",
        target="31",
        other="8",
        emoji="👍",
        precision="day",
        line=1,
    ),
    # the quotation is the reply's target, not its text
    Act(
        kind="message",
        at=EIGHT + 60_750,
        actor="9",
        id="32",
        text="参加",
        target="31",
        other="8",
        precision="ms",
        line=2,
    ),
]

REALM_MORE: list[Entry] = [
    # Bo is no longer subscribed
    Chat(key="5", name="general", platform="zulip", kind="channel"),
    # subscribed by 林主理
    Person(
        ref="8", scheme="zulip.user", scope="tea", value="8", name="林主理", roles=("owner",), is_listed=True
    ),
    Person(ref="9", scheme="zulip.user", scope="tea", value="9", name="Bo"),
    Act(kind="join", at=EIGHT - 9_500, actor="9", id="log:1", other="8", precision="ms", line=1),
    # removed by 林主理
    Act(kind="remove", at=EIGHT - 9_000, actor="9", id="log:2", other="8", precision="ms", line=2),
    # came back alone
    Act(kind="join", at=EIGHT - 8_000, actor="9", id="log:3", precision="ms", line=3),
    # left alone
    Act(kind="leave", at=EIGHT - 7_000, actor="9", id="log:4", precision="ms", line=4),
    # the text was edited
    Act(
        kind="message",
        at=EIGHT,
        actor="8",
        id="1",
        text="改过",
        edited_at=EIGHT + 10_000,
        precision="ms",
        line=1,
    ),
    # only the topic was moved: no edit
    Act(kind="message", at=EIGHT + 1_000, actor="8", id="2", text="只挪了话题", precision="ms", line=2),
    # the last of the stream stands behind others in the file
    Act(kind="message", at=EIGHT + 4_000, actor="8", id="5", text="回到 general", precision="ms", line=5),
    # nobody is subscribed to 新手
    Chat(key="6", name="新手", platform="zulip", kind="channel"),
    # the notification bot
    Person(ref="1", scheme="zulip.user", scope="tea", value="1", name="Notification Bot", is_bot=True),
    Act(kind="message", at=EIGHT + 2_000, actor="1", id="3", text="机器人", precision="ms", line=3),
    # a group conversation
    Chat(key="group:1", name="group:1", platform="zulip"),
    # its message
    Person(ref="9", scheme="zulip.user", scope="tea", value="9", name="Bo"),
    Act(kind="message", at=EIGHT + 3_000, actor="9", id="4", text="私下说", precision="ms", line=4),
]

TOPICS: list[Entry] = [
    # a folder is a stream
    Chat(key="general", name="general", platform="zulip", kind="channel"),
    # the topic's name begins with a dot
    Person(ref="8", scheme="zulip.user", scope="", value="8", name="林主理"),
    Act(kind="message", at=EIGHT, actor="8", id="41", text="话题名以点开头", line=1),
    # rendered text; the quotation is the reply's target
    Person(ref="9", scheme="zulip.user", scope="", value="9", name="Bo"),
    Act(
        kind="message",
        at=EIGHT + 60_000,
        actor="9",
        id="42",
        text="参加 算我一个",
        target="41",
        other="8",
        line=1,
    ),
    # a picture
    Act(kind="message", at=EIGHT + 120_000, actor="8", id="43", form="image", line=2),
    # its reaction
    Act(
        kind="reaction",
        at=EIGHT + 120_000,
        actor="9",
        target="43",
        other="8",
        emoji="🍵",
        precision="day",
        line=2,
    ),
    # the other stream; its first topic is empty
    Chat(key="新手", name="新手", platform="zulip", kind="channel"),
    # no sender id: known by name only
    Person(ref="name:无号", scheme="name", scope="新手", value="无号", name="无号"),
    Act(kind="message", at=EIGHT + 180_000, actor="name:无号", id="44", text="只有名字", line=1),
]

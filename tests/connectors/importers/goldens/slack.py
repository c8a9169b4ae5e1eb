"""What the Slack sample says. Times count from 08:00 in Shanghai on 1 March 2025."""

from qunying.connectors.incoming import Act, Chat, Entry, Person

EIGHT = 1740787200000

WORKSPACE: list[Entry] = [
    # the channel by its id; the deactivated account is not listed
    Chat(key="C01", name="general", platform="slack", kind="channel"),
    # joined, invited by U01
    Person(
        ref="U01",
        scheme="slack.user",
        scope="T01",
        value="U01",
        name="主理人",
        aliases=("林主理", "lin"),
        roles=("owner", "admin"),
        is_listed=True,
    ),
    Person(ref="U02", scheme="slack.user", scope="T01", value="U02", name="Bo", aliases=("bo",)),
    Act(kind="join", at=EIGHT, actor="U02", id="1740787200.000100", other="U01", precision="ms", line=1),
    # entities, markup and a link in plain words
    Act(
        kind="message",
        at=EIGHT,
        actor="U01",
        id="1740787200.000200",
        text="福利 & 抽奖 @here 看 活动页 https://e.example/x #general",
        precision="ms",
        line=2,
    ),
    # one reactor is named
    Act(
        kind="reaction",
        at=EIGHT,
        actor="U02",
        target="1740787200.000200",
        other="U01",
        emoji="thumbsup",
        precision="day",
        line=2,
    ),
    # the other is only counted; the skin tone is left out
    Act(
        kind="reaction",
        at=EIGHT,
        actor="",
        target="1740787200.000200",
        other="U01",
        emoji="thumbsup",
        precision="day",
        line=2,
    ),
    # a reply in a thread, edited
    Act(
        kind="message",
        at=EIGHT + 60_000,
        actor="U02",
        id="1740787260.000300",
        text="参加 @主理人",
        target="1740787200.000200",
        other="U01",
        edited_at=EIGHT + 70_000,
        precision="ms",
        line=3,
    ),
    # a reply shown in the channel as well
    Act(
        kind="message",
        at=EIGHT + 80_000,
        actor="U02",
        id="1740787280.000400",
        text="同步到频道",
        target="1740787200.000200",
        other="U01",
        precision="ms",
        line=4,
    ),
    # a bot without an account
    Person(ref="B01", scheme="slack.user", scope="T01", value="B01", name="CI", is_bot=True),
    Act(
        kind="message",
        at=EIGHT + 90_000,
        actor="B01",
        id="1740787290.000500",
        text="build ok",
        precision="ms",
        line=5,
    ),
    # channels.json tells which message was pinned
    Act(
        kind="pin",
        at=EIGHT + 100_000,
        actor="U01",
        id="1740787300.000600",
        target="1740787200.000200",
        precision="ms",
        line=6,
    ),
    # the new topic
    Act(
        kind="notice",
        at=EIGHT + 110_000,
        actor="U01",
        id="1740787310.000700",
        text="公告",
        precision="ms",
        line=7,
    ),
    # a tombstone says only that a message was deleted
    Act(kind="recall", at=EIGHT + 120_000, actor="", target="1740787320.000800", precision="ms", line=8),
    # a picture
    Act(
        kind="message",
        at=EIGHT + 130_000,
        actor="U02",
        id="1740787330.000900",
        form="image",
        precision="ms",
        line=9,
    ),
    # left
    Act(kind="leave", at=EIGHT + 200_001, actor="U02", id="1740787400.001000", precision="ms", line=10),
]

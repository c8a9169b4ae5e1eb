"""What the DiscordChatExporter samples say. Times count from 08:00 in Shanghai on 1 March 2025."""

from qunying.connectors.importers import whys
from qunying.connectors.incoming import Act, Chat, Entry, Person, Unknown

EIGHT = 1740787200000

SERVER: list[Entry] = [
    # server and channel
    Chat(key="200", name="Tea Guild / welcome", platform="discord", kind="channel"),
    # the join has milliseconds
    Person(ref="303", scheme="discord.user", scope="", value="303", name="Bo", aliases=("bo",)),
    Act(kind="join", at=EIGHT + 123, actor="303", id="1345000000000000001", precision="ms", line=1),
    # edited; pinned is only a state
    Person(
        ref="301",
        scheme="discord.user",
        scope="",
        value="301",
        name="林主理",
        aliases=("lin",),
        roles=("Staff",),
    ),
    Act(
        kind="message",
        at=EIGHT + 60_000,
        actor="301",
        id="1345000000000000002",
        text="今晚抽奖 🎁",
        edited_at=EIGHT + 300_000,
        precision="ms",
        line=2,
    ),
    # one reactor is named
    Act(
        kind="reaction",
        at=EIGHT + 60_000,
        actor="303",
        target="1345000000000000002",
        other="301",
        emoji="👍",
        precision="day",
        line=2,
    ),
    # the other is only counted
    Act(
        kind="reaction",
        at=EIGHT + 60_000,
        actor="",
        target="1345000000000000002",
        other="301",
        emoji="👍",
        precision="day",
        line=2,
    ),
    # a reply
    Act(
        kind="message",
        at=EIGHT + 120_000,
        actor="303",
        id="1345000000000000003",
        text="参加",
        target="1345000000000000002",
        precision="ms",
        line=3,
    ),
    # the pin names the message
    Act(
        kind="pin",
        at=EIGHT + 180_000,
        actor="301",
        id="1345000000000000004",
        target="1345000000000000002",
        precision="ms",
        line=4,
    ),
    # type 8 is a boost
    Person(ref="304", scheme="discord.user", scope="", value="304", name="Ann", aliases=("ann",)),
    Act(
        kind="notice",
        at=EIGHT + 240_000,
        actor="304",
        id="1345000000000000005",
        text="boost",
        precision="ms",
        line=5,
    ),
    # a bot
    Person(
        ref="390",
        scheme="discord.user",
        scope="",
        value="390",
        name="Carl",
        aliases=("carl-bot",),
        is_bot=True,
    ),
    Act(
        kind="message",
        at=EIGHT + 360_000,
        actor="390",
        id="1345000000000000006",
        text="自动消息",
        precision="ms",
        line=6,
    ),
]

GROUP: list[Entry] = [
    # a group of friends
    Chat(key="900", name="Direct Messages / tea friends", platform="discord"),
    # Bo was added by lin
    Person(ref="301", scheme="discord.user", scope="", value="301", name="lin"),
    Person(ref="303", scheme="discord.user", scope="", value="303", name="Bo", aliases=("bo",)),
    Act(kind="join", at=EIGHT, actor="303", id="1", other="301", precision="ms", line=1),
    # Bo was removed by lin
    Act(kind="remove", at=EIGHT + 1_000, actor="303", id="2", other="301", precision="ms", line=2),
    # lin left
    Act(kind="leave", at=EIGHT + 2_000, actor="301", id="3", precision="ms", line=3),
    # the channel's new name
    Act(
        kind="notice",
        at=EIGHT + 3_000,
        actor="301",
        id="4",
        text="Changed the channel name: tea",
        precision="ms",
        line=4,
    ),
    # the call tells nothing; a forwarded message
    Act(
        kind="message",
        at=EIGHT + 5_000,
        actor="301",
        id="6",
        text="转来的话",
        form="quote",
        precision="ms",
        line=6,
    ),
    # the form follows the file name
    Act(
        kind="message", at=EIGHT + 6_000, actor="301", id="7", text="看", form="image", precision="ms", line=7
    ),
    # a type nobody knows
    Unknown(
        line=8,
        raw='{"id":"8","type":"99","timestamp":"2025-03-01T00:00:07+00:00","content":"","author":{"id":"301","name":"lin","nickname":"lin","isBot":false}}',
        why=whys.STRANGE_KIND,
    ),
]

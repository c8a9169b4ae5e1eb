"""What the Mattermost samples say. Times count from 08:00 in Shanghai on 1 March 2025."""

from qunying.connectors.importers import whys
from qunying.connectors.incoming import Act, Chat, Entry, Person, Unknown

EIGHT = 1740787200000

BULK: list[Entry] = [
    # the channel by team and name
    Chat(key="tea/general", name="General", platform="mattermost", kind="channel"),
    # the announcement; time and author make its id
    Person(
        ref="lin",
        scheme="mattermost.username",
        scope="",
        value="lin",
        name="林主理",
        aliases=("lin",),
        roles=("team_admin",),
        is_listed=True,
    ),
    Act(
        kind="message",
        at=EIGHT,
        actor="lin",
        id="1740787200000.lin",
        text="今晚八点开奖",
        precision="ms",
        line=5,
    ),
    # a reaction with its own time
    Person(ref="bo", scheme="mattermost.username", scope="", value="bo", name="bo"),
    Act(
        kind="reaction",
        at=EIGHT + 5_000,
        actor="bo",
        target="1740787200000.lin",
        other="lin",
        emoji="+1",
        precision="ms",
        line=5,
    ),
    # a reply nested in its post
    Act(
        kind="message",
        at=EIGHT + 60_000,
        actor="bo",
        id="1740787260000.bo",
        text="参加",
        target="1740787200000.lin",
        other="lin",
        precision="ms",
        line=5,
    ),
]

SYSTEM: list[Entry] = [
    # a line nobody knows
    Unknown(line=11, raw='{"type":"tea_leaf"}', why=whys.STRANGE_KIND),
    # channel A
    Chat(key="tea/a", name="A", platform="mattermost", kind="channel"),
    # joined
    Person(ref="bo", scheme="mattermost.username", scope="", value="bo", name="bo"),
    Act(kind="join", at=EIGHT, actor="bo", id="1740787200000.bo", precision="ms", line=4),
    # removed by lin
    Person(ref="lin", scheme="mattermost.username", scope="", value="lin", name="lin"),
    Act(
        kind="remove",
        at=EIGHT + 2_000,
        actor="bo",
        id="1740787202000.lin",
        other="lin",
        precision="ms",
        line=6,
    ),
    # the new header
    Act(
        kind="notice",
        at=EIGHT + 3_000,
        actor="lin",
        id="1740787203000.lin",
        text="公告",
        precision="ms",
        line=7,
    ),
    # left
    Act(kind="leave", at=EIGHT + 4_000, actor="lin", id="1740787204000.lin", precision="ms", line=8),
    # a type nobody knows
    Unknown(
        line=9,
        raw='{"team":"tea","channel":"a","user":"lin","type":"system_levitate","message":"x","create_at":1740787205000}',
        why=whys.STRANGE_KIND,
    ),
    # channel B
    Chat(key="tea/b", name="B", platform="mattermost", kind="channel"),
    # added by lin
    Person(ref="lin", scheme="mattermost.username", scope="", value="lin", name="lin"),
    Person(ref="ann", scheme="mattermost.username", scope="", value="ann", name="ann"),
    Act(
        kind="join",
        at=EIGHT + 1_000,
        actor="ann",
        id="1740787201000.lin",
        other="lin",
        precision="ms",
        line=5,
    ),
    # a private conversation
    Chat(key="bo+lin", name="bo, lin", platform="mattermost", kind="dm"),
    # its message
    Person(ref="bo", scheme="mattermost.username", scope="", value="bo", name="bo"),
    Act(
        kind="message",
        at=EIGHT + 6_000,
        actor="bo",
        id="1740787206000.bo",
        text="私聊",
        precision="ms",
        line=10,
    ),
]

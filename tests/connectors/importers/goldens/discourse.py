"""What the Discourse samples say. Times count from 08:00 in Shanghai on 1 March 2025."""

from qunying.connectors.importers import whys
from qunying.connectors.incoming import Act, Chat, Entry, Person, Unknown

EIGHT = 1740787200000

TOPIC: list[Entry] = [
    # a topic is a chat
    Chat(key="77", name="新品体验官招募", platform="discourse", kind="topic"),
    # the first post, edited
    Person(
        ref="1", scheme="discourse.user", scope="", value="1", name="林主理", aliases=("lin",), is_staff=True
    ),
    Act(
        kind="message",
        at=EIGHT,
        actor="1",
        id="501",
        text="报名开始",
        edited_at=EIGHT + 600_000,
        precision="ms",
        line=1,
    ),
    # three likes without names
    Act(
        kind="reaction",
        at=EIGHT,
        actor="",
        target="501",
        other="1",
        emoji="like",
        value=3,
        precision="day",
        line=1,
    ),
    # the answer; the closing tells nothing of a member
    Person(ref="2", scheme="discourse.user", scope="", value="2", name="Bo", aliases=("bo",)),
    Act(
        kind="message",
        at=EIGHT + 300_000,
        actor="2",
        id="502",
        text="报名",
        target="501",
        other="1",
        precision="ms",
        line=2,
    ),
]

TOPICS: list[Entry] = [
    # the first topic of the folder
    Chat(key="77", name="新品体验官招募", platform="discourse", kind="topic"),
    # the first post, edited
    Person(
        ref="1", scheme="discourse.user", scope="", value="1", name="林主理", aliases=("lin",), is_staff=True
    ),
    Act(
        kind="message",
        at=EIGHT,
        actor="1",
        id="501",
        text="报名开始",
        edited_at=EIGHT + 600_000,
        precision="ms",
        line=1,
    ),
    # three likes without names
    Act(
        kind="reaction",
        at=EIGHT,
        actor="",
        target="501",
        other="1",
        emoji="like",
        value=3,
        precision="day",
        line=1,
    ),
    # the answer
    Person(ref="2", scheme="discourse.user", scope="", value="2", name="Bo", aliases=("bo",)),
    Act(
        kind="message",
        at=EIGHT + 300_000,
        actor="2",
        id="502",
        text="报名",
        target="501",
        other="1",
        precision="ms",
        line=2,
    ),
    # the second topic, its title at the end
    Chat(key="78", name="第二个主题", platform="discourse", kind="topic"),
    # raw text as written
    Person(ref="1", scheme="discourse.user", scope="", value="1", name="lin"),
    Act(kind="message", at=EIGHT + 500, actor="1", id="601", text="原文 **粗体**", precision="ms", line=1),
    # rendered text without the quotation
    Person(ref="2", scheme="discourse.user", scope="", value="2", name="Bo", aliases=("bo",)),
    Act(
        kind="message",
        at=EIGHT + 60_000,
        actor="2",
        id="602",
        text="同意\n第二行 :tea:",
        precision="ms",
        line=2,
    ),
    # pinned
    Act(kind="pin", at=EIGHT + 120_000, actor="1", id="603", target="601", precision="ms", line=3),
    # removed by lin; only a name
    Person(ref="name:ann", scheme="name", scope="78", value="ann", name="ann"),
    Act(kind="remove", at=EIGHT + 180_000, actor="name:ann", id="604", other="1", precision="ms", line=4),
    # an action nobody knows
    Unknown(
        line=5,
        raw='{"id":605,"username":"lin","name":"","user_id":1,"created_at":"2025-03-01T00:04:00.000Z","cooked":"","post_number":5,"post_type":3,"action_code":"brewed"}',
        why=whys.STRANGE_SYSTEM_LINE,
    ),
]

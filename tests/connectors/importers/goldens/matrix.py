"""What the Element samples say. Times count from 08:00 in Shanghai on 1 March 2025."""

from qunying.connectors.importers import whys
from qunying.connectors.incoming import Act, Chat, Entry, Person, Unknown

EIGHT = 1740787200000

ROOM: list[Entry] = [
    # the room by its id
    Chat(key="!r:tea.example", name="茶友福利群", platform="matrix"),
    # joined, with no state before
    Person(ref="@bo:tea.example", scheme="matrix.mxid", scope="", value="@bo:tea.example", name="Bo"),
    Act(kind="join", at=EIGHT, actor="@bo:tea.example", id="$e1", precision="ms", line=1),
    # the announcement
    Person(ref="@lin:tea.example", scheme="matrix.mxid", scope="", value="@lin:tea.example"),
    Act(
        kind="message",
        at=EIGHT + 60_000,
        actor="@lin:tea.example",
        id="$e2",
        text="今晚八点开奖",
        precision="ms",
        line=2,
    ),
    # a reaction
    Act(
        kind="reaction",
        at=EIGHT + 70_000,
        actor="@bo:tea.example",
        id="$e3",
        target="$e2",
        emoji="👍",
        precision="ms",
        line=3,
    ),
    # a reply without the quoted lines
    Act(
        kind="message",
        at=EIGHT + 80_000,
        actor="@bo:tea.example",
        id="$e4",
        text="参加",
        target="$e2",
        precision="ms",
        line=4,
    ),
    # the redacted message happened
    Act(kind="message", at=EIGHT + 90_000, actor="@bo:tea.example", id="$e5", precision="ms", line=5),
    # … and was redacted by lin
    Act(
        kind="recall",
        at=EIGHT + 95_000,
        actor="@lin:tea.example",
        target="$e5",
        other="@bo:tea.example",
        precision="ms",
        line=5,
    ),
    # leaving by somebody else's hand is being removed
    Act(
        kind="remove",
        at=EIGHT + 100_000,
        actor="@bo:tea.example",
        id="$e6",
        other="@lin:tea.example",
        precision="ms",
        line=6,
    ),
]

MORE: list[Entry] = [
    # another room
    Chat(key="!t:tea.example", name="茶室", platform="matrix"),
    # the invitation is nothing yet; the join names the inviter, and the new display name after it is no join
    Person(ref="@bo:tea.example", scheme="matrix.mxid", scope="", value="@bo:tea.example", name="Bo"),
    Person(ref="@lin:tea.example", scheme="matrix.mxid", scope="", value="@lin:tea.example"),
    Act(
        kind="join",
        at=EIGHT + 1_000,
        actor="@bo:tea.example",
        id="$2",
        other="@lin:tea.example",
        precision="ms",
        line=3,
    ),
    # the edited text, once
    Act(
        kind="message",
        at=EIGHT + 3_000,
        actor="@bo:tea.example",
        id="$4",
        text="对字",
        edited_at=EIGHT + 9_000,
        precision="ms",
        line=5,
    ),
    # only the newly pinned
    Act(
        kind="pin", at=EIGHT + 11_000, actor="@lin:tea.example", id="$7", target="$4", precision="ms", line=8
    ),
    # the new topic
    Act(
        kind="notice",
        at=EIGHT + 12_000,
        actor="@lin:tea.example",
        id="$8",
        text="新公告",
        precision="ms",
        line=9,
    ),
    # a poll by its question
    Act(
        kind="message",
        at=EIGHT + 13_000,
        actor="@lin:tea.example",
        id="$9",
        text="喝什么",
        form="poll",
        precision="ms",
        line=10,
    ),
    # a vote has no place among our acts yet
    Unknown(
        line=11,
        raw='{"type":"m.poll.response","sender":"@bo:tea.example","content":{"m.relates_to":{"rel_type":"m.reference","event_id":"$9"}},"event_id":"$10","origin_server_ts":1740787214000,"room_id":"!t:tea.example"}',
        why=whys.NOT_COUNTED,
    ),
    # a redaction as an event
    Act(
        kind="recall",
        at=EIGHT + 15_000,
        actor="@bo:tea.example",
        id="$11",
        target="$4",
        precision="ms",
        line=12,
    ),
    # left; the ban after it changes nothing
    Act(kind="leave", at=EIGHT + 16_000, actor="@bo:tea.example", id="$12", precision="ms", line=13),
    # an event nobody knows
    Unknown(
        line=15,
        raw='{"type":"com.example.tea","sender":"@bo:tea.example","content":{},"event_id":"$14","origin_server_ts":1740787218000,"room_id":"!t:tea.example"}',
        why=whys.STRANGE_KIND,
    ),
    # the edit of a message before the export begins
    Unknown(
        line=0,
        raw=(
            '{"type":"m.room.message","sender":"@bo:tea.example","content":{"msgtype":"m.text","body":"* x",'
            '"m.new_content":{"body":"x"},"m.relates_to":{"rel_type":"m.replace","event_id":"$older"}},'
            '"event_id":"$6","origin_server_ts":1740787210000,"room_id":"!t:tea.example"}'
        ),
        why=whys.OUTSIDE_FILE,
    ),
]

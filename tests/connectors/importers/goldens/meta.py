"""What Meta's samples say. Times count from 08:00 in Shanghai on 1 March 2025."""

from qunying.connectors.incoming import Act, Chat, Entry, Person

EIGHT = 1740787200000

MOJIBAKE: list[Entry] = [
    # one conversation
    Chat(key="inbox/x", name="x", platform="instagram", kind="dm"),
    # the text turned back
    Person(ref="name:林主理", scheme="name", scope="inbox/x", value="林主理", name="林主理"),
    Act(kind="message", at=EIGHT, actor="name:林主理", text="今晚八点开奖", precision="ms", line=1),
    # the reaction, its time not stated
    Person(ref="name:Bo", scheme="name", scope="inbox/x", value="Bo", name="Bo"),
    Act(kind="reaction", at=EIGHT, actor="name:Bo", other="name:林主理", emoji="❤", precision="day", line=1),
]

PARTS: list[Entry] = [
    # the oldest part comes first
    Chat(key="inbox/tea_1", name="茶", platform="meta"),
    # its message
    Person(ref="name:林", scheme="name", scope="inbox/tea_1", value="林", name="林"),
    Person(ref="name:Bo", scheme="name", scope="inbox/tea_1", value="Bo", name="Bo"),
    Person(ref="name:Ann", scheme="name", scope="inbox/tea_1", value="Ann", name="Ann"),
    Act(kind="message", at=EIGHT, actor="name:林", text="早", precision="ms", line=1),
    # a photo
    Act(kind="message", at=EIGHT + 120_000, actor="name:Bo", form="image", precision="ms", line=1),
    # a reaction with its own time
    Act(kind="reaction", at=EIGHT + 130_000, actor="name:Ann", other="name:Bo", emoji="👍", line=1),
    # unsent
    Act(kind="recall", at=EIGHT + 60_000, actor="name:Ann", precision="ms", line=2),
]

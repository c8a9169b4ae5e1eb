"""Messages read off, as far as that goes without the database: natural keys, days, and what the text tells before it
may go. A long file is read so in a process of its own (`aside`)."""

from __future__ import annotations

from collections import Counter

from qunying.connectors.incoming import Act, Chat, Spoken
from qunying.connectors.texts import clean, likeness, marks
from qunying.facts.keys import Keys, subject
from qunying.kit.days import Clock

DATED = range(4_102_444_800_000)
"""1970 to 2100: moments that have a day. Which of them count is for the writer to say."""


class Reading:
    """The messages of one chat, from the first of them on: those without ids are told apart by counting."""

    def __init__(self, chat: Chat, keys: Keys, clock: Clock) -> None:
        self.prefix = f"{chat.platform}|{chat.key}|"
        self._keys, self._day = keys, clock.day
        self._repeats: Counter[bytes] = Counter()
        self.spoken = Spoken()

    def add(self, act: Act) -> None:
        """Read one message; the hot path of every import."""
        spoken, at, text = self.spoken, act.at, clean(act.text)
        key = self._key(act)
        if act.edited_at and act.id:
            edit = self._keys(f"{self.prefix}e|{act.id}|{act.edited_at}")
            spoken.edits.append((len(spoken), edit))
        spoken.line.append(act.line)
        spoken.actor.append(act.actor)
        spoken.at.append(at)
        spoken.day.append(self._day(at) if at in DATED else 0)
        spoken.key.append(key)
        spoken.subject.append(subject(key))
        spoken.target.append(self.number(act.target) if act.target else None)
        spoken.form.append(act.form)
        spoken.text.append(text)
        spoken.marks.append(marks(text, act.form, is_staff=False))
        spoken.likeness.append(likeness(text))
        spoken.version.append(act.edited_at or at)

    def take(self) -> Spoken:
        """What was read since the last time."""
        taken, self.spoken = self.spoken, Spoken()
        return taken

    def number(self, target: str) -> int:
        """The number of the message with this id."""
        return subject(self._keys(f"{self.prefix}m|{target}"))

    def _key(self, act: Act) -> bytes:
        """The message's natural key: its platform id, else what was said when by whom and the how-manieth of those."""
        if act.id:
            return self._keys(f"{self.prefix}m|{act.id}")
        same = f"{self.prefix}t|{act.at}|{act.actor}|{' '.join(act.text.split())}"
        bucket = self._keys(same)
        self._repeats[bucket] += 1
        return self._keys(f"{same}|{self._repeats[bucket]}")

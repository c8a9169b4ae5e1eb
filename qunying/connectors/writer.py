"""From acts to columns of facts and texts: who is who, who answered whom, what is left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import compress, islice

from qunying.brands.rows import Value
from qunying.communities.fact_kinds import (
    CONTACT_ADDED,
    CONTACT_LOST,
    EDITED,
    INVITED,
    JOINED,
    LEFT,
    PINNED,
    REACTED,
    RECALLED,
    REMOVED,
    SENT,
    SHARED,
    UNREACTED,
)
from qunying.communities.models import Community
from qunying.connectors.desk import Desk
from qunying.connectors.incoming import Act, Spoken, Unknown
from qunying.connectors.summary import note_unknown
from qunying.connectors.texts import likeness, marks
from qunying.facts import log
from qunying.facts.marks import FLAGGED_TIME
from qunying.kit import days
from qunying.kit.blacking import without

WINDOW = 65_536
"""Messages whose authors are remembered for replies and reactions; older ones are looked up."""
OLDEST = days.utc_ms(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
KINDS = {
    "reaction": REACTED,
    "unreaction": UNREACTED,
    "join": JOINED,
    "invite": JOINED,
    "leave": LEFT,
    "remove": REMOVED,
    "recall": RECALLED,
    "pin": PINNED,
    "share": SHARED,
    "contact_add": CONTACT_ADDED,
    "contact_loss": CONTACT_LOST,
}
Columns = list[Sequence[Value]]


class Writer:
    """Turns what was said and done until one flush into columns of facts and texts."""

    def __init__(self, desk: Desk, community: Community) -> None:
        self.desk, self.visit = desk, desk.visit
        self.summary = desk.summary
        self.brand, self.place, self.batch = desk.visit.brand.pk, community.pk, desk.visit.batch
        self.channel = desk.channel.pk if desk.channel else None
        self.latest, self.limit = self.visit.now + days.QUARTER_MS, self.visit.now + days.DAY_MS
        self.rows: list[log.Row] = []

    def write(self, spoken: Spoken, acts: list[Act]) -> tuple[Columns, Columns]:
        """Facts in the order of log.WRITTEN, and texts in that of MESSAGE_COLUMNS. Messages come last: who reads the
        log a part at a time then knows of a join before of what the joiner said."""
        spoken, members = self._those_who_count(spoken)
        acts = [act for act in acts if self._counts(act.actor, act.at, act.line)]
        self.desk.authors.update(zip(spoken.subject, members, strict=True))
        self._find_older(spoken, acts)
        for place, key in spoken.edits:
            self._row(spoken.at[place], EDITED, members[place], key, 0, spoken.subject[place])
        for act in acts:
            self._other(act, self.desk.member.get(act.actor, 0))
        facts, texts = self._messages(spoken, members)
        self._forget_authors()
        if self.rows:
            rows = zip(*self.rows, strict=True)
            facts = [[*done, *said] for done, said in zip(rows, facts, strict=True)]
        return facts, texts

    def _those_who_count(self, spoken: Spoken) -> tuple[Spoken, list[int]]:
        """The messages but those of people who were erased and of impossible times; and whose each is, 0 for nobody's.
        Almost always that is all of them, seen at a glance."""
        known = self.desk.member
        members = [known.get(actor, 0) for actor in spoken.actor]
        drift = self.visit.drift
        if not members or (
            min(members) >= 0 and min(spoken.at) + drift >= OLDEST and max(spoken.at) + drift <= self.limit
        ):
            return spoken, members
        told = zip(spoken.actor, spoken.at, spoken.line, strict=True)
        places = [place for place, each in enumerate(told) if self._counts(*each)]
        return spoken.only(places), [members[place] for place in places]

    def _counts(self, actor: str, at: int, line: int) -> bool:
        if self.desk.member.get(actor, 0) < 0:
            self.summary.counts["suppressed"] += 1
        elif not OLDEST <= at + self.visit.drift <= self.limit:
            note_unknown(self.summary, Unknown(line=line, raw=str(at), why="time out of range"))
        else:
            return True
        return False

    def _messages(self, spoken: Spoken, members: list[int]) -> tuple[Columns, Columns]:
        """One fact a message, and one text where there is any; column by column, as this is the hot path."""
        count, answered = len(spoken), [target for target in spoken.target if target is not None]
        self.summary.counts["messages"] += count
        self.summary.counts["replies"] += len(answered)
        self.summary.speakers.update(members)
        key_day = [at // days.DAY_MS for at in spoken.at]
        self._black_out(spoken)
        self._mark_staff(spoken)
        self._bring_back(spoken)
        if count:
            self._span(min(spoken.at), max(spoken.at))
        others = [None if target is None else self._author(target) or None for target in spoken.target]
        brand, place, batch, none = ([each] * count for each in (self.brand, self.place, self.batch, None))
        facts: Columns = [
            brand, place, [self.channel] * count, [member or None for member in members], others, [SENT] * count,
            spoken.at, spoken.day, spoken.subject, [len(text) for text in spoken.text], spoken.marks,
            spoken.likeness, key_day, spoken.key, batch, none, none,
        ]  # fmt: skip
        texts: Columns = [
            brand, place, members, spoken.at, spoken.day, key_day, spoken.key, spoken.subject, spoken.form,
            spoken.text, spoken.version, [max(at, self.visit.now) for at in spoken.at], batch,
        ]  # fmt: skip
        if not self.visit.keeps_text:
            return facts, []
        return facts, _only(
            texts, [bool(text) or form != "text" for text, form in zip(spoken.text, spoken.form, strict=True)]
        )

    def _black_out(self, spoken: Spoken) -> None:
        """Take the names of people who were erased out of what others say."""
        if not self.desk.forgotten:
            return
        for place, text in enumerate(spoken.text):
            left = without(text, self.desk.forgotten)
            if left != text:
                spoken.text[place], spoken.likeness[place] = left, likeness(left)
                spoken.marks[place] = marks(left, spoken.form[place], is_staff=False)

    def _mark_staff(self, spoken: Spoken) -> None:
        staff = self.desk.staff
        for place, actor in enumerate(spoken.actor) if staff else ():
            if actor in staff:
                spoken.marks[place] = marks(spoken.text[place], spoken.form[place], is_staff=True)

    def _bring_back(self, spoken: Spoken) -> None:
        """Put our time where the source's cannot stand; almost always nowhere, seen at a glance."""
        if not self.visit.drift and max(spoken.at, default=0) <= self.latest:
            return
        for place, at in enumerate(spoken.at):
            ours, bits = self._ours(at)
            if bits:
                spoken.at[place], spoken.day[place] = ours, self.visit.clock.day(ours)
                spoken.marks[place] |= bits

    def _ours(self, at: int) -> tuple[int, int]:
        """The moment by our clock where the source's is known to be off, the received time where it lies more than 15
        minutes ahead; and the mark that says so."""
        ours = at + self.visit.drift
        if ours > self.latest:
            return self.visit.now, FLAGGED_TIME
        return ours, FLAGGED_TIME if self.visit.drift else 0

    def _other(self, act: Act, member: int) -> None:
        kind = KINDS.get(act.kind)
        if kind is None:
            self.summary.counts["notices"] += 1
            return
        keys, prefix, counts = self.visit.keys, self.desk.prefix, self.summary.counts
        other = max(self.desk.member.get(act.other, 0), 0)
        if kind == JOINED:
            self._row(
                act.at,
                JOINED,
                member,
                keys(f"{prefix}j|{act.actor}|{act.at}"),
                other,
                None,
                self.desk.source(act.source),
            )
            if other:
                self._row(act.at, INVITED, other, keys(f"{prefix}i|{act.actor}|{act.at}"), member)
            counts["joins"] += 1
        elif kind in (LEFT, REMOVED):
            self._row(act.at, kind, member, keys(f"{prefix}l|{act.actor}|{act.at}"), other)
            counts["leaves"] += 1
        elif kind in (CONTACT_ADDED, CONTACT_LOST):
            value = self.desk.source(act.source) if kind == CONTACT_ADDED else act.value
            natural = keys(f"{prefix}c{kind}|{act.actor}|{act.other}|{act.at}")
            self._row(act.at, kind, member, natural, other, None, value)
            counts["others"] += 1
        else:
            self._about(act, kind, member)

    def _about(self, act: Act, kind: int, member: int) -> None:
        """Acts about a message: reactions, recalls, pins, shares."""
        target = act.target or act.id
        natural = f"{self.desk.prefix}{act.kind[0]}{kind}|{target}|{act.actor}|{act.emoji}"
        if kind != REACTED or not target:
            natural += f"|{act.at}"
        subject = self.desk.reading.number(target) if target else None
        other = self._author(subject) if subject is not None else 0
        self._row(act.at, kind, member, self.visit.keys(natural), other, subject, act.value)
        self.summary.counts[
            "reactions" if kind == REACTED else "recalls" if kind == RECALLED else "others"
        ] += 1

    def _author(self, subject: int) -> int:
        return self.desk.authors.get(subject) or self.desk.older.get(subject, 0)

    def _find_older(self, spoken: Spoken, acts: list[Act]) -> None:
        """Authors of messages that are answered here but came before the window."""
        wanted = {target for target in spoken.target if target is not None}
        wanted.update(self.desk.reading.number(act.target) for act in acts if act.target)
        missing = sorted(wanted - self.desk.authors.keys())
        self.desk.older = log.authors(self.visit.brand, missing, kind=SENT)

    def _forget_authors(self) -> None:
        authors = self.desk.authors
        for subject in list(islice(authors, max(len(authors) - WINDOW, 0))):
            del authors[subject]

    def _row(
        self,
        at: int,
        kind: int,
        member: int,
        key: bytes,
        other: int = 0,
        subject: int | None = None,
        value: int = 1,
    ) -> None:
        """Append one fact."""
        key_day = at // days.DAY_MS
        at, bits = self._ours(at)
        self._span(at, at)
        self.rows.append(
            (
                self.brand, self.place, self.channel, member or None, other or None, kind, at, self.visit.clock.day(at),
                subject, value, bits, None, key_day, key, self.batch, None, None,
            )
        )  # fmt: skip

    def _span(self, first: int, last: int) -> None:
        summary = self.summary
        summary.first = first if summary.first is None else min(first, summary.first)
        summary.last = last if summary.last is None else max(last, summary.last)


def _only(columns: Columns, keep: list[bool]) -> Columns:
    return columns if all(keep) else [list(compress(values, keep)) for values in columns]

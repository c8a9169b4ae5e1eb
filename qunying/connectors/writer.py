"""From acts to rows: natural keys, who answered whom, and what is read off a text before it may go."""

from __future__ import annotations

import datetime as dt

from qunying.communities.actions import MessageRow
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
from qunying.connectors.incoming import Act, Unknown
from qunying.connectors.summary import note_unknown
from qunying.connectors.texts import clean, likeness, marks
from qunying.facts import log
from qunying.facts.marks import FLAGGED_TIME
from qunying.kit import days
from qunying.members.erasing import BLACKED

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


class Writer:
    """Turns the acts of one flush into rows of facts and texts."""

    def __init__(self, desk: Desk, community: Community) -> None:
        self.desk, self.visit = desk, desk.visit
        self.summary = desk.summary
        self.brand, self.place, self.batch = desk.visit.brand.pk, community.pk, desk.visit.batch
        self.channel = desk.channel.pk if desk.channel else None
        self.rows: list[log.Row] = []
        self.texts: list[MessageRow] = []

    def write(self, acts: list[Act]) -> tuple[list[log.Row], list[MessageRow]]:
        self._find_older(acts)
        limit = self.visit.now + days.DAY_MS
        members = self.desk.member
        for act in acts:
            member = members.get(act.actor, 0)
            if member < 0:
                self.summary.counts["suppressed"] += 1
            elif not OLDEST <= act.at <= limit:
                note_unknown(self.summary, Unknown(line=act.line, raw=str(act.at), why="time out of range"))
            elif act.kind == "message":
                self._message(act, member)
            else:
                self._other(act, member)
        self._forget_authors()
        return self.rows, self.texts

    def _message(self, act: Act, member: int) -> None:
        """The hot path: one fact and one text, with as few calls as can be."""
        key = self._key(act)
        subject = int.from_bytes(key[:8], "big", signed=True)
        text = self._spoken(act.text)
        desk, counts, at = self.desk, self.summary.counts, act.at
        desk.authors[subject] = member
        other = 0
        if act.target:
            counts["replies"] += 1
            other = self._author(act.target)
        counts["messages"] += 1
        self.summary.speakers.add(member)
        bits = marks(text, act.form, is_staff=act.actor in desk.staff)
        row = self._row(act, SENT, member, key, other, subject, len(text), bits, likeness(text))
        if self.visit.keeps_text and (text or act.form != "text"):
            self.texts.append(
                (
                    self.brand, self.place, member, row[6], row[7], row[12], key, subject, act.form, text,
                    act.edited_at or at, max(row[6], self.visit.now), self.batch,
                )
            )  # fmt: skip
        if act.edited_at and act.id:
            edit = self.visit.keys(f"{desk.prefix}e|{act.id}|{act.edited_at}")
            self._row(act, EDITED, member, edit, 0, subject)

    def _spoken(self, text: str) -> str:
        """The text as we keep it: cleaned, and without the names of people who were erased."""
        text = clean(text)
        for word in self.desk.forgotten:
            text = text.replace(word, BLACKED)
        return text

    def _key(self, act: Act) -> bytes:
        """The message's natural key: its platform id, else what was said when by whom and the how-manieth of those."""
        if act.id:
            return self.visit.keys(f"{self.desk.prefix}m|{act.id}")
        same = f"{self.desk.prefix}t|{act.at}|{act.actor}|{' '.join(act.text.split())}"
        bucket = self.visit.keys(same)
        self.desk.repeats[bucket] += 1
        return self.visit.keys(f"{same}|{self.desk.repeats[bucket]}")

    def _other(self, act: Act, member: int) -> None:
        kind = KINDS.get(act.kind)
        if kind is None:
            self.summary.counts["notices"] += 1
            return
        keys, prefix, counts = self.visit.keys, self.desk.prefix, self.summary.counts
        other = max(self.desk.member.get(act.other, 0), 0)
        if kind == JOINED:
            self._row(
                act,
                JOINED,
                member,
                keys(f"{prefix}j|{act.actor}|{act.at}"),
                other,
                None,
                self.desk.source(act.source),
            )
            if other:
                self._row(act, INVITED, other, keys(f"{prefix}i|{act.actor}|{act.at}"), member)
            counts["joins"] += 1
        elif kind in (LEFT, REMOVED):
            self._row(act, kind, member, keys(f"{prefix}l|{act.actor}|{act.at}"), other)
            counts["leaves"] += 1
        elif kind in (CONTACT_ADDED, CONTACT_LOST):
            value = self.desk.source(act.source) if kind == CONTACT_ADDED else act.value
            natural = keys(f"{prefix}c{kind}|{act.actor}|{act.other}|{act.at}")
            self._row(act, kind, member, natural, other, None, value)
            counts["others"] += 1
        else:
            self._about(act, kind, member)

    def _about(self, act: Act, kind: int, member: int) -> None:
        """Acts about a message: reactions, recalls, pins, shares."""
        target = act.target or act.id
        natural = f"{self.desk.prefix}{act.kind[0]}{kind}|{target}|{act.actor}|{act.emoji}"
        if kind != REACTED or not target:
            natural += f"|{act.at}"
        subject = self._subject(target) if target else None
        other = self._author(target) if target else 0
        self._row(act, kind, member, self.visit.keys(natural), other, subject, act.value)
        self.summary.counts[
            "reactions" if kind == REACTED else "recalls" if kind == RECALLED else "others"
        ] += 1

    def _subject(self, target: str) -> int:
        return log.subject(self.visit.keys(f"{self.desk.prefix}m|{target}"))

    def _author(self, target: str) -> int:
        subject = self._subject(target)
        return self.desk.authors.get(subject) or self.desk.older.get(subject, 0)

    def _find_older(self, acts: list[Act]) -> None:
        """Authors of messages that are answered here but came before the window."""
        said = {act.id for act in acts if act.kind == "message" and act.id}
        wanted = {self._subject(act.target) for act in acts if act.target and act.target not in said}
        missing = sorted(wanted - self.desk.authors.keys())
        self.desk.older = log.authors(self.visit.brand, missing, kind=SENT)

    def _forget_authors(self) -> None:
        extra = len(self.desk.authors) - WINDOW
        for subject in list(self.desk.authors)[: max(extra, 0)]:
            del self.desk.authors[subject]

    def _row(
        self,
        act: Act,
        kind: int,
        member: int,
        key: bytes,
        other: int = 0,
        subject: int | None = None,
        value: int = 1,
        bits: int = 0,
        like: int | None = None,
    ) -> log.Row:
        """Append one fact. A time more than 15 minutes ahead is replaced by the received time and flagged."""
        at, visit, summary = act.at, self.visit, self.summary
        if at > visit.now + days.QUARTER_MS:
            at, bits = visit.now, bits | FLAGGED_TIME
        if summary.first is None or at < summary.first:
            summary.first = at
        if summary.last is None or at > summary.last:
            summary.last = at
        row = (
            self.brand, self.place, self.channel, member or None, other or None, kind, at,
            visit.clock.day(at), subject, value, bits, like, act.at // days.DAY_MS, key, self.batch, None, None,
        )  # fmt: skip
        self.rows.append(row)
        return row

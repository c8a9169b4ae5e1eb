"""Element's JSON export of a room: raw Matrix events.

Membership is read as a transition from `prev_content`. Edits are collected in a first pass, so a message comes once,
with its last text. A redacted message yields the message without text, then the recall by whoever redacted it; of a
redacted reaction the export keeps nothing, so neither it nor its withdrawal is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.connectors.importers.format import Format
from qunying.connectors.importers.json_stream import Record, each, first, head_text, items, snippet, text_of
from qunying.connectors.importers.people import Roll
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.whys import NOT_COUNTED, OUTSIDE_FILE, STRANGE_KIND
from qunying.connectors.incoming import Act, ActKind, Chat, Entry, Form, Guess, Options, Person, Unknown

FORMS: dict[str, Form] = {
    "m.text": "text", "m.notice": "text", "m.emote": "text", "m.image": "image", "m.video": "video",
    "m.audio": "audio", "m.file": "file", "m.location": "location",
}  # fmt: skip
POLLS = {"m.poll.start", "org.matrix.msc3381.poll.start"}
VOTES = {"m.poll.response", "org.matrix.msc3381.poll.response"}
SILENT = re.compile(
    r"m\.room\.(?:create|power_levels|encryption|history_visibility|guest_access|join_rules|canonical_alias|aliases"
    r"|avatar|server_acl|tombstone|third_party_invite|retention|preview_urls|related_groups)"
    r"|m\.call\..*|m\.space\..*|m\.key\..*|im\.vector\..*|io\.element\..*|uk\.half-shot\..*|m\.bridge|m\.beacon.*"
    r"|m\.poll\.end|org\.matrix\.msc3381\.poll\.end|org\.matrix\.msc3401\..*"
)
OUT = {"", "leave", "ban", "invite", "knock"}
FALLBACK = re.compile(r"\A> <@[^>]+> .*?(?:\n> .*?)*\n\n", re.DOTALL)


def sniff(source: Source) -> Guess | None:
    if source.is_many:
        return None
    head = head_text(source)
    if head.startswith("{") and '"room_name"' in head and '"exported_by"' in head:
        return Guess(95, _("开头有 room_name 和 exported_by，来自 Element"))
    return None


def read(source: Source, options: Options) -> Iterator[Entry]:
    room = _Chat(source)
    for record in items(source, "messages.item"):
        room.learn(record)
    name = text_of(first(source, "room_name"))
    yield Chat(text_of(first(source, "messages.item.room_id")) or name, name, "matrix")
    yield from each(items(source, "messages.item"), room.take)
    for line, raw in room.edits_left():
        yield Unknown(line=line, raw=raw, why=OUTSIDE_FILE)


def about_of(record: Record) -> Record:
    relation = (record.get("content") or {}).get("m.relates_to")
    return relation if isinstance(relation, dict) else {}


class _Chat:
    """One room being read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.roll = Roll()
        self._edits: dict[str, tuple[int, str, str]] = {}
        self._inviters: dict[str, str] = {}
        self._lost: set[str] = set()

    def learn(self, record: Any) -> None:
        """Keeps the latest edit of each message, and which reactions are gone. Any: the record has not been checked
        yet."""
        if isinstance(record, dict) and record.get("type") == "m.reaction" and not about_of(record):
            self._lost.add(text_of(record.get("event_id")))
        if not isinstance(record, dict) or about_of(record).get("rel_type") != "m.replace":
            return
        target, at = text_of(about_of(record).get("event_id")), record.get("origin_server_ts")
        body = text_of((record["content"].get("m.new_content") or {}).get("body"))
        if isinstance(at, int) and at > self._edits.get(target, (0, "", ""))[0]:
            self._edits[target] = (at, body, snippet(record))

    def edits_left(self) -> Iterator[tuple[int, str]]:
        return ((0, raw) for _at, _body, raw in self._edits.values())

    def take(self, line: int, record: Record) -> Iterator[Entry]:
        kind = record["type"]
        if SILENT.fullmatch(kind):
            return
        if kind == "m.room.member":
            yield from self._membership(line, record)
            return
        sender, at = record["sender"], int(record["origin_server_ts"])
        if kind in VOTES:
            yield Unknown(line=line, raw=snippet(record), why=NOT_COUNTED)
            return
        acts = list(self._acts(line, record, kind, sender, at))
        if acts and isinstance(acts[0], Act):
            yield from self.roll.meet(person_of(sender))
        yield from acts

    def _acts(self, line: int, record: Record, kind: str, sender: str, at: int) -> Iterator[Entry]:
        id_, content = text_of(record.get("event_id")), record.get("content") or {}
        if kind in ("m.room.message", "m.sticker", "m.room.encrypted") or kind in POLLS:
            yield from self._message(line, record, sender, at)
        elif kind == "m.reaction":
            about = about_of(record)
            if about:
                target, key = about["event_id"], about["key"]
                yield Act("reaction", at, sender, id_, target=target, emoji=key, precision="ms", line=line)
        elif kind == "m.room.redaction":
            target = text_of(record.get("redacts") or content.get("redacts"))
            if target not in self._lost:
                yield Act("recall", at, sender, id_, target=target, precision="ms", line=line)
        elif kind == "m.room.pinned_events":
            before = set(before_of(record).get("pinned") or ())
            for target in content.get("pinned") or ():
                if target not in before:
                    yield Act("pin", at, sender, id_, target=target, precision="ms", line=line)
        elif kind in ("m.room.name", "m.room.topic"):
            text = text_of(content.get("name") or content.get("topic"))
            yield Act("notice", at, sender, id_, text, precision="ms", line=line)
        else:
            yield Unknown(line=line, raw=snippet(record), why=STRANGE_KIND)

    def _message(self, line: int, record: Record, sender: str, at: int) -> Iterator[Entry]:
        content, about, id_ = record.get("content") or {}, about_of(record), record["event_id"]
        redacted = (record.get("unsigned") or {}).get("redacted_because")
        if about.get("rel_type") == "m.replace":
            return
        edited_at, body, _raw = self._edits.pop(id_, (None, "", ""))
        reply = text_of((about.get("m.in_reply_to") or {}).get("event_id"))
        text = body or words_of(record, content)
        yield Act(
            kind="message",
            at=at,
            actor=sender,
            id=id_,
            text="" if redacted else FALLBACK.sub("", text) if reply else text,
            form=form_of(record["type"], content),
            target=reply,
            edited_at=edited_at,
            precision="ms",
            line=line,
        )
        if isinstance(redacted, dict):
            by = text_of(redacted.get("sender")) or sender
            yield from self.roll.meet(person_of(by))
            when = int(redacted.get("origin_server_ts") or at)
            about_whom = sender if by != sender else ""
            yield Act("recall", when, by, target=id_, other=about_whom, precision="ms", line=line)

    def _membership(self, line: int, record: Record) -> Iterator[Entry]:
        """joined ← out is a join, by whoever invited; out ← joined a leave, or a removal by somebody else."""
        now = text_of(record["content"].get("membership"))
        before = text_of(before_of(record).get("membership"))
        by, who, id_ = record["sender"], record["state_key"], text_of(record.get("event_id"))
        at = int(record["origin_server_ts"])
        other = by if by != who else ""
        if now == "invite":
            self._inviters[who] = by
        kind: ActKind | None = None
        if now == "join" and before in OUT:
            kind, other = "join", self._inviters.pop(who, "")
        elif now in ("leave", "ban") and before in ("join", ""):
            kind = "remove" if other else "leave"
        if kind is None:
            return
        yield from self.roll.meet(person_of(who, text_of((record.get("content") or {}).get("displayname"))))
        if other:
            yield from self.roll.meet(person_of(other))
        yield Act(kind, at, who, id_, other=other, precision="ms", line=line)


def before_of(record: Record) -> Record:
    previous = (record.get("unsigned") or {}).get("prev_content") or record.get("prev_content")
    return previous if isinstance(previous, dict) else {}


def person_of(mxid: str, name: str = "") -> Person:
    return Person(mxid, "matrix.mxid", "", mxid, name)


def words_of(record: Record, content: Record) -> str:
    poll = content.get("m.poll") or content.get("org.matrix.msc3381.poll.start")
    if isinstance(poll, dict):
        question = poll.get("question") or {}
        return text_of(question.get("body") or question.get("org.matrix.msc1767.text"))
    is_text = FORMS.get(text_of(content.get("msgtype"))) == "text"
    return text_of(content.get("body")) if is_text else ""


def form_of(kind: str, content: Record) -> Form:
    if kind in POLLS:
        return "poll"
    if kind == "m.sticker":
        return "sticker"
    if kind == "m.room.encrypted":
        return "other"
    return FORMS.get(text_of(content.get("msgtype")), "text" if not content else "other")


MATRIX = Format("matrix", gettext_lazy("Matrix 房间导出（Element JSON）"), sniff, read)

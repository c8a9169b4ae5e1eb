"""Matrix events as an application service gets them, one event a payload, and the list of a room's members.

What happened is told exactly as the importer of Element's export tells it, so that both meet in the same facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from qunying.connectors.importers.json_stream import snippet, text_of
from qunying.connectors.importers.matrix import (
    FALLBACK,
    OUT,
    POLLS,
    about_of,
    before_of,
    form_of,
    person_of,
    words_of,
)
from qunying.connectors.importers.whys import OUTSIDE_FILE
from qunying.connectors.incoming import Act, ActKind, Chat, Entry, Person, Unknown
from qunying.connectors.live.connector import Find

SPOKEN = {"m.room.message", "m.sticker", "m.room.encrypted", *POLLS}
Record = Mapping[str, Any]


def relate(body: bytes, find: Find) -> bytes:
    """An edit or a redaction with the event it is about beside it, if that was in the same room."""
    event = msgspec.json.decode(body)
    key = _edited(event) or (_redacted(event) if event.get("type") == "m.room.redaction" else "")
    earlier = msgspec.json.decode((key and find(key)) or b"{}")
    is_here = earlier.get("room_id") == event.get("room_id")
    return msgspec.json.encode({**event, "about": earlier if is_here else None})


def _edited(event: Record) -> str:
    relation = about_of(dict(event))
    return text_of(relation.get("event_id")) if relation.get("rel_type") == "m.replace" else ""


def _redacted(event: Record) -> str:
    return text_of(event.get("redacts") or (event.get("content") or {}).get("redacts"))


def decode(body: bytes, _heard_at: int) -> Iterator[Entry]:
    """The entries of one event; those that say nothing of members yield none."""
    event: dict[str, Any] = msgspec.json.decode(body)
    if "event_id" not in event:
        yield from _roster(event)
        return
    name = text_of(event["content"].get("name")) if event["type"] == "m.room.name" else ""
    told = list(_moved(event) if event["type"] == "m.room.member" else _said(event))
    if told:
        yield Chat(event["room_id"], name or _invited_to(event), "matrix")
        yield from told


def _roster(told: Record) -> Iterator[Entry]:
    yield Chat(told["room_id"], text_of(told.get("name")), "matrix")
    for mxid, profile in sorted(told["joined"].items()):
        yield Person(
            mxid, "matrix.mxid", "", mxid, text_of((profile or {}).get("display_name")), is_listed=True
        )


def _invited_to(event: Record) -> str:
    """The room's name, as an invitation tells it."""
    states = (event.get("unsigned") or {}).get("invite_room_state") or ()
    return next(
        (text_of(each["content"].get("name")) for each in states if each["type"] == "m.room.name"), ""
    )


def _said(event: dict[str, Any]) -> Iterator[Entry]:
    kind, sender, at, id_ = event["type"], event["sender"], int(event["origin_server_ts"]), event["event_id"]
    content = event.get("content") or {}
    if kind in SPOKEN and _edited(event):
        yield from _edit(event)
    elif kind in SPOKEN:
        yield from _message(event)
    elif kind == "m.reaction":
        about = about_of(event)
        if about:
            yield person_of(sender)
            target, key = about["event_id"], about["key"]
            yield Act("reaction", at, sender, id_, target=target, emoji=key, precision="ms")
    elif kind == "m.room.redaction":
        yield from _redaction(event)
    elif kind == "m.room.pinned_events":
        before = set(before_of(event).get("pinned") or ())
        yield person_of(sender)
        for target in content.get("pinned") or ():
            if target not in before:
                yield Act("pin", at, sender, id_, target=target, precision="ms")
    elif kind in ("m.room.name", "m.room.topic"):
        yield person_of(sender)
        text = text_of(content.get("name") or content.get("topic"))
        yield Act("notice", at, sender, id_, text, precision="ms")


def _message(event: dict[str, Any]) -> Iterator[Entry]:
    content, sender, at = event.get("content") or {}, event["sender"], int(event["origin_server_ts"])
    redacted = (event.get("unsigned") or {}).get("redacted_because")
    reply = text_of((about_of(event).get("m.in_reply_to") or {}).get("event_id"))
    text = words_of(event, content)
    yield person_of(sender)
    yield Act(
        kind="message",
        at=at,
        actor=sender,
        id=event["event_id"],
        text="" if redacted else FALLBACK.sub("", text) if reply else text,
        form=form_of(event["type"], content),
        target=reply,
        precision="ms",
    )


def _edit(event: dict[str, Any]) -> Iterator[Entry]:
    """The message with its new words; only its own author's edits count."""
    about = event.get("about")
    if not about:
        yield Unknown(line=0, raw=snippet(event), why=OUTSIDE_FILE)
        return
    if about["sender"] != event["sender"] or about["type"] not in SPOKEN:
        return
    content = event["content"].get("m.new_content") or {}
    for entry in _message(about):
        if isinstance(entry, Act):
            yield msgspec.structs.replace(
                entry,
                text=text_of(content.get("body")) or entry.text,
                edited_at=int(event["origin_server_ts"]),
            )
        else:
            yield entry


def _redaction(event: dict[str, Any]) -> Iterator[Entry]:
    """A message recalled or a reaction taken back. Where what it is about is not kept any more, it was a message, as
    most are."""
    sender, at, id_ = event["sender"], int(event["origin_server_ts"]), event["event_id"]
    about, target = event.get("about") or {}, _redacted(event)
    kind = about.get("type", "m.room.message")
    if kind in SPOKEN:
        yield person_of(sender)
        yield Act("recall", at, sender, id_, target=target, precision="ms")
    elif kind == "m.reaction" and about_of(about):
        giver, given = about["sender"], about_of(about)
        yield person_of(giver)
        yield Act("unreaction", at, giver, id_, target=given["event_id"], emoji=given["key"], precision="ms")


def _moved(event: dict[str, Any]) -> Iterator[Entry]:
    """joined ← out is a join, by whoever invited; out ← joined a leave, or a removal by somebody else. Anything else
    of one who is in the room tells a new name."""
    content, who, by = event["content"], event["state_key"], event["sender"]
    now, before = text_of(content.get("membership")), text_of(before_of(event).get("membership"))
    kind: ActKind | None = None
    other = by if by != who else ""
    if now == "join" and before in OUT:
        kind = "join"
        other = text_of((event.get("unsigned") or {}).get("prev_sender")) if before == "invite" else ""
    elif now in ("leave", "ban") and before in ("join", ""):
        kind = "remove" if other else "leave"
    if kind is None and now != "join":
        return
    yield person_of(who, text_of(content.get("displayname")))
    if kind is not None:
        if other:
            yield person_of(other)
        at = int(event["origin_server_ts"])
        yield Act(kind, at, who, event["event_id"], other=other, precision="ms")

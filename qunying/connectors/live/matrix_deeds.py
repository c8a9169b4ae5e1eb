"""What we do on Matrix. Events carry the sending's own key as their transaction id: the homeserver keeps them from
happening twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from qunying.connectors.live.connector import Action
from qunying.connectors.live.matrix_line import Said, check_key, device, lay_down, look, say
from qunying.connectors.live.wire import LostError, Wire
from qunying.kit.errors import Upstream
from qunying.kit.refusals import Text
from qunying.outbox.outcomes import Outcome, Result

DEDUPES = frozenset({"message.create", "reaction.create", "message.delete", "poll.create"})
"""Ops that carry a transaction id."""
POLL = "org.matrix.msc3381.poll.start"
TEXT = "org.matrix.msc1767.text"
SILENT = -1
"""The power level of one who may not speak; speaking needs 0."""
State = dict[str, Any]
WORDS: dict[str, Text] = {"M_TOO_LARGE": _("主服务器不收这么大的图片，请压缩后重新写一条。")}
"""What refusals mean for an operator, where we know better words than the homeserver."""


def perform(wire: Wire, action: Action) -> Outcome:
    """One action. Without a device of our own an answer that does not come leaves even a message unknown."""
    own = device(wire)
    try:
        said = DOES[action.op](wire, action)
    except LostError as error:
        if own:
            raise
        return Outcome(Result.UNKNOWN, code=error.code)
    return _outcome(said, action)


def _outcome(said: Said, action: Action) -> Outcome:
    if said.is_good or said.code == "M_DUPLICATE_ANNOTATION":
        made = said.told.get("event_ids") or [said.told.get("event_id")]
        return Outcome(Result.SENT, ids=tuple(str(each) for each in made if each))
    check_key(said)
    if said.status == 429:
        wait = float(said.told.get("retry_after_ms") or 1000) / 1000
        return Outcome(Result.THROTTLED, retry_seconds=wait, code=said.code, words=said.words)
    if said.status >= 500:
        result = Result.LOST if action.op in DEDUPES else Result.UNKNOWN
        return Outcome(result, code=said.code, words=said.words)
    return Outcome(Result.REJECTED, code=said.code, words=WORDS.get(said.code, said.words))


def _send(wire: Wire, action: Action, kind: str, content: object, *, part: str = "") -> Said:
    query, key = _as_our_device(wire), f"{action.wire}{part}"
    return say(wire, "PUT", "rooms", action.chat, "send", kind, key, body=content, query=query)


def _as_our_device(wire: Wire) -> dict[str, str]:
    own = device(wire)
    return {"user_id": wire.keys["user"], "device_id": own} if own else {}


def _message(wire: Wire, action: Action) -> Said:
    content: State = {"msgtype": "m.text", "body": str(action.params["text"]), "m.mentions": {}}
    if action.target:
        content["m.relates_to"] = {"m.in_reply_to": {"event_id": action.target}}
    return _album(wire, action, content) if action.images else _send(wire, action, "m.room.message", content)


def _album(wire: Wire, action: Action, words: State) -> Said:
    """The words, then each picture as a message of its own. All are laid down at the homeserver before anything is said
    in the room; each message has its own key, so that saying it all again adds only what was missing."""
    contents = [words]
    for number, image in enumerate(action.images, 1):
        laid = lay_down(wire, image, name=image.name(number))
        if not laid.is_good:
            return laid
        about = {"mimetype": image.mime, "size": len(image.data), "w": image.width, "h": image.height}
        told = {"msgtype": "m.image", "body": image.name(number), "url": laid.told["content_uri"]}
        contents.append({**told, "info": about})
    made = []
    for number, content in enumerate(contents):
        said = _send(wire, action, "m.room.message", content, part=f".{number}" if number else "")
        if not said.is_good:
            return said
        made.append(said.told.get("event_id"))
    return Said(200, {"event_ids": made})


def _reaction(wire: Wire, action: Action) -> Said:
    relation = {"rel_type": "m.annotation", "event_id": action.target, "key": str(action.params["emoji"])}
    return _send(wire, action, "m.reaction", {"m.relates_to": relation})


def _poll(wire: Wire, action: Action) -> Said:
    question, options = str(action.params["text"]), [str(each) for each in action.params["options"]]
    lines = [question, *(f"{number}. {option}" for number, option in enumerate(options, 1))]
    content = {
        TEXT: "\n".join(lines),
        POLL: {
            "question": {TEXT: question},
            "kind": "org.matrix.msc3381.poll.disclosed",
            "max_selections": int(action.params.get("most", 1)),
            "answers": [{"id": str(number), TEXT: option} for number, option in enumerate(options, 1)],
        },
    }
    return _send(wire, action, POLL, content)


def _delete(wire: Wire, action: Action) -> Said:
    reason = {"reason": str(action.params["reason"])} if action.params.get("reason") else {}
    path = ("rooms", action.chat, "redact", action.target, action.wire)
    return say(wire, "PUT", *path, body=reason, query=_as_our_device(wire))


def _removal(deed: str) -> Callable[[Wire, Action], Said]:
    def remove(wire: Wire, action: Action) -> Said:
        body = {"user_id": action.target, "reason": str(action.params.get("reason", ""))}
        return say(wire, "POST", "rooms", action.chat, deed, body=body)

    return remove


def _pin(wire: Wire, action: Action) -> Said:
    pinned = list(_state(wire, action, "m.room.pinned_events").get("pinned") or ())
    if action.target in pinned:
        return Said(200, {})
    body = {"pinned": [*pinned, action.target]}
    return say(wire, "PUT", "rooms", action.chat, "state", "m.room.pinned_events", "", body=body)


def _mute(wire: Wire, action: Action) -> Said:
    return _set_power(wire, action, SILENT)


def _unmute(wire: Wire, action: Action) -> Said:
    return _set_power(wire, action, None)


def _set_power(wire: Wire, action: Action, level: int | None) -> Said:
    """Change one person's power and leave the others' as they are."""
    powers = _state(wire, action, "m.room.power_levels")
    people = {who: power for who, power in (powers.get("users") or {}).items() if who != action.target}
    if level is not None:
        people[action.target] = level
    if people == powers.get("users"):
        return Said(200, {})
    body = {**powers, "users": people}
    return say(wire, "PUT", "rooms", action.chat, "state", "m.room.power_levels", "", body=body)


def _state(wire: Wire, action: Action, kind: str) -> State:
    """The room's present state; empty where there is none. What cannot be read is not written over."""
    said = look(wire, "rooms", action.chat, "state", kind, "")
    if not said.is_good and said.code != "M_NOT_FOUND":
        raise Upstream("connectors.platform_said_no", platform="Matrix", words=said.words[:200])
    return said.told if said.is_good else {}


DOES: dict[str, Callable[[Wire, Action], Said]] = {
    "message.create": _message,
    "reaction.create": _reaction,
    "poll.create": _poll,
    "message.delete": _delete,
    "message.pin": _pin,
    "member.kick": _removal("kick"),
    "member.ban": _removal("ban"),
    "member.mute": _mute,
    "member.unmute": _unmute,
}
"""How an action is said to the homeserver."""

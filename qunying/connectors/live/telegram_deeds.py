"""What a Telegram bot is told to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import msgspec

from qunying.connectors.live.connector import Action
from qunying.connectors.live.images import SECONDS
from qunying.connectors.live.wire import Form, KeyRefused, Wire
from qunying.outbox.outcomes import Outcome, Result

HOST = "api.telegram.org"
Record = Mapping[str, Any]


def url(wire: Wire, name: str) -> str:
    return f"https://{HOST}/bot{wire.keys['token']}/{name}"


DOES: dict[str, Callable[[Action], tuple[str, Record]]] = {
    "message.create": lambda to: (
        "sendMessage",
        {
            "chat_id": to.chat,
            "text": to.params["text"],
            **_answering(to),
        },
    ),
    "message.delete": lambda to: ("deleteMessage", {"chat_id": to.chat, "message_id": int(to.target)}),
    "message.pin": lambda to: ("pinChatMessage", {"chat_id": to.chat, "message_id": int(to.target)}),
    "member.mute": lambda to: (
        "restrictChatMember",
        {
            "chat_id": to.chat,
            "user_id": int(to.target),
            "permissions": {"can_send_messages": False},
            "until_date": int(to.params["until"]),
        },
    ),
    "member.kick": lambda to: ("banChatMember", {"chat_id": to.chat, "user_id": int(to.target)}),
    "member.request.approve": lambda to: (
        "approveChatJoinRequest",
        {"chat_id": to.chat, "user_id": int(to.target)},
    ),
}
"""How an action is said to the Bot API."""


def _answering(to: Action) -> Record:
    return {"reply_parameters": {"message_id": int(to.target)}} if to.target else {}


def perform(wire: Wire, action: Action) -> Outcome:
    """Telegram takes no idempotency key, so an answer that does not come leaves it unknown."""
    answer = _show(wire, action) if action.images else _say(wire, action)
    if answer.status_code >= 500:
        return Outcome(Result.UNKNOWN, code=str(answer.status_code))
    told = msgspec.json.decode(answer.content)
    if told["ok"]:
        made = told["result"] if isinstance(told["result"], list) else [told["result"]]
        return Outcome(
            Result.SENT, ids=tuple(str(each["message_id"]) for each in made if isinstance(each, dict))
        )
    code, words = str(told.get("error_code", "")), str(told.get("description", ""))
    if code == "401":
        raise KeyRefused("connectors.token_refused", platform="Telegram")
    if code == "429":
        wait = float((told.get("parameters") or {}).get("retry_after", 1))
        return Outcome(Result.THROTTLED, retry_seconds=wait, code=code, words=words)
    return Outcome(Result.REJECTED, code=code, words=words)


def _say(wire: Wire, action: Action) -> httpx.Response:
    name, params = DOES[action.op](action)
    return wire.call("POST", url(wire, name), json=params)


def _show(wire: Wire, action: Action) -> httpx.Response:
    """One request for all pictures, the words under the first: all of it arrives or nothing."""
    photos = {f"photo{number}": image for number, image in enumerate(action.images, 1)}
    files = {
        name: (image.name(number), image.data, image.mime)
        for number, (name, image) in enumerate(photos.items(), 1)
    }
    fields = {"chat_id": action.chat, **{name: _json(told) for name, told in _answering(action).items()}}
    if len(photos) == 1:
        name, fields["caption"] = "sendPhoto", str(action.params["text"])
        files = {"photo": files["photo1"]}
    else:
        media = [{"type": "photo", "media": f"attach://{photo}"} for photo in photos]
        media[0]["caption"] = str(action.params["text"])
        name, fields["media"] = "sendMediaGroup", _json(media)
    return wire.call("POST", url(wire, name), form=Form(fields, files), seconds=SECONDS)


def _json(told: object) -> str:
    return msgspec.json.encode(told).decode()

"""What was said in a Discord channel before we listened, page by page backwards."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import orjson

from qunying.connectors.live.connector import Past, Payload
from qunying.connectors.live.discord.reading import DISPATCH, ms_of
from qunying.connectors.live.discord.rest import request, said, used_up_for
from qunying.connectors.live.wire import Wire
from qunying.kit.errors import Invalid, Upstream

PAGE = 100
TOO_MANY = 429


def history(wire: Wire, chat: str, before: str) -> Past:
    """The page of the channel before a message; Invalid where we may not read it."""
    path = f"/channels/{chat}/messages"
    _leave_alone(used_up_for(wire, "GET", path))
    answer = request(wire, "GET", f"{path}?limit={PAGE}" + (f"&before={before}" if before else ""))
    if answer.status_code == TOO_MANY:
        _leave_alone(float(orjson.loads(answer.content or b"{}").get("retry_after") or 1))
    if answer.status_code >= 500:
        raise Upstream("connectors.platform_busy", platform="Discord", seconds=5)
    if answer.status_code >= 400:
        raise Invalid("connectors.platform_said_no", platform="Discord", words=said(answer)[1])
    rows = orjson.loads(answer.content)
    known = wire.memory.get("channels", {}).get(chat, {})
    payloads = tuple(as_payload(each, known) for each in reversed(rows))
    if not rows:
        return Past()
    return Past(payloads, str(rows[-1]["id"]) if len(rows) == PAGE else "", ms_of(rows[-1]["timestamp"]))


def _leave_alone(seconds: float) -> None:
    if seconds > 0:
        raise Upstream("connectors.platform_busy", platform="Discord", seconds=math.ceil(seconds))


def as_payload(message: Mapping[str, Any], known: Mapping[str, Any]) -> Payload:
    """A fetched message as the gateway would have told it."""
    told = {"op": DISPATCH, "t": "MESSAGE_CREATE", "d": message, "_known": known}
    return Payload(f"m|{message['id']}", orjson.dumps(told))

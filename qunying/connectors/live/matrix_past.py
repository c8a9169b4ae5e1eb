"""What happened in a Matrix room before it was pushed to us, page by page backwards, as far as the room lets us see."""

from __future__ import annotations

import msgspec

from qunying.connectors.live.connector import Past, Payload
from qunying.connectors.live.matrix_line import look, refused
from qunying.connectors.live.wire import Wire
from qunying.kit.errors import Upstream

PAGE = 100
TOO_MANY = 429


def history(wire: Wire, chat: str, before: str) -> Past:
    """The page of the room before a place; Invalid where we may not read it."""
    query = {"dir": "b", "limit": str(PAGE), **({"from": before} if before else {})}
    said = look(wire, "rooms", chat, "messages", query=query, seconds=30)
    if said.status == TOO_MANY:
        wait = float(said.told.get("retry_after_ms") or 1000) / 1000
        raise Upstream("connectors.platform_busy", platform="Matrix", seconds=wait)
    if not said.is_good:
        raise refused(said)
    told = said.told.get("chunk") or []
    payloads = tuple(
        Payload(each["event_id"], msgspec.json.encode({**each, "room_id": chat})) for each in reversed(told)
    )
    oldest = min((int(each["origin_server_ts"]) for each in told), default=0)
    return Past(payloads, str(said.told.get("end") or ""), oldest)

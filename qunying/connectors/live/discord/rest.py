"""Calls of Discord's REST interface."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import httpx
import orjson

from qunying.connectors.live.images import SECONDS, Image
from qunying.connectors.live.wire import Form, Wire
from qunying.kit.errors import Invalid

HOST = "discord.com"
BASE = f"https://{HOST}/api/v10"


def request(
    wire: Wire, method: str, path: str, *, json: object = None, images: Sequence[Image] = ()
) -> httpx.Response:
    """The answer, whatever its status; remembers when the route is used up. Pictures go in one request with the
    rest."""
    headers: dict[str, Any] = {
        "Authorization": f"Bot {wire.keys['token']}",
        "User-Agent": "DiscordBot (qunying, 1)",
    }
    if images:
        form = _form(json, images)
        answer = wire.call(method, f"{BASE}{path}", form=form, seconds=SECONDS, **headers)
    else:
        answer = wire.call(method, f"{BASE}{path}", json=json, **headers)
    if answer.headers.get("x-ratelimit-remaining") == "0":
        after = float(answer.headers.get("x-ratelimit-reset-after") or 0)
        wire.memory[_route(method, path)] = time.monotonic() + after
    return answer


def _form(json: object, images: Sequence[Image]) -> Form:
    files = {
        f"files[{number}]": (image.name(number + 1), image.data, image.mime)
        for number, image in enumerate(images)
    }
    return Form({"payload_json": orjson.dumps(json).decode()}, files)


def used_up_for(wire: Wire, method: str, path: str) -> float:
    """Seconds until the route takes calls again, as Discord said itself."""
    return max(0.0, float(wire.memory.get(_route(method, path), 0.0)) - time.monotonic())


def _route(method: str, path: str) -> str:
    """Limits are counted per method, and per channel or server with what stands behind it, but not per message."""
    parts = path.partition("?")[0].strip("/").split("/")
    kinds = [part for part in parts[2:] if not part.isdigit()]
    return "/".join(("route", method, *parts[:2], *kinds))


def call(wire: Wire, method: str, path: str) -> Any:
    """What it answers; Invalid where it says no."""
    answer = request(wire, method, path)
    if answer.status_code >= 400:
        raise Invalid("connectors.platform_said_no", platform="Discord", words=said(answer)[1])
    return orjson.loads(answer.content)


def said(answer: httpx.Response) -> tuple[str, str]:
    """Its code and reason for a no."""
    try:
        told = orjson.loads(answer.content or b"{}")
    except orjson.JSONDecodeError:
        told = {}
    told = told if isinstance(told, dict) else {}
    return str(told.get("code") or answer.status_code), str(told.get("message", ""))[:200]

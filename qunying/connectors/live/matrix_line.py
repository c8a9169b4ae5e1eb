"""How we speak to a Matrix homeserver: as the application service's own user, through one device of its own.

The device matters: a homeserver keeps the transaction ids of a device on disk, of a service without one only in memory,
so with it a message sent twice stays one message even when the homeserver was restarted in between.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import msgspec

from qunying.connectors.live.images import SECONDS, Image
from qunying.connectors.live.wire import KeyRefused, LostError, Wire
from qunying.kit.errors import Invalid, Upstream

DEVICE = "QUNYING"
STRANGER = {"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"}
"""The homeserver has not read our registration, or has been restarted without it."""


@dataclass(frozen=True)
class Said:
    """What the homeserver answered."""

    status: int
    told: dict[str, Any]

    @property
    def is_good(self) -> bool:
        return self.status == 200

    @property
    def code(self) -> str:
        return str(self.told.get("errcode") or self.status)

    @property
    def words(self) -> str:
        return str(self.told.get("error") or "")


def local_part(wire: Wire) -> str:
    return wire.keys["user"].removeprefix("@").partition(":")[0]


def server(mxid: str) -> str:
    """The homeserver a user belongs to."""
    return mxid.partition(":")[2]


def service_id(door: str) -> str:
    """The name under which the homeserver knows us."""
    return f"qunying-{hashlib.sha256(f'matrix {door}'.encode()).hexdigest()[:12]}"


def say(
    wire: Wire,
    method: str,
    *path: str,
    body: object = None,
    query: dict[str, str] | None = None,
    seconds: float = 10.0,
    version: str = "v3",
) -> Said:
    """One call of the client API; LostError when no answer came."""
    base = wire.keys["homeserver"].rstrip("/")
    tail = "/".join(quote(part, safe="") for part in path)
    asked = f"?{urlencode(query)}" if query else ""
    answer = wire.call(
        method,
        f"{base}/_matrix/client/{version}/{tail}{asked}",
        json=body,
        seconds=seconds,
        Authorization=f"Bearer {wire.keys['as_token']}",
    )
    return Said(answer.status_code, _told(answer))


def lay_down(wire: Wire, image: Image, *, name: str) -> Said:
    """A picture at the homeserver, for a message to point at. Doing it again only leaves another copy there, so an
    answer that does not come is one that was never asked for."""
    query = urlencode({"filename": name, "user_id": wire.keys["user"]})
    base = wire.keys["homeserver"].rstrip("/")
    headers = {"Content-Type": image.mime, "Authorization": f"Bearer {wire.keys['as_token']}"}
    try:
        answer = wire.call(
            "POST",
            f"{base}/_matrix/media/v3/upload?{query}",
            content=image.data,
            seconds=SECONDS,
            **headers,  # type: ignore[arg-type]  # all of them are headers
        )
    except LostError as error:
        raise Upstream(error.code, **error.details) from None
    return Said(answer.status_code, _told(answer))


def _told(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def look(wire: Wire, *path: str, query: dict[str, str] | None = None, seconds: float = 10.0) -> Said:
    """A question that changes nothing, so an answer that does not come is one that was never asked."""
    try:
        said = say(wire, "GET", *path, query=query, seconds=seconds)
    except LostError as error:
        raise Upstream(error.code, **error.details) from None
    if said.status >= 500:
        raise Upstream("connectors.platform_away", host=wire.hosts[0])
    return said


def device(wire: Wire) -> str:
    """Our user's own device, made when it is not there; "" on a homeserver that gives services none."""
    if "device" not in wire.memory:
        settle_in(wire)
        wire.memory["device"] = DEVICE if prepare(wire, "PUT", "devices", DEVICE).status < 300 else ""
    return str(wire.memory["device"])


def settle_in(wire: Wire) -> None:
    """Make our user where the homeserver does not know it yet."""
    body = {
        "type": "m.login.application_service",
        "username": local_part(wire),
        "inhibit_login": True,
    }
    said = prepare(wire, "POST", "register", body=body)
    check_key(said)
    if not said.is_good and said.code != "M_USER_IN_USE":
        raise refused(said)


def prepare(wire: Wire, method: str, *path: str, body: object = None, seconds: float = 10.0) -> Said:
    """A deed that may be done any number of times."""
    try:
        return say(wire, method, *path, body=body or {}, seconds=seconds)
    except LostError as error:
        raise Upstream(error.code, **error.details) from None


def check_key(said: Said) -> None:
    """Nothing more is to be said with a token that the homeserver does not know."""
    if said.code in STRANGER:
        raise KeyRefused("connectors.token_refused", platform="Matrix")


def refused(said: Said) -> Invalid:
    return Invalid(
        "connectors.platform_said_no", platform="Matrix", words=f"{said.code} {said.words}".strip()[:200]
    )

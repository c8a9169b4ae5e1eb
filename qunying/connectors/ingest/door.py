"""POST /api/v1/facts, outside the ordinary request path: an ASGI handler that reads rows and hands them to one writing
thread, which writes what many requests brought in one transaction. Nothing is answered before it is on disk.

Body: a JSON array of rows, or one row a line (NDJSON). Answer: 200 when every row was taken or known already, 207 with
the faults by row when some were not; 400, 401, 413, 422, 429 and 503 refuse the whole request, and nothing is kept.
While the database is away that happens at once; and while others send, to a group that sends more than its share.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson
from django.db import InterfaceError, OperationalError, close_old_connections
from msgspec import Raw

from qunying.connectors.ingest.clerk import Clerk, Fault, Parcel
from qunying.connectors.ingest.traffic import MOST_ROWS, Traffic
from qunying.connectors.rows import decode_row
from qunying.jobs.actions import database_now
from qunying.jobs.storage import STORAGE, is_away, is_full
from qunying.kit import catalog

PATH = "/api/v1/facts"
BATCH_BYTES = 5 * 1024 * 1024
ROW_BYTES = 256 * 1024
WAITING_ROWS = 200_000
TOGETHER = 20_000
RETRY_SECONDS = 2
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Refusal(Exception):
    """The whole request is refused."""

    def __init__(self, status: int, code: str, **details: int | str) -> None:
        super().__init__(code)
        self.status, self.code, self.details = status, code, details


async def ingest(scope: Any, receive: Receive, send: Send, desk: Desk) -> None:
    """One request from its first byte to its answer."""
    try:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        if scope["method"] != "POST":
            raise Refusal(405, "connectors.post_only")
        body = await _body(headers, receive)
        parcel = _parcel(_token(headers), body)
        parcel.sent_at = _sent_at(headers)
        await desk.write(parcel)
        if parcel.refusal:
            raise Refusal(401, parcel.refusal)
        await _answer(send, *_told(parcel))
    except Refusal as refusal:
        await _answer(send, refusal.status, _problem(refusal), problem=True)


def _token(headers: dict[str, str]) -> str:
    scheme, _space, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal(401, "api.no_token")
    return token.strip()


def _sent_at(headers: dict[str, str]) -> int | None:
    """What the sender's clock showed when it sent this, in milliseconds; None where it does not tell."""
    told = headers.get("x-sent-at", "").strip()
    if told and not (told.isascii() and told.isdigit() and len(told) < 16):
        raise Refusal(422, "connectors.sent_at")
    return int(told) if told else None


async def _body(headers: dict[str, str], receive: Receive) -> bytes:
    """The whole body, never more of it in memory than is allowed."""
    told = headers.get("content-length", "0")
    if not told.isdigit() or int(told) > BATCH_BYTES:
        raise Refusal(413, "connectors.too_large", limit=BATCH_BYTES)
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "connectors.broken_off")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BATCH_BYTES:
            raise Refusal(413, "connectors.too_large", limit=BATCH_BYTES)
        if not message.get("more_body"):
            return b"".join(parts)


def _parcel(token: str, body: bytes) -> Parcel:
    """The rows that read well, and the faults of the others. A body that is no list of rows is refused."""
    parcel = Parcel(token, [])
    for place, raw in enumerate(_split(body)):
        if len(raw) > ROW_BYTES:
            raise Refusal(413, "connectors.row_too_large", row=place, limit=ROW_BYTES)
        try:
            parcel.rows.append((place, decode_row(raw), raw))
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            parcel.faults.append(Fault(place, "connectors.bad_row", raw, str(error)[:200]))
    return parcel


def _split(body: bytes) -> list[bytes]:
    start = body.lstrip()
    if not start:
        raise Refusal(422, "connectors.no_rows")
    if start[:1] == b"[":
        try:
            return [bytes(raw) for raw in msgspec.json.decode(body, type=list[Raw])]
        except (msgspec.DecodeError, RecursionError) as error:
            raise Refusal(400, "connectors.bad_json", words=str(error)[:200]) from None
    return [line for line in body.split(b"\n") if line.strip()]


def _told(parcel: Parcel) -> tuple[int, dict[str, object]]:
    faults = [
        {"row": fault.place, "code": fault.code, **({"words": fault.words} if fault.words else {})}
        for fault in sorted(parcel.faults, key=lambda each: each.place)
    ]
    told: dict[str, object] = {"accepted": parcel.accepted, "known": parcel.known, "faults": faults}
    if parcel.drift:
        told["clock_off_ms"] = -parcel.drift
    return (207 if faults else 200), told


def _problem(refusal: Refusal) -> dict[str, object]:
    sentence = next(
        (str(one.sentence) for one in catalog.collect("refusals") if one.code == refusal.code), refusal.code
    )
    return {
        "type": "about:blank",
        "title": sentence.format(**refusal.details),
        "status": refusal.status,
        "code": refusal.code,
        "details": refusal.details,
    }


async def _answer(send: Send, status: int, told: dict[str, object], *, problem: bool = False) -> None:
    body = orjson.dumps(told)
    kind = b"application/problem+json" if problem else b"application/json"
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if status in (429, 503):
        headers.append((b"retry-after", str(RETRY_SECONDS).encode()))
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Waiting:
    """A parcel in line, and whom to wake when it is written."""

    parcel: Parcel
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]

    def wake(self, refusal: Refusal | None) -> None:
        self.loop.call_soon_threadsafe(self._settle, refusal)

    def _settle(self, refusal: Refusal | None) -> None:
        if not self.done.done():  # the caller may have gone
            self.done.set_exception(refusal) if refusal else self.done.set_result(None)


class Desk:
    """The line in front of the writing thread. When too much waits, or the database is away, new parcels are refused
    aloud; what stood in line before stays there."""

    def __init__(self) -> None:
        self._line: queue.SimpleQueue[Waiting] = queue.SimpleQueue()
        self._rows = 0
        self._clerk, self._traffic = Clerk(), Traffic()
        threading.Thread(target=self._run, name="ingest", daemon=True).start()

    async def write(self, parcel: Parcel) -> None:
        """Return when the parcel is on disk."""
        if self._rows + len(parcel.rows) > WAITING_ROWS:
            raise Refusal(429, "connectors.too_much_waits")
        if not STORAGE.lets_through():
            raise Refusal(503, "connectors.storage_away")
        flood = self._traffic.flooding(parcel.chats())
        if flood is not None:
            raise Refusal(429, "connectors.group_floods", group=flood[2], limit=MOST_ROWS)
        self._rows += len(parcel.rows)
        loop = asyncio.get_running_loop()
        waiting = Waiting(parcel, loop, loop.create_future())
        self._line.put(waiting)
        try:
            await waiting.done
        finally:
            self._rows -= len(parcel.rows)

    def _run(self) -> None:
        while True:
            self._write(self._together())

    def _together(self) -> list[Waiting]:
        """What waits now, at least one parcel, up to a number of rows."""
        first = self._line.get()
        return [first, *self._waiting(TOGETHER - len(first.parcel.rows))]

    def _waiting(self, most: float = float("inf")) -> list[Waiting]:
        """What stands in line, from the front, up to a number of rows."""
        some: list[Waiting] = []
        while most > 0:
            try:
                some.append(self._line.get_nowait())
            except queue.Empty:
                break
            most -= len(some[-1].parcel.rows)
        return some

    def _write(self, some: list[Waiting]) -> None:
        """All in one transaction; if that fails for a reason of one of them, each on its own."""
        close_old_connections()
        before = [list(waiting.parcel.faults) for waiting in some]
        try:
            self._clerk.take([waiting.parcel for waiting in some], at=database_now())
        except (OperationalError, InterfaceError) as error:
            self._clerk.forget()
            if is_away(error):
                STORAGE.broke()
                some = some + self._waiting()
            code = "connectors.storage_full" if is_full(error) else "connectors.storage_away"
            self._refuse(some, Refusal(503, code))
        except Exception:
            self._clerk.forget()
            for waiting, faults in zip(some, before, strict=True):
                waiting.parcel.faults = faults
            if len(some) > 1:
                for waiting in some:
                    self._write([waiting])
            else:
                self._refuse(some, Refusal(500, "connectors.broke"))
        else:
            STORAGE.held()
            for waiting in some:
                waiting.wake(None)

    def _refuse(self, some: list[Waiting], refusal: Refusal) -> None:
        for waiting in some:
            waiting.wake(refusal)

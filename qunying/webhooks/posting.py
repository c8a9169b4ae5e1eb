"""One try to hand a message over: to a checked address outside, without following anybody elsewhere, within a few
seconds in all, reading no more of the answer than is shown."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache

import httpx
from django.conf import settings

from qunying.kit.errors import QunyingError, Upstream
from qunying.kit.safe_hosts import Place, place

SECONDS = 5.0
"""For the whole try, however slowly the other side drips."""
CONNECT_SECONDS = 2.0
ANSWER_BYTES = 2000


@dataclass(frozen=True)
class Posted:
    """How a try ended: the status and the beginning of the answer, or the error that kept one from coming.
    `retry_seconds` is how long the other side asks to be left alone."""

    took_ms: int
    status: int | None = None
    answer: str = ""
    retry_seconds: float = 0
    error: QunyingError | None = None

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == httpx.codes.GONE

    @property
    def is_away(self) -> bool:
        """The target as a whole does not work, not this one message."""
        return self.status is None or self.status >= 500 or self.status == httpx.codes.TOO_MANY_REQUESTS


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> Posted:
    """Try once; never raises for what the other side does."""
    began = time.monotonic()
    try:
        at = place(url, own=settings.PRIVATE_HOSTS)
        answer, text = asyncio.run(_exchange(at, body, headers))
    except QunyingError as error:
        return Posted(_since(began), error=error)
    except (TimeoutError, httpx.TimeoutException):
        return Posted(_since(began), error=Upstream("webhooks.too_slow", seconds=int(SECONDS)))
    except (httpx.HTTPError, OSError):
        return Posted(_since(began), error=Upstream("webhooks.no_answer"))
    wait = _retry_after(answer.headers.get("retry-after", ""))
    return Posted(_since(began), answer.status_code, text, wait)


async def _exchange(at: Place, body: bytes, headers: Mapping[str, str]) -> tuple[httpx.Response, str]:
    limits = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
    async with (
        asyncio.timeout(SECONDS),
        httpx.AsyncClient(timeout=limits, follow_redirects=False, trust_env=False, verify=_trust()) as client,
        client.stream(
            "POST",
            at.url,
            content=body,
            headers={**headers, "host": at.header, "accept-encoding": "identity"},
            extensions={"sni_hostname": at.host},
        ) as answer,
    ):
        told = b""
        async for part in answer.aiter_raw():
            told += part
            if len(told) >= ANSWER_BYTES:
                break
        return answer, told[:ANSWER_BYTES].decode("utf-8", "replace")


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _retry_after(told: str) -> float:
    """Seconds, or until a date; 0 for what makes no sense."""
    if told.isascii() and told.isdigit():
        return float(told[:6])
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)

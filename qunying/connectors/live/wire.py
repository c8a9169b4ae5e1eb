"""How connectors call their platforms: only hosts they declare, no redirects, short limits, and errors that carry no
secret. A simulator takes a host's place only where the install's settings say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from qunying.kit.errors import Upstream

Keys = Mapping[str, str]
"""What the operator filled in for a connection, secrets included: field name → value."""

CONNECT_SECONDS = 2.0
ANSWER_BYTES = 8 * 1024 * 1024


class LostError(Upstream):
    """The request left and no answer came: the platform may have done it or not."""


@dataclass(frozen=True)
class Wire:
    """A connection's keys and its line to the platform. `door` is the unguessable part of its own address."""

    keys: Keys
    hosts: tuple[str, ...]
    door: str = ""
    memory: dict[str, Any] = field(default_factory=dict)
    """What a connector remembers between calls of one process, such as a short-lived access token."""

    def call(
        self, method: str, url: str, *, json: object = None, seconds: float = 10.0, **headers: str
    ) -> httpx.Response:
        """The answer, whatever its status. Upstream when the request never left, LostError when no answer came."""
        address = self._address(url)
        try:
            with httpx.Client(
                timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS),
                follow_redirects=False,
                trust_env=False,
            ) as client:
                return client.request(method, address, json=json, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise Upstream("connectors.platform_away", host=_host(url)) from None
        except httpx.HTTPError:
            raise LostError("connectors.no_answer", host=_host(url)) from None

    def _address(self, url: str) -> str:
        host = _host(url)
        if host not in self.hosts:
            raise Upstream("connectors.strange_host", host=host)
        simulator: str | None = settings.SIMULATORS.get(host)
        parts = urlsplit(url)
        rest = parts.path + (f"?{parts.query}" if parts.query else "")
        return f"{simulator}{rest}" if simulator else url


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""

"""How connectors call their platforms: only hosts they declare, no redirects, short limits, and errors that carry no
secret. A simulator takes a host's place only where the install's settings say so."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from queue import SimpleQueue
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.sync.connection import Connection

from qunying.kit.errors import Upstream
from qunying.kit.safe_hosts import Place, place

Keys = Mapping[str, str]
"""What the operator filled in for a connection, secrets included: field name → value."""

CONNECT_SECONDS = 2.0
ANSWER_BYTES = 8 * 1024 * 1024
FRAMES = 64
"""Frames that wait to be stored; with more the socket is not read, so the other side waits."""


class LostError(Upstream):
    """The request left and no answer came: the platform may have done it or not."""


class KeyRefused(Upstream):
    """The platform does not take our keys any more: nothing was done, and nothing will be until they are changed."""


@dataclass(frozen=True)
class Form:
    """The body of a request that carries files (multipart/form-data): field → text, and field → name, bytes, type."""

    fields: Mapping[str, str]
    files: Mapping[str, tuple[str, bytes, str]]


@dataclass(frozen=True)
class Visit:
    """A socket that the platform's side opened to us; whoever is done with it sets `over`."""

    line: Connection
    over: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Wire:
    """A connection's keys and its line to the platform. `door` is the unguessable part of its own address."""

    keys: Keys
    hosts: tuple[str, ...]
    door: str = ""
    homes: tuple[str, ...] = ()
    """Hosts the operator named; they must lie outside, unless the install's settings say otherwise."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What a connector remembers between calls of one process, such as a short-lived access token."""
    visits: SimpleQueue[Visit] = field(default_factory=SimpleQueue)
    """Sockets opened to us and not yet talked over."""
    clock: Callable[[], float] = time.time
    """Seconds UTC."""
    notes: Callable[[str, int], Mapping[str, bytes]] = field(default=lambda _prefix, _most: {})
    """What the connector wrote down before: the first so many notes whose names begin like this, in their order."""

    def call(
        self,
        method: str,
        url: str,
        *,
        json: object = None,
        content: bytes | None = None,
        form: Form | None = None,
        seconds: float = 10.0,
        **headers: str,
    ) -> httpx.Response:
        """The answer, whatever its status. Upstream when the request never left, LostError when no answer came."""
        at = self._place(url)
        try:
            with httpx.Client(
                timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS),
                follow_redirects=False,
                trust_env=False,
                verify=_trust(),
            ) as client:
                return client.request(
                    method,
                    at.url,
                    json=json,
                    content=content,
                    data=form.fields if form else None,
                    files=form.files if form else None,
                    headers={**headers, "Host": at.header},
                    extensions={"sni_hostname": at.host},
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise Upstream("connectors.platform_away", host=host_of(url)) from None
        except httpx.HTTPError:
            raise LostError("connectors.no_answer", host=host_of(url)) from None

    def dial(self, url: str, **headers: str) -> ClientConnection:
        """An open socket. Upstream when there is none to be had."""
        plain = url.replace("ws", "http", 1) if url.startswith("ws") else url
        at = self._place(plain)
        target = urlsplit(at.url)
        named = plain if at.host == host_of(url) else at.url  # a simulator is greeted by its own name
        try:
            sock = socket.create_connection(
                (target.hostname or "", target.port or (443 if target.scheme == "https" else 80)),
                timeout=CONNECT_SECONDS,
            )
            return connect(
                named.replace("http", "ws", 1),
                sock=sock,
                additional_headers=headers,
                proxy=None,
                compression=None,
                open_timeout=CONNECT_SECONDS * 3,
                close_timeout=1,
                ping_timeout=60,
                max_size=ANSWER_BYTES,
                max_queue=FRAMES,
            )
        except InvalidHandshake:
            raise Upstream("connectors.socket_refused", host=host_of(url)) from None
        except (OSError, TimeoutError, WebSocketException):
            raise Upstream("connectors.platform_away", host=host_of(url)) from None

    def _place(self, url: str) -> Place:
        """Where to connect for this address; refused when it leads elsewhere than the connector may."""
        host = host_of(url)
        own = any(host == one or (one.startswith(".") and host.endswith(one)) for one in self.hosts)
        if not own and host not in self.homes:
            raise Upstream("connectors.strange_host", host=host)
        simulator: str | None = settings.SIMULATORS.get(host)
        if simulator:
            parts = urlsplit(url)
            rest = parts.path + (f"?{parts.query}" if parts.query else "")
            return Place(f"{simulator}{rest}", host_of(simulator))
        return Place(url, host) if own else place(url, own=settings.PRIVATE_HOSTS)


@cache
def _trust() -> ssl.SSLContext:
    """The certificates we believe; reading them takes longer than most calls."""
    return httpx.create_ssl_context(trust_env=False)


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""

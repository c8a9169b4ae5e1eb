"""Where platforms open sockets to us: /sockets/<door>/ on its own address, verified before it opens."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.sync.server import ServerConnection, serve

from qunying.connectors.live.connector import Connector, Knock
from qunying.connectors.live.wire import ANSWER_BYTES, FRAMES, Visit, Wire
from qunying.kit.errors import QunyingError

PATH = "/sockets/"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Guest:
    """Whose socket a door leads to, until `ended` is set."""

    kind: Connector
    wire: Wire
    ended: threading.Event


class Doorway:
    """A socket server; `guests` are the doors that may be knocked at, by the unguessable part of their address."""

    def __init__(self, host: str, port: int) -> None:
        self.guests: Mapping[str, Guest] = {}
        quiet = logging.getLogger(f"{__name__}.handshakes")
        quiet.setLevel(logging.CRITICAL)  # failed handshakes are noise, and its lines hold addresses
        self._server = serve(
            self._talk,
            host,
            port,
            process_request=self._gate,
            compression=None,
            close_timeout=1,
            ping_timeout=60,
            max_size=ANSWER_BYTES,
            max_queue=FRAMES,
            logger=quiet,
            server_header=None,
        )
        threading.Thread(target=self._server.serve_forever, name="Doorway", daemon=True).start()

    @classmethod
    def opened(cls) -> Doorway | None:
        """The doorway on the address of the settings; None where they name none, or one that is taken."""
        if not settings.SOCKETS:
            return None
        host, _colon, port = settings.SOCKETS.rpartition(":")
        try:
            return cls(host.strip("[]"), int(port))
        except OSError as error:
            _log.error(
                "no sockets at %s (%s): set QUNYING_SOCKETS to a free address", settings.SOCKETS, error
            )
            return None

    @property
    def port(self) -> int:
        return int(self._server.socket.getsockname()[1])

    def close(self) -> None:
        self._server.shutdown()

    def _gate(self, line: ServerConnection, request: Request) -> Response | None:
        """None lets it in."""
        parts = urlsplit(request.path)
        door = _door(parts.path)
        guest = self.guests.get(door)
        if guest is None or guest.kind.admit is None:
            return line.respond(HTTPStatus.NOT_FOUND, "")
        headers = {name.lower(): value for name, value in request.headers.raw_items()}
        knock = Knock("GET", dict(parse_qsl(parts.query)), headers, b"", time.time_ns() // 1_000_000, door)
        try:
            guest.kind.admit(guest.wire.keys, knock)
        except QunyingError as error:
            return line.respond(HTTPStatus(error.status), "")
        return None

    def _talk(self, line: ServerConnection) -> None:
        """Hand the socket to the connection's talker, and hold it open until that is done with it."""
        assert line.request is not None  # it passed the gate
        guest = self.guests.get(_door(urlsplit(line.request.path).path))
        if guest is None:
            return
        visit = Visit(line)
        guest.wire.visits.put(visit)
        while not visit.over.wait(1.0) and not guest.ended.is_set() and line.state is State.OPEN:
            pass


def _door(path: str) -> str:
    return path.removeprefix(PATH).strip("/") if path.startswith(PATH) else ""

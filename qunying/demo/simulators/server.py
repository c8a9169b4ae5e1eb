"""The bare bones of a simulator: an HTTP server on a free loopback port, with faults that can be planted."""

from __future__ import annotations

import re
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

import orjson

BOUNDARY = re.compile(r'^multipart/form-data;.*boundary="?([^";]+)')
NAMES = re.compile(r'\b(name|filename)="([^"]*)"')


@dataclass(frozen=True)
class Call:
    """One request as the simulated platform sees it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        told = orjson.loads(self.body or b"{}")
        return told if isinstance(told, dict) else {}

    def form(self) -> dict[str, Part]:
        """The parts of a body that carries files (multipart/form-data), by their names."""
        found = BOUNDARY.search(self.headers.get("content-type", ""))
        sections = self.body.split(b"--" + found[1].encode())[1:-1] if found else []
        parts = {}
        for section in sections:
            head, _empty, data = section.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
            told = dict(NAMES.findall(head.decode()))
            parts[told["name"]] = Part(data, told.get("filename", ""))
        return parts


@dataclass(frozen=True)
class Part:
    """One field of such a body; `name` is that of a file, "" for text."""

    data: bytes
    name: str

    def text(self) -> str:
        return self.data.decode()


@dataclass(frozen=True)
class Reply:
    """What it answers. `hangs_up` closes the line without a word, after the deed is done."""

    body: object = None
    status: int = 200
    hangs_up: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class Simulator(ABC):
    """Serves `answer` until closed; `faults` are replies given, one each, in place of the next answers' words: the deed
    is done all the same where the fault says so."""

    def __init__(self, port: int = 0) -> None:
        self.lock = threading.RLock()
        self.calls: list[Call] = []
        self.faults: deque[Callable[[Call], Reply | None]] = deque()
        self.is_plugged_in = True
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @abstractmethod
    def answer(self, call: Call) -> Reply:
        """What the platform does and says."""

    def handle(self, call: Call) -> Reply:
        """Answer, or while the plug is out hang up with nothing done."""
        if not self.is_plugged_in:
            return Reply(hangs_up=True)
        with self.lock:
            self.calls.append(call)
            planted = self.faults.popleft()(call) if self.faults else None
        return planted or self.answer(call)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _handler(simulator: Simulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _serve(self, simulator)

        def do_POST(self) -> None:
            _serve(self, simulator)

        def do_PUT(self) -> None:
            _serve(self, simulator)

        def do_PATCH(self) -> None:
            _serve(self, simulator)

        def do_DELETE(self) -> None:
            _serve(self, simulator)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its parent's name
            """Say nothing."""

    return Handler


def _serve(visitor: BaseHTTPRequestHandler, simulator: Simulator) -> None:
    parts = urlsplit(visitor.path)
    body = visitor.rfile.read(int(visitor.headers.get("Content-Length") or 0))
    headers = {name.lower(): value for name, value in visitor.headers.items()}
    call = Call(visitor.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
    reply = simulator.handle(call)
    if reply.hangs_up:
        visitor.close_connection = True
        visitor.connection.close()
        return
    said = reply.body if isinstance(reply.body, bytes) else orjson.dumps(reply.body)
    visitor.send_response(reply.status)
    if said:
        visitor.send_header("Content-Type", "application/json")
    visitor.send_header("Content-Length", str(len(said)))
    for name, value in reply.headers.items():
        visitor.send_header(name, value)
    visitor.end_headers()
    with suppress(ConnectionError):  # whoever asked has gone
        visitor.wfile.write(said)

"""Sends requests over kept-open connections, as many at once as there are connections, and reads every answer. Plain
sockets, since it shares the machine with the server that it measures."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

import orjson

from benchmarks.places import Place

Told = dict[str, int]


@dataclass(frozen=True)
class Answer:
    """Status and body of the answer to the request at this place; status 0 where the line broke before it."""

    place: int
    status: int
    body: bytes

    @property
    def told(self) -> dict[str, object]:
        found: dict[str, object] = orjson.loads(self.body)
        return found


@contextmanager
def at_once(push: Callable[[int], None], count: int, over: threading.Event) -> Iterator[None]:
    """So many threads that push, each with its number, until this ends; `over` tells them."""
    threads = [threading.Thread(target=push, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def send_all(port: int, path: str, token: str, bodies: Sequence[bytes], *, at_once: int) -> list[Answer]:
    """Every body once; answers in the order they came."""
    heads = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    requests = enumerate(
        f"{heads}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        for body in bodies
    )
    return asyncio.run(_all(port, requests, at_once))


async def _all(port: int, requests: Iterator[tuple[int, bytes]], at_once: int) -> list[Answer]:
    answers: list[Answer] = []
    await asyncio.gather(*(_one_line(port, requests, answers) for _ in range(at_once)))
    return answers


async def _one_line(port: int, requests: Iterator[tuple[int, bytes]], answers: list[Answer]) -> None:
    """One connection, one request after another; a broken one is opened again."""
    reader = writer = None
    for place, request in requests:
        try:
            if reader is None or writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            answers.append(Answer(place, *await _read(reader)))
        except (OSError, asyncio.IncompleteReadError):
            answers.append(Answer(place, 0, b""))
            reader = writer = None
            await asyncio.sleep(0.02)
    if writer is not None:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    _name, told, rest = head.lower().partition(b"content-length:")
    if told:
        return int(head[9:12]), await reader.readexactly(int(rest.partition(b"\r")[0]))
    parts = []  # in chunks
    while size := int(await reader.readline(), 16):
        parts.append((await reader.readexactly(size + 2))[:-2])
    await reader.readexactly(2)
    return int(head[9:12]), b"".join(parts)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def granian(place: Place, interface: str, application: str) -> Iterator[int]:
    """A server of one process; the port it listens on."""
    port = free_port()
    with (place.home / "server.log").open("w") as log:
        child = start(place, interface, application, port=port, log=log)
        try:
            yield port
        finally:
            child.terminate()
            with suppress(subprocess.TimeoutExpired):
                child.wait(10)
            child.kill()
            child.wait()


def start(
    place: Place, interface: str, application: str, *, port: int, log: IO[str]
) -> subprocess.Popen[bytes]:
    """Start it and return when it takes connections."""
    words = [
        sys.executable, "-m", "granian", "--interface", interface, application, "--port", str(port), "--workers", "1",
        "--workers-kill-timeout", "5", "--log-level", "warning",
        *(("--blocking-threads", "32") if interface == "wsgi" else ()),
    ]  # fmt: skip
    child = subprocess.Popen(words, env=place.env, stdout=log, stderr=log, start_new_session=os.name != "nt")
    until = time.monotonic() + 60
    while time.monotonic() < until and child.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return child
        time.sleep(0.05)
    child.kill()
    raise RuntimeError(f"{application} did not come up; see {log.name}")

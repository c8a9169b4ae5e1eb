"""Long files are read in a process of their own, so that reading them and writing what they tell share two cores.

The process gets its order on stdin and answers frames on stdout: four bytes of length, then entries as MessagePack, the
messages already read off. It opens no database. What it refuses it says in its last frame, and is refused here.
"""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from queue import SimpleQueue
from threading import BoundedSemaphore, Thread
from typing import IO, BinaryIO

import msgspec
from msgspec import Struct, msgpack

from qunying.connectors.importers import IMPORTERS, entries
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Act, Chat, Entry, Options
from qunying.connectors.reading import Reading
from qunying.facts.keys import Keys
from qunying.kit.days import clock
from qunying.kit.errors import Detail, Invalid

LONG = 8 << 20
"""Bytes of a file that are worth a process."""
FRAME = 2_000
"""Entries and messages in one frame."""
AHEAD = 32
"""Frames that may wait here while others are written."""


COMMAND = (
    sys.executable,
    "-c",
    "from django.conf import settings; settings.configure(USE_I18N=False); "
    "from qunying.connectors.aside import run; run()",
)
"""Without our settings: it needs neither apps nor a database, and what readers say beside the entries is shown to
nobody there, so nothing is translated."""


class Request(Struct):
    """What to read, and the brand's secret and zone to read it with."""

    path: str
    inside: str
    form: str
    options: Options
    secret: bytes
    zone: str


class Refusal(Struct, tag=True):
    """The file is not as it should be: what Invalid says."""

    code: str
    details: dict[str, Detail]


class End(Struct, tag=True):
    """All has been said."""


Frame = list[Entry] | Refusal | End


def is_long(form: Format, source: Source) -> bool:
    """Whether reading the source in a process of its own pays, and it can be opened there."""
    return (
        form in IMPORTERS
        and source.path.is_file()
        and source.path.stat().st_size >= LONG
        and (os.cpu_count() or 1) > 1
    )


def read_aside(request: Request) -> Generator[Entry]:
    """The source's entries, as `importers.entries` gives them, messages as Spoken."""
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:  # noqa: S603  # our own words
        assert child.stdin
        assert child.stdout
        frames = _Frames(child.stdout)
        try:
            child.stdin.write(msgpack.encode(request))
            child.stdin.close()
            yield from frames
        finally:
            child.kill()
            frames.close()


class _Frames:
    """Frames as they come, some of them ahead, so that the process need not wait while we write."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._is_over = False
        self._queue: SimpleQueue[Frame | None] = SimpleQueue()
        self._room = BoundedSemaphore(AHEAD)
        self._thread = Thread(target=self._fetch, daemon=True)
        self._thread.start()

    def _fetch(self) -> None:
        decode = msgpack.Decoder(Frame).decode
        frame: Frame | None = []
        while frame is not None:
            self._room.acquire()
            try:
                (size,) = struct.unpack("<I", self._stream.read(4))
                frame = decode(self._stream.read(size))
            except (
                struct.error,
                msgspec.DecodeError,
            ):  # the process is gone, after its last frame or within one
                frame = None
            self._queue.put(frame)

    def __iter__(self) -> Iterator[Entry]:
        while (frame := self._next()) is not None:
            if isinstance(frame, End):
                return
            if isinstance(frame, Refusal):
                raise Invalid(frame.code, **frame.details)
            yield from frame
        raise ChildProcessError("the process that read the file has died")

    def _next(self) -> Frame | None:
        frame = self._queue.get()
        self._room.release()
        self._is_over = frame is None
        return frame

    def close(self) -> None:
        """Let the thread end, which it does once the process is gone."""
        while not self._is_over:
            self._next()


def _answer(request: Request, out: BinaryIO) -> None:
    form = next(form for form in IMPORTERS if form.key == request.form)
    source = Source(Path(request.path), inside=request.inside)
    try:
        for frame in _frames(entries(form, source, request.options), Keys(request.secret), request.zone):
            _put(out, frame)
        _put(out, End())
    except Invalid as fault:
        _put(out, Refusal(fault.code, fault.details))


def _frames(stream: Iterator[Entry], keys: Keys, zone: str) -> Iterator[list[Entry]]:
    """The entries in their order, messages that follow each other together."""
    frame: list[Entry] = []
    reading: Reading | None = None
    held = 0
    for entry in stream:
        held += 1
        if isinstance(entry, Act) and entry.kind == "message" and reading:
            reading.add(entry)
        else:
            if reading and reading.spoken:
                frame.append(reading.take())
            if isinstance(entry, Chat):
                reading = Reading(entry, keys, clock(zone))
            frame.append(entry)
        if held >= FRAME:
            if reading and reading.spoken:
                frame.append(reading.take())
            yield frame
            frame, held = [], 0
    if reading and reading.spoken:
        frame.append(reading.take())
    yield frame


def _put(out: BinaryIO, frame: Frame) -> None:
    raw = msgpack.encode(frame)
    out.write(struct.pack("<I", len(raw)))
    out.write(raw)


def run() -> None:
    """What the process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever ordered this is asked to stop too, and says so
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nobody reads it any more
    asked = msgpack.decode(sys.stdin.buffer.read(), type=Request)
    with open(sys.stdout.fileno(), "wb", buffering=1 << 20, closefd=False) as out:
        _answer(asked, out)

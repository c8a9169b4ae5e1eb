"""Reading a file in which chats are mixed chat by chat, in little memory."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from typing import IO, Any

import msgspec


class Spool:
    """Records set aside by chat in a temporary file; only their places stay in memory. Close it, or use `with`."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__
        self._places: dict[str, array[int]] = {}
        self._end = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_fault: object) -> None:
        self._file.close()

    def put(self, chat: str, line: int, record: object) -> None:
        """Sets the record aside, with its number in the file."""
        raw = msgspec.msgpack.encode((line, record))
        self._places.setdefault(chat, array("Q")).extend((self._end, len(raw)))
        self._end += self._file.write(raw)

    def chats(self) -> list[str]:
        """The chats in the order in which they first came."""
        return list(self._places)

    def records(self, chat: str) -> Iterator[tuple[int, Any]]:
        """Number and record of everything set aside for the chat, in order. Any: foreign records."""
        places = self._places.get(chat, array("Q"))
        for start, size in zip(places[::2], places[1::2], strict=True):
            self._file.seek(start)
            line, record = msgspec.msgpack.decode(self._file.read(size))
            yield line, record

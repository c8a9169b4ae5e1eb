"""The folder in which pieces of a push session wait: `lines` (what they told) and `keys` (by what it is known again).

Both only grow, and only as much counts as the session's row says: what a broken-off piece left behind is cut away by
the next one."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import numpy as np
from django.conf import settings

from qunying.connectors.models import PushSession
from qunying.connectors.pieces import Piece, Told

KEEP_SECONDS = 24 * 3600
Numbers = np.ndarray[tuple[int], np.dtype[np.uint64]]


def home() -> Path:
    return Path(settings.HOME) / "pushes"


@contextmanager
def aside() -> Iterator[Path]:
    """A folder for one file that is read and forgotten."""
    home().mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home()) as folder:
        yield Path(folder)


def folder_of(session: PushSession) -> Path:
    return home() / session.folder


def known(session: PushSession) -> Numbers:
    """The numbers of everything the waiting pieces told."""
    if not session.is_open:
        return np.zeros(0, np.uint64)
    return np.fromfile(folder_of(session) / "keys", np.uint64, session.seen)


def new_among(told: Iterable[Told], seen: Numbers) -> list[Told]:
    """Those whose number is not known yet, each once."""
    rows: dict[int, Told] = {}
    for one in told:
        rows.setdefault(one.key, one)
    there = np.isin(np.fromiter(rows, np.uint64, len(rows)), seen)
    return [one for one, is_there in zip(rows.values(), there, strict=True) if not is_there]


def newly_met(piece: Piece, seen: Numbers) -> list[int]:
    met = np.fromiter(piece.people, np.uint64, len(piece.people))
    return [int(one) for one in met[~np.isin(met, seen)]]


def header(session: PushSession) -> bytes:
    """The first line of the file that comes of it."""
    row = {"_type": "header", "chatlab": {"version": "0.0.2"}, "meta": session.meta}
    return msgspec.json.encode(row) + b"\n"


def append(session: PushSession, lines: bytes, keys: list[int]) -> None:
    """Put the lines and their numbers on disk behind what counts already. The row is the caller's to write."""
    folder = folder_of(session)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _put(folder / "lines", session.size, lines)
    _put(folder / "keys", session.seen * 8, np.array(keys, np.uint64).tobytes())


def _put(path: Path, size: int, data: bytes) -> None:
    with path.open("r+b" if path.exists() else "w+b") as stream:
        stream.truncate(size)
        stream.seek(size)
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def compose(session: PushSession, target: Path) -> None:
    """Write the waiting pieces as one ChatLab file, those that tell of earlier times first: a reply finds what it
    answers, in whatever order the pieces came."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with (folder_of(session) / "lines").open("rb") as lines, target.open("wb") as file:
        file.write(header(session))
        for _first, start, size, *_more in sorted(session.parts):
            lines.seek(start)
            file.write(lines.read(size))


def sweep() -> None:
    """Delete what a server that died left behind: folders no session knows, a day after they were last written to."""
    named = set(PushSession.objects.exclude(folder="").values_list("folder", flat=True))
    for folder in home().glob("*"):
        with suppress(FileNotFoundError):  # another process sweeps too
            if folder.name not in named and folder.stat().st_mtime < time.time() - KEEP_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def drop(name: str) -> None:
    """Delete a folder; "" is none."""
    if name:
        shutil.rmtree(home() / name, ignore_errors=True)

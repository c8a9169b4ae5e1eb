"""Where pictures lie on disk, and what may lie there: told by what is in it, not by its name."""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from qunying.kit import pictures
from qunying.kit.errors import Invalid

MOST_BYTES = 8 << 20
LEFT_OVER = 24 * 3600
"""After so many seconds a file that no row names was left by a write that broke off."""


@dataclass(frozen=True)
class Shelf:
    """A folder under QUNYING_HOME, readable by nobody else."""

    folder: str

    @property
    def home(self) -> Path:
        return Path(settings.HOME) / self.folder

    def put(self, data: bytes, *, form: str) -> str:
        """The unguessable name under which it lies there now."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{secrets.token_hex(16)}.{form}"
        (self.home / name).write_bytes(data)
        return name

    def holds(self, name: str) -> bool:
        return (self.home / name).is_file()

    def sweep(self, known: Collection[str]) -> None:
        """Delete files that no row names any more: a write that broke off, or a brand that was taken away."""
        oldest = time.time() - LEFT_OVER
        for path in self.home.glob("*"):
            with suppress(FileNotFoundError):  # another process sweeps too
                if path.name not in known and path.stat().st_mtime < oldest:
                    path.unlink()


def checked(data: bytes, *, too_big: Invalid, strange: Invalid) -> pictures.Picture:
    """What picture this is; one of the refusals for too much of it and for anything else."""
    if len(data) > MOST_BYTES:
        raise too_big
    seen = pictures.look(data)
    if seen is None:
        raise strange
    return seen

"""What an importer reads from: a file, a folder, or an archive opened safely, all with the same few verbs."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

from qunying.connectors.importers.archive import Guarded, Zip, damage, gunzip, is_junk
from qunying.kit.errors import UNNAMED, Invalid

HEAD = 65536
CHUNK = 1 << 20
MAX_LINE = 16 << 20
MAX_FILES = 200_000


class Source:
    """One thing the operator handed over. Names inside are relative paths with `/`; a plain file has one name.

    A `.gz` file is read as what it holds, a `.zip` as a folder. `inside` makes one entry of a zip a source of its own.
    """

    def __init__(self, path: Path, *, inside: str = "", zipped: Zip | None = None) -> None:
        self.path = path
        self.inside = inside
        self._zip = zipped or (Zip(path) if Zip.fits(path) else None)
        self._names: list[str] | None = None
        self._heads: dict[str, bytes] = {}

    @property
    def name(self) -> str:
        return self.inside.rsplit("/", 1)[-1] or self.path.name

    @property
    def is_many(self) -> bool:
        """Whether it is a folder or an archive, so that there may be several files inside."""
        return not self.inside and (self._zip is not None or self.path.is_dir())

    def names(self) -> list[str]:
        """Names of the files inside, sorted, hidden ones too; a plain file answers its own name (without `.gz`)."""
        if self._names is None:
            if not self.is_many:
                self._names = [self.name.removesuffix(".gz")]
            else:
                self._names = sorted(self._zip.names() if self._zip else _files(self.path))
        return self._names

    @property
    def root(self) -> str:
        """The folder all files inside have in common, with its `/`: "" or what the packer wrapped around them."""
        folders = [name.split("/")[:-1] for name in self.names()]
        shared = [
            same[0] for same in takewhile(lambda level: len(set(level)) == 1, zip(*folders, strict=False))
        ]
        return "".join(f"{folder}/" for folder in shared)

    def find(self, *basenames: str) -> str | None:
        """The full name of the first of these that stands in the root."""
        names, root = set(self.names()), self.root
        return next((root + name for name in basenames if root + name in names), None)

    def open(self, name: str | None = None) -> BinaryIO:
        """Bytes of the file, decompressed if it was packed. Raises Invalid when it unpacks to more than it may."""
        entry = self.inside or name
        if self._zip is not None and entry:
            return self._zip.open(entry)
        path = self.path / name if self.path.is_dir() and name else self.path
        with path.open("rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
        return gunzip(path) if packed else path.open("rb")

    def head(self, size: int = HEAD, name: str | None = None) -> bytes:
        """The first bytes, for sniffing; none of a folder as such."""
        if self.is_many and name is None:
            return b""
        key = name or ""
        if len(self._heads.get(key, b"")) < size:
            with self.open(name) as stream, damage(self.path.name, name or self.inside):
                self._heads[key] = stream.read(max(size, HEAD))
        return self._heads[key][:size]

    def children(self) -> list[Source]:
        """What stands directly in a folder (subfolders as one each), or every file of a zip."""
        if not self.is_many:
            return []
        if self._zip is not None:
            return [Source(self.path, inside=name, zipped=self._zip) for name in self.names()]
        return [Source(path) for path in sorted(self.path.iterdir()) if not is_junk(path.name)]


def _files(folder: Path) -> Iterator[str]:
    """Relative names of the files below; a link that leads out of the folder is refused."""
    root = folder.resolve()
    for count, path in enumerate(sorted(folder.rglob("*")), start=1):
        if count > MAX_FILES:
            raise Invalid("connectors.folder_too_big", folder=folder.name, limit=MAX_FILES)
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise Invalid("connectors.archive_bad_path", archive=folder.name, entry=name)
        if path.is_file() and not is_junk(name):
            yield name


def spread(names: list[str], count: int = 20) -> list[str]:
    """About so many of the names, evenly spread, for a look at a large folder."""
    return names[:: max(1, len(names) // count)]


def lines(stream: BinaryIO | BufferedReader | Guarded) -> Iterator[bytes]:
    """The lines without their ends. Raises Invalid with the line number when one is longer than `MAX_LINE`."""
    rest = b""
    number = 1
    while chunk := stream.read(CHUNK):
        block = rest + chunk if rest else chunk
        *whole, rest = block.split(b"\n")
        number += len(whole)
        yield from whole
        if len(rest) > MAX_LINE:
            raise Invalid("connectors.line_too_long", file=UNNAMED, line=number, limit=MAX_LINE)
    if rest:
        yield rest

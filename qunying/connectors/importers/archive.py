"""Opening packed files without being hurt by them: bombs, odd paths and nested archives are refused."""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from qunying.kit.errors import Invalid

MAX_ENTRIES = 10_000
MAX_RATIO = 200
"""Chat JSON packs 10 to 60 times; a bomb packs a thousand times."""
FREE = 16 << 20
"""Bytes any file may unpack to, whatever the ratio."""
MAX_UNPACKED = 16 << 30

_PACKED_SUFFIXES = (".zip", ".gz", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz")
_RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"com{n}" for n in range(1, 10)),
    *(f"lpt{n}" for n in range(1, 10)),
}


def is_junk(name: str) -> bool:
    """What desktop systems leave behind. Other hidden names are content: a topic may begin with a dot."""
    return name == "__MACOSX" or name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1] == ".DS_Store"


def is_packed(name: str) -> bool:
    return name.lower().endswith(_PACKED_SUFFIXES)


class Zip:
    """A zip whose directory has been checked before the first byte is unpacked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with damage(path.name):
            self._file = zipfile.ZipFile(path)
        self._entries = self._checked()

    @staticmethod
    def fits(path: Path) -> bool:
        """Whether it is a zip of files; a workbook is a zip too, but one file to us."""
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            if stream.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
                return False
        return path.suffix.lower() not in (".xlsx", ".xlsm", ".docx", ".ods", ".apk", ".jar", ".epub")

    def names(self) -> list[str]:
        return list(self._entries)

    def open(self, name: str) -> BinaryIO:
        """The entry unpacked; an archive inside the archive is refused."""
        info = self._entries[name]
        if is_packed(name):
            raise Invalid("connectors.archive_nested", archive=self.path.name, entry=name)
        with damage(self.path.name, name):
            raw = self._file.open(info)
        return _guard(raw, self.path.name, name, info.compress_size)

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        infos = self._file.infolist()
        archive = self.path.name
        if len(infos) > MAX_ENTRIES:
            raise Invalid(
                "connectors.archive_too_many", archive=archive, entries=len(infos), limit=MAX_ENTRIES
            )
        entries: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = _true_name(info)
            _check_entry(archive, name, info)
            if not info.is_dir() and not is_junk(name):
                entries[name] = info
        total = sum(info.file_size for info in infos)
        if total > MAX_UNPACKED:
            raise Invalid("connectors.archive_too_big", archive=archive, size=total, limit=MAX_UNPACKED)
        if entries and all(is_packed(name) for name in entries):
            raise Invalid("connectors.archive_nested", archive=archive, entry=next(iter(entries)))
        return entries


def _true_name(info: zipfile.ZipInfo) -> str:
    """Chinese Windows writes names in GBK without saying so; the module then reads them as code page 437."""
    if info.flag_bits & 0x800 or info.orig_filename.isascii():
        return info.orig_filename
    raw = info.orig_filename.encode("cp437", "replace")
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _check_entry(archive: str, name: str, info: zipfile.ZipInfo) -> None:
    parts = name.rstrip("/").split("/")
    if (
        not name
        or name.startswith("/")
        or any(mark in name for mark in ("\\", "\0", ":"))
        or any(part in ("", ".", "..") or part.split(".")[0].strip().lower() in _RESERVED for part in parts)
        or stat.S_ISLNK(info.external_attr >> 16)
    ):
        raise Invalid("connectors.archive_bad_path", archive=archive, entry=name.replace("\0", "?")[:120])
    if info.flag_bits & 0x1:
        raise Invalid("connectors.archive_locked", archive=archive, entry=name)
    if info.file_size > FREE and info.file_size > MAX_RATIO * info.compress_size:
        _bomb(archive, name)


def gunzip(path: Path) -> BinaryIO:
    """The one file a `.gz` holds."""
    return _guard(cast("BinaryIO", gzip.open(path, "rb")), path.name, path.stem, path.stat().st_size)


def _guard(raw: object, archive: str, entry: str, packed: int) -> BinaryIO:
    guarded = Guarded(cast("BinaryIO", raw), archive=archive, entry=entry, packed=packed)
    return cast("BinaryIO", io.BufferedReader(guarded, buffer_size=1 << 18))


class Guarded(io.RawIOBase):
    """Counts while unpacking, for what an archive declares may be a lie."""

    def __init__(self, raw: BinaryIO, *, archive: str, entry: str, packed: int) -> None:
        self._raw = raw
        self._archive = archive
        self._entry = entry
        self._most = min(MAX_UNPACKED, max(FREE, MAX_RATIO * packed))
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # RawIOBase asks for any buffer
        with damage(self._archive, self._entry):
            chunk = self._raw.read(len(buffer))
        self._seen += len(chunk)
        if self._seen > self._most:
            _bomb(self._archive, self._entry)
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


def _bomb(archive: str, entry: str) -> None:
    raise Invalid("connectors.archive_bomb", archive=archive, entry=entry, limit=MAX_RATIO)


@contextmanager
def damage(archive: str, entry: str = "") -> Iterator[None]:
    """Turns what a broken archive raises into one refusal."""
    try:
        yield
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError) as fault:
        raise Invalid("connectors.archive_damaged", archive=archive, entry=entry or archive) from fault

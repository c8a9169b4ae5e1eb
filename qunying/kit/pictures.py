"""Tells a picture by what it is made of, not by its name: form, width and height."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
"""Form → how a browser is told of it."""
LONGEST_SIDE = 30_000
"""Long screenshots are long, but a side beyond this is an attack on whoever opens it."""
PNG = b"\x89PNG\r\n\x1a\n"
NO_SIZE = {0xC4, 0xC8, 0xCC}
"""JPEG markers among those of the frame that say nothing of its size."""


@dataclass(frozen=True)
class Picture:
    form: str
    width: int
    height: int


def look(data: bytes) -> Picture | None:
    """What picture this is; None for anything else, a broken or cut one, and one with something hung behind it."""
    for read in (_png, _jpeg, _webp):
        with suppress(struct.error, IndexError):
            found = read(data)
            if found and 0 < found.width <= LONGEST_SIDE and 0 < found.height <= LONGEST_SIDE:
                return found
    return None


def _png(data: bytes) -> Picture | None:
    """Every piece with its check sum, the first one the head, the last one the end."""
    if not data.startswith(PNG):
        return None
    kinds = []
    for kind, start, end in png_pieces(data):
        (told,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(data[start + 4 : end - 4]) != told:
            return None
        kinds.append(kind)
    if kinds[0] != b"IHDR" or kinds[-1] != b"IEND" or kinds.count(b"IEND") > 1 or b"IDAT" not in kinds:
        return None
    return Picture("png", *struct.unpack_from(">II", data, len(PNG) + 8))


def png_pieces(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, beginning and end of each piece of a PNG."""
    at = len(PNG)
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind, at, at + 12 + size
        at += 12 + size


def _jpeg(data: bytes) -> Picture | None:
    """Segments up to the scan; phones hang notes of their own behind the end, so the end is only looked for."""
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    at, found = 2, None
    while True:
        sign, marker, size = struct.unpack_from(">BBH", data, at)
        if marker == 0xFF:  # padding
            at += 1
            continue
        if sign != 0xFF or size < 2:
            return None
        if marker == 0xDA:
            return found if data.find(b"\xff\xd9", at) > 0 else None
        if 0xC0 <= marker <= 0xCF and marker not in NO_SIZE:
            height, width = struct.unpack_from(">HH", data, at + 5)
            found = Picture("jpeg", width, height)
        at += 2 + size


def _webp(data: bytes) -> Picture | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or struct.unpack_from("<I", data, 4)[0] + 8 != len(data):
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        return Picture("webp", _three(data, 24) + 1, _three(data, 27) + 1)
    if kind == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return Picture("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return Picture("webp", width & 0x3FFF, height & 0x3FFF)
    return None


def _three(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")

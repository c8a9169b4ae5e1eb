"""Takes out of a picture what a phone wrote beside it: where and when it was taken, with which device, a small copy."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress

from qunying.kit.pictures import PNG, png_pieces

COLOURS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""Notes of a JPEG without which its colours may be wrong: marker → how it begins."""
APPS, COMMENT, SCAN, END = range(0xE0, 0xF0), 0xFE, 0xDA, 0xD9
RESTARTS = range(0xD0, 0xD8)
EXIF, TURN = b"Exif\0\0", 0x0112
PNG_NOTES = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
WEBP_NOTES = {b"EXIF": 0x08, b"XMP ": 0x04}
"""Piece → its flag in the head."""


def without_notes(data: bytes, *, form: str) -> bytes | None:
    """The same picture, pixel for pixel and turned the same way, without the notes and without what hangs behind its
    end; None for one that is broken inside. `form` as `pictures.look` tells it."""
    with suppress(struct.error, IndexError, ValueError):
        return {"jpeg": _jpeg, "png": _png, "webp": _webp}[form](data)
    return None


def _jpeg(data: bytes) -> bytes | None:
    kept, turned = [data[:2]], b""
    for marker, start, end in _segments(data):
        body = data[start + 4 : end]
        if marker in APPS and not (marker in COLOURS and body.startswith(COLOURS[marker])):
            if marker == 0xE1 and body.startswith(EXIF) and not turned:
                turned = _turn(body[len(EXIF) :])
        elif marker != COMMENT:
            kept.append(data[start:end])
        if marker == END:
            return b"".join([kept[0], turned, *kept[1:]])
    return None


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, beginning and end of each; what a scan says belongs to it."""
    at = 2
    while True:
        while data[at + 1] == 0xFF:  # padding
            at += 1
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker = data[at + 1]
        if marker == END:
            yield marker, at, at + 2
            return
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if marker == SCAN:
            end = _scan_end(data, end)
        yield marker, at, end
        at = end


def _scan_end(data: bytes, at: int) -> int:
    """Where the next marker stands that is none of the scan's own."""
    at = data.index(b"\xff", at)
    while data[at + 1] in (0, *RESTARTS):
        at = data.index(b"\xff", at + 2)
    return at


def _turn(tiff: bytes) -> bytes:
    """A note that says only how to turn the picture; none where it stands as it is, or nobody can tell."""
    with suppress(struct.error):
        value = _turned(tiff)
        if 1 < value <= 8:
            said = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, TURN, 3, 1, value, 0, 0)
            return struct.pack(">BBH", 0xFF, 0xE1, 2 + len(EXIF) + len(said)) + EXIF + said
    return b""


def _turned(tiff: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "")
    if not order:
        return 0
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for place in range(count):
        tag, _kind, _many, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * place)
        if tag == TURN:
            return int(value)
    return 0


def _png(data: bytes) -> bytes:
    kept = (data[start:end] for kind, start, end in png_pieces(data) if kind not in PNG_NOTES)
    return b"".join([PNG, *kept])


def _webp(data: bytes) -> bytes:
    kept, at = [], 12
    while at < len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        piece = data[at : at + 8 + size + size % 2]
        if kind == b"VP8X":
            piece = piece[:8] + bytes([piece[8] & ~sum(WEBP_NOTES.values())]) + piece[9:]
        if kind not in WEBP_NOTES:
            kept.append(piece)
        at += 8 + size + size % 2
    inside = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(inside)) + inside

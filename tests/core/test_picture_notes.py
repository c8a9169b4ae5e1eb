"""What a phone wrote beside a picture stays behind; the picture does not change."""

from __future__ import annotations

import struct
import zlib

import pytest

from qunying.kit.picture_notes import EXIF, without_notes
from qunying.kit.pictures import look
from tests.core.test_pictures import JPEG, WEBP
from tests.outbox.world import png

HOME = b"31.2304N 121.4737E"
COLOURS = b"\xff\xe2\0\x10ICC_PROFILE\0\x01\x01"
SCAN = b"\xff\xda\0\x03\0pix\xff\0els\xff\xd3more"
TABLE = b"\xff\xc4\0\x05\xff\xd9\0"
"""Between two scans; it only looks like an end."""


def piece(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def photo(turned: int, *, order: str = "<") -> bytes:
    """A picture in two scans with a place, a comment and a small copy."""
    head = b"II" if order == "<" else b"MM"
    tiff = head + struct.pack(f"{order}HIH", 42, 8, 2) + struct.pack(f"{order}HHIHH", 0x010F, 3, 1, 7, 0)
    tiff += struct.pack(f"{order}HHIHH", 0x0112, 3, 1, turned, 0) + bytes(4) + HOME
    notes = [
        (0xE1, EXIF + tiff),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + HOME),
        (0xFE, HOME),
        (0xED, HOME),
    ]
    said = b"".join(struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body for marker, body in notes)
    return (
        JPEG[:2]
        + said
        + COLOURS
        + JPEG[2 : -len(b"\xff\xda\0\x03\0pixels\xff\xd9a note of the phone")]
        + SCAN
        + TABLE
        + SCAN
        + b"\xff\xd9"
        + HOME
    )


def plain_of(data: bytes, form: str = "jpeg") -> bytes:
    found = without_notes(data, form=form)
    assert found is not None
    return found


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photo_keeps_its_pixels_its_colours_and_how_it_is_turned(order):
    plain = plain_of(photo(6, order=order))

    assert look(plain) == look(photo(6))
    assert HOME not in plain
    assert COLOURS in plain
    assert plain.endswith(SCAN + TABLE + SCAN + b"\xff\xd9")
    assert plain.count(EXIF) == 1
    assert plain_of(plain) == plain  # what is left says how it is turned, and nothing else
    assert plain_of(photo(1)).count(EXIF) == 0


def test_notes_of_png_and_webp_stay_behind():
    pieces = [(b"VP8X", b"\x0c\0\0\0" + bytes(6)), (b"VP8L", b"\x2fbits."), (b"EXIF", HOME)]
    inside = b"WEBP" + b"".join(kind + struct.pack("<I", len(body)) + body for kind, body in pieces)
    noted = {
        "png": png()[:33] + piece(b"eXIf", HOME) + piece(b"tEXt", HOME) + png()[33:],
        "webp": b"RIFF" + struct.pack("<I", len(inside)) + inside,
    }
    plain = {form: plain_of(data, form) for form, data in noted.items()}

    assert plain["png"] == png()
    assert look(plain["webp"]) == look(noted["webp"])
    assert (plain["webp"][20], HOME in plain["webp"]) == (0, False)
    for data in WEBP.values():
        assert look(plain_of(data, "webp")) == look(data)


def test_a_broken_note_or_a_broken_scan_harms_nobody():
    strange = JPEG[:2] + b"\xff\xe1\0\x0eExif\0\0II*\0\xff\xff" + JPEG[2:]

    assert look(plain_of(strange)) == look(JPEG)
    for size in range(len(JPEG)):
        assert without_notes(JPEG[:size], form="jpeg") in (None, without_notes(JPEG, form="jpeg"))

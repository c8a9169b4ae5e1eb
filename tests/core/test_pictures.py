"""A picture is told by what it is made of; anything else is none, whatever it calls itself."""

from __future__ import annotations

import struct

import pytest

from qunying.kit.pictures import Picture, look
from tests.outbox.world import png

JPEG = (
    b"\xff\xd8\xff\xe0\0\x04ab\xff"  # padded, as some cameras do
    b"\xff\xc4\0\x04cd"  # a table, which says nothing of the size
    b"\xff\xc0\0\x0b\x08" + struct.pack(">HH", 640, 360) + b"\x01\x01\x11\0"
    b"\xff\xda\0\x03\0"
    b"pixels\xff\xd9a note of the phone"
)


def webp(kind: bytes, body: bytes) -> bytes:
    inside = b"WEBP" + kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


WEBP = {
    "large": webp(b"VP8X", b"\0\0\0\0" + (359).to_bytes(3, "little") + (639).to_bytes(3, "little")),
    "exact": webp(b"VP8L", b"\x2f" + struct.pack("<I", 359 | 639 << 14) + b"bits"),
    "lossy": webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 360, 640) + b"bits"),
}


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (png(360, 640), Picture("png", 360, 640)),
        (JPEG, Picture("jpeg", 360, 640)),
        *((data, Picture("webp", 360, 640)) for data in WEBP.values()),
    ],
)
def test_form_and_size_are_read_from_the_picture_itself(data: bytes, seen: Picture):
    assert look(data) == seen


@pytest.mark.parametrize("data", [png(), JPEG.partition(b"a note")[0], *WEBP.values()])
def test_a_cut_picture_is_none(data: bytes):
    assert [look(data[:size]) for size in range(len(data))] == [None] * len(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + bytes(20),
        png() + b"<script>alert(1)</script>",
        png().replace(b"IDAT", b"IDOT"),
        png(0, 3),
        png(40_000, 1),
        b"RIFF\0\0\0\0WEBPVP8 ",
    ],
)
def test_anything_else_is_none(data: bytes):
    assert look(data) is None

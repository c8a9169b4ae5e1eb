"""Which encoding a text file is in, and its lines. The ladder: BOM, UTF-16 shape, strict UTF-8, scores."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from qunying.connectors.importers.chinese_scores import score
from qunying.kit.errors import UNNAMED, Invalid

MAX_LINE = 1 << 20
"""Bytes a line may have. Chat exports and tables stay far below; more means it is no text file."""

SAMPLE = 1 << 16
SCORED = ("gb18030", "big5")
REPAIR = "utf-8-as-latin-1"
"""Given as `Options.encoding`: UTF-8 that was once read as Latin-1 and saved again."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SUSPECT = re.compile("[\u00c2-\u00f4]")
_WIDE = ("utf-16-le", "utf-16-be")


@dataclass(frozen=True)
class Encoding:
    """A codec's name and, for the operator, how we know."""

    name: str
    evidence: str


def detect(stream: BinaryIO) -> Encoding:
    """The encoding of the whole stream, which is read to its end. Raises Invalid where two are mixed."""
    head = stream.read(SAMPLE)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name, _("文件开头有 %(name)s 标记（BOM）") % {"name": name})
    wide = _wide_shape(head)
    if wide:
        return Encoding(wide, _("字节成对排列，是 %(name)s") % {"name": wide})
    return _narrow(_Tally.of(_raw_lines(stream, head)))


def lines(stream: BinaryIO, encoding: str) -> Iterator[tuple[int, str]]:
    """Line numbers from 1 and texts without line ends. A byte that fits not raises Invalid."""
    repair = encoding == REPAIR
    codec = "utf-8" if repair else _codec(encoding)
    at = 0
    raws = _wide_lines(stream, codec) if codec in _WIDE else _raw_lines(stream)
    for at, raw in enumerate(raws, start=1):
        try:
            text = raw.decode("utf-8" if codec == "utf-8-sig" else codec)
        except UnicodeDecodeError as error:
            raise Invalid("connectors.mixed_encodings", file=UNNAMED, line=at, encoding=codec) from error
        text = text.rstrip("\n").removesuffix("\r")
        if at == 1:
            text = text.removeprefix("\ufeff")
        mended = mend(text) if repair or codec.startswith("utf-8") else text
        if mended != text and not repair:
            raise Invalid("connectors.mojibake", line=at, encoding=REPAIR)
        yield at, mended


def mend(text: str) -> str:
    """The text with UTF-8 that was read as Latin-1 or Windows-1252 put right; any other text unchanged."""
    if text.isascii() or not _SUSPECT.search(text):
        return text
    try:
        return b"".join(_latin(letter) for letter in text).decode("utf-8")
    except UnicodeError:
        return text


def _latin(letter: str) -> bytes:
    """The byte a letter came from; the five bytes Windows-1252 leaves out stand as control characters."""
    return letter.encode("latin-1") if letter < "\u0100" else letter.encode("cp1252")


def _codec(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise Invalid("connectors.unknown_encoding", encoding=encoding) from error
    return "utf-16-le" if name == "utf-16" else name


def _wide_shape(head: bytes) -> str:
    """UTF-16 without a mark. NUL bytes stand in no other text, so the better of both orders; without any NUL,
    the pairs must read as Chinese better than any other way."""
    if 0 in head:
        best, name = max((_score_of(head, codec), codec) for codec in _WIDE)
        if best <= 0:
            raise Invalid("connectors.not_text")
        return name
    if len(head) % 2 or _is_utf8(head):
        return ""
    best, name = max((_score_of(head, codec), codec) for codec in _WIDE + SCORED)
    return name if name in _WIDE and best > 0 else ""


def _score_of(data: bytes, codec: str) -> float:
    try:
        return score(data.decode(codec))
    except UnicodeDecodeError as error:
        # The sample may end inside a character, which speaks against nobody.
        if error.start < len(data) - 4 or len(data) < SAMPLE:
            return float("-inf")
        return score(data[: error.start].decode(codec))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@dataclass
class _Tally:
    """How lines with non-ASCII bytes fare as UTF-8; one is surely UTF-8 if it has a character of 3 bytes."""

    sure: int = 0
    weak: int = 0
    bad: int = 0
    first_sure: int = 0
    first_bad: int = 0
    sample: bytes = b""

    @classmethod
    def of(cls, raws: Iterator[bytes]) -> _Tally:
        tally = cls()
        for at, raw in enumerate(raws, start=1):
            if not raw.isascii():
                tally.add(at, raw)
        return tally

    def add(self, at: int, raw: bytes) -> None:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            self.bad += 1
            self.first_bad = self.first_bad or at
            if len(self.sample) < SAMPLE:
                self.sample += raw
            return
        if any(letter > "\u07ff" for letter in text):
            self.sure += 1
            self.first_sure = self.first_sure or at
        else:
            self.weak += 1


def _narrow(tally: _Tally) -> Encoding:
    if not tally.bad:
        plain = not (tally.sure or tally.weak)
        return Encoding("utf-8", _("只有英文和数字") if plain else _("全文符合 UTF-8"))
    if tally.sure:
        first = tally.first_bad if tally.sure >= tally.bad else tally.first_sure
        raise Invalid("connectors.mixed_encodings", file=UNNAMED, line=first, encoding="utf-8")
    ranked = sorted(((_score_of(tally.sample, codec), codec) for codec in SCORED), reverse=True)
    if ranked[0][0] == float("-inf"):
        raise Invalid("connectors.not_text")
    name = ranked[0][1]
    return Encoding(name, _("不是 UTF-8；按常用字判断为 %(name)s，请核对预览") % {"name": name})


def _raw_lines(stream: BinaryIO, head: bytes = b"") -> Iterator[bytes]:
    """Lines with their ends, never longer than MAX_LINE; `head` is what was already read."""
    at = 0
    *whole, rest = head.split(b"\n")
    for raw in whole:
        at += 1
        yield raw + b"\n"
    while raw := stream.readline(MAX_LINE + 1):
        raw, rest = rest + raw, b""
        at += 1
        if len(raw) > MAX_LINE:
            raise Invalid("connectors.line_too_long", file=UNNAMED, line=at, limit=MAX_LINE)
        yield raw
    if rest:
        yield rest


def _wide_lines(stream: BinaryIO, codec: str) -> Iterator[bytes]:
    """Lines of UTF-16: a line end is a pair at an even place, so bytes are cut pair by pair."""
    end = "\n".encode(codec)
    rest, at = b"", 0
    while block := stream.read(SAMPLE):
        rest += block
        start = 0
        while (found := _find_pair(rest, end, start)) >= 0:
            at += 1
            yield rest[start : found + 2]
            start = found + 2
        rest = rest[start:]
        if len(rest) > 2 * MAX_LINE:
            raise Invalid("connectors.line_too_long", file=UNNAMED, line=at + 1, limit=MAX_LINE)
    if rest:
        yield rest


def _find_pair(data: bytes, pair: bytes, start: int) -> int:
    found = data.find(pair, start)
    while found >= 0 and (found - start) % 2:
        found = data.find(pair, found + 1)
    return found

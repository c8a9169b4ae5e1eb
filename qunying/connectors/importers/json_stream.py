"""Reading large JSON record by record, with broken files refused at a named place."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

import ijson
import msgspec

from qunying.connectors.importers.source import MAX_LINE, Source, lines
from qunying.connectors.importers.whys import BROKEN_RECORD
from qunying.connectors.incoming import Act, Chat, Entry, Person, Unknown
from qunying.kit.errors import Invalid

Record = dict[
    str, Any
]  # a foreign file's record: any field may hold anything, `each` catches what does not fit

MAX_RISE = 1000
"""Levels of nesting that may open within one block of bytes."""
MAX_RAW = 500
BLOCK = 1 << 18
BLANK = 64
"""Bytes that tell whether anything stands in a file at all."""
BLANKS = b" \t\r\n" + codecs.BOM_UTF8
LATEST = 4102444800_000
"""1 January 2100 in milliseconds: no message is later."""

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)


class Bytes:
    """The file's bytes as the parser likes them: no byte order mark, UTF-8, neither absurdly deep nor one endless text.

    With `repair` the escapes `\\x0B` that Telegram Desktop writes become legal ones.
    """

    def __init__(self, raw: BinaryIO, *, repair: bool = False) -> None:
        self._raw = raw
        self._repair = repair
        self._held = b""
        self._run = 0
        self.seen = 0
        head = raw.read(3)
        wide = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}.get(head[:2])
        self._wide = codecs.getincrementaldecoder(wide)() if wide else None
        self._start = head[2:] if wide else head.removeprefix(codecs.BOM_UTF8)

    def read(self, size: int = -1) -> bytes:
        if size == 0:
            return b""
        raw = self._start + self._raw.read(size if size > 0 else 1 << 16)
        self._start = b""
        self.seen += len(raw)
        if self._wide:
            raw = self._wide.decode(raw, final=not raw).encode("utf-8", "replace")
        self._run = len(raw) - raw.rfind(b'"') if b'"' in raw else self._run + len(raw)
        if self._run > MAX_LINE:
            raise Invalid("connectors.json_text_too_long", byte=self.seen, limit=MAX_LINE)
        if _rise(raw) > MAX_RISE:
            raise Invalid("connectors.json_too_deep", byte=self.seen, limit=MAX_RISE)
        return self._repaired(raw) if self._repair else raw

    def _repaired(self, raw: bytes) -> bytes:
        block = self._held + raw
        self._held = b""
        if raw:
            cut = len(block) - 4
            last = block.rfind(b"\\", max(cut, 0))
            while last > 0 and block[last - 1 : last] == b"\\":
                last -= 1
            if last >= 0:
                block, self._held = block[:last], block[last:]
        fixed = _ESCAPE.sub(lambda hit: b"\\u00" + hit[1] if hit[1] else hit[0], block)
        return fixed or (self.read(1 << 16) if raw else b"")


def _rise(block: bytes) -> int:
    rise = block.count(b"[") + block.count(b"{") - block.count(b"]") - block.count(b"}")
    if rise <= MAX_RISE:
        return rise
    bare = _STRING.sub(b"", block)
    return bare.count(b"[") + bare.count(b"{") - bare.count(b"]") - bare.count(b"}")


def items(source: Source, prefix: str, name: str | None = None, *, repair: bool = False) -> Iterator[Any]:
    """The values at the prefix, one at a time. Raises Broken naming the record and the byte where the file breaks."""
    return _parsed(
        source, name, repair, lambda stream: ijson.items(stream, prefix, use_float=True, buf_size=BLOCK)
    )


def items_if_any(source: Source, prefix: str, name: str) -> Iterator[Any]:
    """The values of one file of many, none where nothing stands in it, as exporters write for quiet days."""
    with source.open(name) as stream:
        is_blank = not stream.read(BLANK).strip(BLANKS)
    if not is_blank:
        yield from items(source, prefix, name)


def tokens(
    source: Source, name: str | None = None, *, repair: bool = False
) -> Iterator[tuple[str, str, Any]]:
    """Every parser event as (prefix, event, value), for files whose shape has to be known before they are read."""
    return _parsed(source, name, repair, lambda stream: ijson.parse(stream, use_float=True, buf_size=BLOCK))


def _parsed(
    source: Source, name: str | None, repair: bool, parse: Callable[[Bytes], Iterator[Any]]
) -> Iterator[Any]:
    count = 0
    with source.open(name) as raw:
        stream = Bytes(raw, repair=repair)
        try:
            for count, value in enumerate(parse(stream), start=1):  # noqa: B007  # named in the refusal
                yield value
        except ijson.JSONError as fault:
            raise Broken(name or source.name, count, stream.seen) from fault


class Broken(Invalid):
    """JSON that does not parse from some place on."""

    def __init__(self, file: str, records: int, byte: int) -> None:
        super().__init__("connectors.json_broken", file=file, record=records + 1, byte=byte)


def first(source: Source, prefix: str, name: str | None = None, *, repair: bool = False) -> Any:
    """The first value at the prefix, None where there is none; stops reading there."""
    return next(items(source, prefix, name, repair=repair), None)


def json_lines(source: Source, name: str | None = None) -> Iterator[Any]:
    """The value of every line that is not blank. Raises Invalid naming the line that is no JSON."""
    with source.open(name) as stream:
        for line, raw in enumerate(lines(stream), start=1):
            text = raw.strip().removeprefix(codecs.BOM_UTF8)
            if text:
                try:
                    yield msgspec.json.decode(text)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    yield odd_line(text, name or source.name, line)


def odd_line(raw: bytes, file: str, line: int) -> Any:
    """The value of a line cut inside an emoji, the half replaced. Raises Invalid where it is no JSON at all."""
    try:
        whole = json.dumps(json.loads(raw), ensure_ascii=False)
        return msgspec.json.decode(whole.encode("utf-8", "replace"))
    except (ValueError, RecursionError) as fault:
        raise Invalid("connectors.line_broken", file=file, line=line) from fault


def each(
    records: Iterator[Any], take: Callable[[int, Record], Iterator[Entry]], *, start: int = 1
) -> Iterator[Entry]:
    """What `take` makes of every record; one that is not shaped as promised becomes an Unknown.

    Of such a record only the people stay, for they count as introduced.
    """
    return each_numbered(enumerate(records, start), take)


def each_numbered(
    records: Iterable[tuple[int, Any]], take: Callable[[int, Record], Iterator[Entry]]
) -> Iterator[Entry]:
    """The same for records that bring their numbers."""
    for line, record in records:
        taken: list[Entry] = []
        try:
            for entry in take(line, record):
                _check(entry)
                taken.append(entry)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
            taken = [entry for entry in taken if isinstance(entry, Chat | Person)]
            taken.append(Unknown(line=line, raw=snippet(record), why=BROKEN_RECORD))
        yield from taken


def _check(entry: Entry) -> None:
    """Raises TypeError or ValueError where a foreign value slipped into a field that promises text or a moment."""
    if type(entry) is Act:
        "".join((entry.actor, entry.id, entry.text, entry.target, entry.other, entry.emoji, entry.source))
        if type(entry.at) is not int or not 0 <= entry.at < LATEST or not 0 < entry.value < LATEST:
            raise ValueError(entry.at)
    elif type(entry) is Person:
        "".join((entry.ref, entry.scope, entry.value, entry.name, *entry.aliases, *entry.roles))


def snippet(record: object) -> str:
    """The record as short text, for the list of what was not understood."""
    return msgspec.json.encode(record).decode()[:MAX_RAW]


def text_of(value: object) -> str:
    """A text field that may be missing, null or a number."""
    return value if isinstance(value, str) else "" if value is None else str(value)


def head_text(source: Source, name: str | None = None) -> str:
    """The head as text for sniffers; bytes that do not fit are replaced."""
    head = source.head(name=name)
    codec = "utf-16" if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    return codecs.decode(head, codec, "replace").lstrip()

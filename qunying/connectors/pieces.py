"""One piece of a pushed history: the body of a request, read into lines of a ChatLab file. Nothing is written here.

A piece is one JSON document or JSON lines. Every line has a number by which the same message is known again in any
other piece: its platform id, else when who said what, and the how-manieth of those within the piece. That is the
importer's own rule for files, so two pieces that overlap merge as two overlapping files would.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct

from qunying.connectors.bodies import TooLarge, Unreadable
from qunying.connectors.importers.archive import damage
from qunying.connectors.importers.chatlab import SYSTEM, SYSTEM_TYPE, Meta
from qunying.connectors.importers.json_stream import LATEST, odd_line
from qunying.kit.errors import Invalid

MOST_BYTES = 50 << 20
"""Of one request, packed and unpacked; what ChatLab itself takes."""
MOST_RECORDS = 20_000
"""Messages, and members, of one request: counting them must not keep other writers waiting."""
ROWS = re.compile(rb'"_type"\s*:\s*"(?:header|member|message)"')
HEAD = 64 << 10
ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""An escape of a JSON text: half an emoji, or any other."""
GAP = re.compile(r"[\s,]*")
SCAN = json.JSONDecoder(parse_int=float, strict=False).raw_decode
PICTURES = ("avatar", "groupAvatar")
"""Nobody looks at them, and they are most of a piece."""


class Mark(Struct):
    version: str


class Choice(Struct):
    """What of an earlier piece this one may change."""

    meta: Literal["patch", "none"] = msgspec.field(default="patch", name="metaUpdateMode")
    members: Literal["upsert", "none"] = msgspec.field(default="upsert", name="memberUpdateMode")


class Outline(Struct):
    """What a document, or a header line, says besides its records; those are read one by one."""

    chatlab: Mark | None = None
    meta: Meta | None = None
    members: Raw = Raw(b"null")
    messages: Raw = Raw(b"null")
    options: Choice | None = None


@dataclass(frozen=True)
class Told:
    """One record: its number, its line, where it stood in the request, and of a message when it was said."""

    key: int
    line: bytes
    place: str
    at: int | None = None


@dataclass
class Piece:
    """What one request tells. `people` are the numbers of everybody it names by id; `names_people` where a system line
    may name others."""

    digest: bytes
    meta: Meta | None = None
    is_marked: bool = False
    members: list[Told] = field(default_factory=list)
    messages: list[Told] = field(default_factory=list)
    people: set[int] = field(default_factory=set)
    names_people: bool = False


def unpacked(data: bytes) -> bytes:
    """The body without its gzip, never more of it than is allowed."""
    if data[:2] != b"\x1f\x8b":
        return data
    with damage("gzip"), gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        plain = stream.read(MOST_BYTES + 1)
    if len(plain) > MOST_BYTES:
        raise TooLarge("connectors.too_large", limit=MOST_BYTES)
    return plain


def read_piece(data: bytes) -> Piece:
    """The piece a body holds. Raises Unreadable for what is no JSON, Invalid where its outline is not ChatLab's; a
    single odd record is left to the importer, which counts it as unknown."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise Invalid("connectors.push_empty")
    piece = Piece(hashlib.sha256(data).digest())
    if data.lstrip()[:1] == b"#" or ROWS.search(data[:HEAD]):
        _read_rows(piece, data)
    else:
        _read_document(piece, data)
    if not piece.messages:
        raise Invalid("connectors.push_empty")
    return piece


def _read_document(piece: Piece, data: bytes) -> None:
    told = _outline(data)
    choice = told.options or Choice()
    piece.is_marked = told.chatlab is not None
    piece.meta = told.meta if choice.meta == "patch" else None
    if choice.members == "upsert":
        piece.members = list(_members(piece, _numbered("members", told.members)))
    piece.messages = list(_messages(piece, _numbered("messages", told.messages)))


def _outline(data: bytes) -> Outline:
    """Of a body that is cut inside an emoji somewhere, the half is replaced first."""
    try:
        return msgspec.json.decode(data, type=Outline)
    except msgspec.ValidationError as fault:
        raise Invalid("connectors.push_shape", words=str(fault)[:200]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        whole = ESCAPE.sub(lambda hit: b"?" if hit["half"] else hit[0], data)
        if whole == data:
            raise Unreadable("connectors.bad_json", words=str(fault)[:200]) from None
        return _outline(whole)


def _numbered(name: str, array: Raw) -> Iterator[tuple[str, Any]]:
    """Each record as one that says its kind, whatever it said before, with its place. Any: foreign records."""
    for number, raw in enumerate(_elements(name, memoryview(array))):
        _check_count(number + 1)
        record = _record(raw, f"{name}[{number}]")
        yield f"{name}[{number}]", {**record, "_type": name[:-1]} if isinstance(record, dict) else record


def _elements(name: str, array: memoryview) -> Iterator[bytes]:
    """The elements of a sound JSON array, one by one: a body may hold millions, and holding them all takes twenty
    times its size. Read as Latin-1, a byte is a letter, so that places in the text are places in the bytes."""
    text = str(array, "latin-1")
    if text == "null":
        return
    if text[0] != "[":
        raise Invalid("connectors.push_shape", words=f"Expected `array | null` - at `$.{name}`")
    at = len(GAP.match(text, 1)[0]) + 1  # type: ignore[index]  # it matches nothing too
    while text[at] != "]":
        try:
            _value, end = SCAN(text, at)
        except (ValueError, RecursionError):
            raise Unreadable("connectors.push_record", place=f"{name}, byte {at}") from None
        yield bytes(array[at:end])
        at = GAP.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing too


def _check_count(count: int) -> None:
    """Before the next record is read: a small archive holds millions of empty ones."""
    if count > MOST_RECORDS:
        raise TooLarge("connectors.push_too_many", limit=MOST_RECORDS)


def _read_rows(piece: Piece, data: bytes) -> None:
    """JSON lines: header, members and messages in any order; comments and blank lines are passed over."""
    rows = {"member": [], "message": []}  # type: dict[str, list[tuple[str, Any]]]
    for number, raw in enumerate(io.BytesIO(data), start=1):
        line = raw.strip()
        if not line or line.startswith(b"#"):
            continue
        place = f"line {number}"
        record = _record(line, place)
        kind = record.get("_type") if isinstance(record, dict) else ""
        if kind == "header":
            _read_header(piece, record, place)
            continue
        among = rows["member" if kind == "member" else "message"]
        _check_count(len(among) + 1)
        among.append((place, record))
    piece.members = list(_members(piece, rows["member"]))
    piece.messages = list(_messages(piece, rows["message"]))


def _read_header(piece: Piece, record: object, place: str) -> None:
    try:
        head = msgspec.convert(record, Outline)
    except msgspec.ValidationError as fault:
        raise Invalid("connectors.push_shape", words=f"{place}: {fault}"[:200]) from None
    piece.is_marked, piece.meta = head.chatlab is not None, head.meta


def _record(raw: bytes, place: str) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            return odd_line(raw, place, 0)
        except Invalid:
            raise Unreadable("connectors.push_record", place=place) from None


def _members(piece: Piece, rows: Iterable[tuple[str, Any]]) -> Iterator[Told]:
    for place, record in rows:
        if isinstance(record, dict):
            for name in PICTURES:
                record.pop(name, None)
            _meet(piece, record.get("platformId"))
        line = msgspec.json.encode(record)
        yield Told(number("member", line.decode()), line, place)


def _messages(piece: Piece, rows: Iterable[tuple[str, Any]]) -> Iterator[Told]:
    repeats: Counter[int] = Counter()
    for place, record in rows:
        line = msgspec.json.encode(record)
        if not isinstance(record, dict):
            yield Told(number("odd", line.decode()), line, place)
            continue
        _meet(piece, record.get("sender"))
        piece.names_people |= record.get("type") == SYSTEM_TYPE or record.get("sender") == SYSTEM
        yield Told(_key(record, repeats), line, place, _seconds(record.get("timestamp")))


def _key(record: dict[str, Any], repeats: Counter[int]) -> int:
    """Some formats give a recall the id of what it recalls, so the kind counts too."""
    kind = record.get("type", 0)
    if record.get("platformMessageId") not in (None, ""):
        return number("id", record["platformMessageId"], kind)
    said = " ".join(str(record.get("content") or "").split())
    same = number(
        "said", record.get("timestamp"), record.get("sender"), kind, said, record.get("replyToMessageId")
    )
    repeats[same] += 1
    return number("said", same, repeats[same])


def _meet(piece: Piece, ref: object) -> None:
    if isinstance(ref, str | int) and ref not in ("", SYSTEM):
        piece.people.add(number("person", str(ref)))


def _seconds(at: object) -> int | None:
    """The time in seconds; some tools write milliseconds."""
    if not isinstance(at, int | float) or not 0 <= at < LATEST:
        return None
    return int(at if at < 10**11 else at / 1000)


def number(*words: object) -> int:
    """Eight bytes that stand for these words."""
    told = "\x1f".join(map(str, words)).encode()
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "little")

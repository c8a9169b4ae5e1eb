"""Whether a kept file names somebody, looked for as bytes: inside archives, and in the encodings that files come in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from qunying.connectors.importers.source import CHUNK, Source
from qunying.kit.errors import QunyingError

HEX = re.compile(r"\\u[0-9a-f]{4}")
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5")


def needles(words: Iterable[str]) -> frozenset[bytes]:
    """Every way in which one of the words may stand in a file."""
    found: set[bytes] = set()
    for word in words:
        quoted = json.dumps(word)[1:-1]
        shouted = HEX.sub(lambda digits: digits[0].upper().replace("U", "u", 1), quoted)
        for form in {word, quoted, shouted, json.dumps(word, ensure_ascii=False)[1:-1], escape(word)}:
            found.update(filter(None, (encoded(form, encoding) for encoding in ENCODINGS)))
    return frozenset(found)


def encoded(text: str, encoding: str) -> bytes:
    """Nothing where the encoding lacks one of the letters."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return b""


def holds(path: Path, wanted: frozenset[bytes]) -> bool:
    """Whether any of the wanted bytes stand in the file or in what it packs; a file that cannot be opened counts as
    one that does."""
    longest = max(map(len, wanted), default=0)
    if not longest:
        return False
    try:
        source = Source(path)
        return any(_stand_in(source, name, wanted, longest) for name in source.names())
    except (QunyingError, OSError, EOFError, ValueError):
        return True


def _stand_in(source: Source, name: str, wanted: frozenset[bytes], longest: int) -> bool:
    with source.open(name if source.is_many else None) as stream:
        rest = b""
        while chunk := stream.read(CHUNK):
            block = rest + chunk
            if any(each in block for each in wanted):
                return True
            rest = block[-longest:]
    return False

"""The text files of a source and their decoded lines."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice

from qunying.connectors.importers.decode import Encoding, detect, lines
from qunying.connectors.importers.source import HEAD, Source
from qunying.connectors.incoming import Options
from qunying.kit.errors import Invalid, QunyingError

HEAD_LINES = 40


def texts(source: Source) -> list[str]:
    """The name of the only `.txt` file, which may lie among media; where there are several, each is a source."""
    found = [name for name in source.names() if name.lower().endswith(".txt")]
    return found if len(found) == 1 else []


def the_text(source: Source) -> str:
    """The name of the only `.txt` file. Raises Invalid where there is none, several, or nothing in it."""
    found = texts(source)
    if not found:
        raise Invalid("connectors.not_one_file", file=source.name)
    with source.open(found[0]) as stream:
        while block := stream.read(HEAD):
            if block.strip():
                return found[0]
    raise Invalid("connectors.file_empty", file=source.name)


def encoding_of(source: Source) -> Encoding:
    """The encoding of a whole text or CSV file and how we know, for the preview. Raises Invalid where two are mixed."""
    with source.open(source.names()[0]) as stream:
        return detect(stream)


def text_lines(source: Source, name: str, options: Options) -> Iterator[tuple[int, str]]:
    """Every line with its number, in the operator's encoding or the one we found."""
    encoding = options.encoding
    if not encoding:
        with source.open(name) as stream:
            encoding = detect(stream).name
    with source.open(name) as stream:
        yield from lines(stream, encoding)


def head_lines(source: Source, name: str) -> list[str]:
    """The first lines, for sniffers; none where the file is no readable text."""
    head = source.head(HEAD, name)
    if len(head) == HEAD:
        head = head[: head.rfind(b"\n") + 1] or head
    try:
        found = detect(io.BytesIO(head))
        return [line for _at, line in islice(lines(io.BytesIO(head), found.name), HEAD_LINES)]
    except QunyingError:
        return []

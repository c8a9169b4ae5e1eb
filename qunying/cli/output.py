"""How commands talk: plain lines for people, one JSON object for programs, errors as a sentence on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import orjson

from qunying.console.errors import sentence
from qunying.kit.errors import QunyingError


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")


def flush() -> None:
    """What was said is read now, though the command still works."""
    sys.stdout.flush()


def dump(body: object) -> None:
    """One JSON object, keys as given."""
    sys.stdout.buffer.write(orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.flush()


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns aligned by display width."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(_width(line[place]) for line in lines) for place in range(len(head))]
    for line in lines:
        say(
            "  ".join(cell + " " * (widths[place] - _width(cell)) for place, cell in enumerate(line)).rstrip()
        )


def _width(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def refuse(error: QunyingError) -> NoReturn:
    """Print the sentence and leave with 2."""
    sys.stderr.write(f"{sentence(error)}\n[{error.code}]\n")
    raise SystemExit(2)

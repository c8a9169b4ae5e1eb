"""Rows as CSV that spreadsheets open well and safely."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

RISKY = tuple("=+-@＝＋－＠")
BLANK = " \t\r\n\v\f\xa0\u3000\u200b\ufeff\x00"


def csv_lines(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """UTF-8 with a mark, so that letters read right; what a spreadsheet would take for a formula becomes plain text."""
    yield b"\xef\xbb\xbf" + _line(head)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([plain(cell) for cell in cells])
    return line.getvalue().encode()


def plain(cell: object) -> object:
    """Numbers as they are; text that begins like a formula, after blanks and in full width too, gets an apostrophe in
    front."""
    if not isinstance(cell, str):
        return cell
    is_risky = cell[:1] in ("\t", "\r", "\n") or cell.lstrip(BLANK).startswith(RISKY)
    return f"'{cell}" if is_risky else cell

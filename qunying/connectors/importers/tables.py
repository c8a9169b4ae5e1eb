"""Tables as CSV or XLSX, read row by row under limits; cells stay as typed, formulas are text."""

from __future__ import annotations

import csv
import datetime as dt
import io
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path, PurePosixPath

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum, load_workbook

from qunying.connectors.importers import whys_text
from qunying.connectors.importers.decode import MAX_LINE, detect, lines
from qunying.connectors.importers.moments import Cell
from qunying.connectors.importers.source import Source
from qunying.connectors.incoming import Options, Unknown
from qunying.kit.errors import UNNAMED, Invalid, QunyingError

MAX_COLUMNS = 200
MAX_ROWS = 2_000_000
MAX_PARTS = 2_000
MAX_WORKBOOK = 256 << 20
MAX_RATIO = 100
FREE = 16 << 20
"""Bytes a workbook may unpack to, whatever the ratio."""
HEAD_ROWS = 20
"""Rows among which the header is looked for; back ends put titles and notes above it."""

_BOOKS = (".xlsx", ".xlsm")
_TEXTS = (".csv", ".tsv", ".txt")
_DELIMITERS = ",\t;|"

Cells = list[Cell]


@dataclass(frozen=True)
class Table:
    """One sheet or one CSV file. `rows` starts anew at each call and yields line or row number and cells."""

    name: str
    rows: Callable[[], Iterator[tuple[int, Cells]]]
    note: str = ""

    def head(self) -> list[tuple[int, Cells]]:
        return list(islice(self.rows(), HEAD_ROWS))

    def header(self, wanted: Callable[[list[str]], bool]) -> tuple[int, list[str]] | None:
        """Line and plain names of the first row among the head that is `wanted`."""
        for line, cells in self.head():
            names = [plain(text(cell)) for cell in cells]
            if wanted(names):
                return line, names
        return None

    def titles(self, line: int) -> list[str]:
        """The header's names as written, for what is shown to people."""
        return next([text(cell).strip("\ufeff") for cell in cells] for at, cells in self.head() if at == line)

    def below(self, line: int, width: int) -> Iterator[tuple[int, Cells] | Unknown]:
        """Rows under the header without the empty ones; one with other columns than the header is Unknown."""
        for at, cells in self.rows():
            if at <= line or not any(text(cell) for cell in cells):
                continue
            if len(cells) >= width and not any(map(text, cells[width:])):
                yield at, cells[:width]
            else:
                yield Unknown(line=at, raw=raw(cells), why=whys_text.OTHER_COLUMNS)


def plain(name: str) -> str:
    """A header name as it is compared: NFKC, lower case, no blanks around."""
    return unicodedata.normalize("NFKC", name).strip("\ufeff \t\r\n").lower()


def text(cell: Cell) -> str:
    """A cell as typed: whole numbers without decimals, dates in ISO form."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "seconds")
    return str(cell)


def raw(cells: Cells) -> str:
    """A row for the operator's list of unknown lines."""
    return ",".join(text(cell) for cell in cells)


def numbers_lost(cell: Cell) -> bool:
    """Whether an id stands as a number, so that leading zeros or digits behind the fifteenth may be gone."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def is_table(source: Source) -> bool:
    """Whether it is one file that may be a table; of a folder each file is a source of its own."""
    return not source.is_many and (is_workbook(source) or source.names()[0].lower().endswith(_TEXTS))


def is_workbook(source: Source) -> bool:
    return source.name.lower().endswith(_BOOKS)


def tables(source: Source, options: Options | None = None) -> Iterator[Table]:
    """Every table of the source. Without `options` only heads are looked at, as a sniffer may do."""
    if source.is_many:
        raise Invalid("connectors.not_one_file", file=source.name)
    if is_workbook(source):
        yield from _sheets(source, heads=options is None)
        return
    yield _csv(source, source.names()[0], options)


def peek(source: Source) -> list[Table]:
    """Tables for sniffers: only heads, and none at all where the file cannot be read as a table."""
    try:
        return [table for table in tables(source) if table.head()] if is_table(source) else []
    except (QunyingError, OSError):
        return []


def header_of(source: Source) -> list[str]:
    """The columns of the first table: of its first rows the one with most filled cells. Empty for anything else."""
    for table in peek(source):
        rows = [[plain(text(cell)) for cell in cells] for _at, cells in table.head()]
        widest = max(rows, key=lambda cells: sum(map(bool, cells)))
        return [cell for cell in widest if cell]
    return []


def _csv(source: Source, name: str, options: Options | None) -> Table:
    stem = PurePosixPath(name).stem
    if options is None:
        head = source.head(name=name)
        if len(head) == 65536:
            head = head[: head.rfind(b"\n") + 1] or head
        found = detect(io.BytesIO(head))
        return Table(stem, lambda: _parsed(lines(io.BytesIO(head), found.name)), found.evidence)
    encoding = options.encoding
    if not encoding:
        with source.open(name) as stream:
            encoding = detect(stream).name

    def rows() -> Iterator[tuple[int, Cells]]:
        with source.open(name) as stream:
            yield from _parsed(lines(stream, encoding))

    return Table(stem, rows)


def _parsed(numbered: Iterator[tuple[int, str]]) -> Iterator[tuple[int, Cells]]:
    head = list(islice(numbered, 50))
    if not head:
        return
    delimiter = _delimiter([line for _at, line in head])
    # A bare CR ends a row too, as old exports wrote it; the reader takes none inside a cell.
    texts = (row + "\n" for part in (head, numbered) for _at, line in part for row in line.split("\r"))
    reader = csv.reader(texts, delimiter=delimiter)
    csv.field_size_limit(MAX_LINE)
    at = 1
    try:
        for count, cells in enumerate(reader, start=1):
            _check_size(count, len(cells))
            yield at, list(cells)
            at = reader.line_num + 1
    except csv.Error as error:
        raise Invalid("connectors.line_too_long", file=UNNAMED, line=at, limit=MAX_LINE) from error


def _check_size(count: int, width: int) -> None:
    if count > MAX_ROWS:
        raise Invalid("connectors.table_too_long", limit=MAX_ROWS)
    if width > MAX_COLUMNS:
        raise Invalid("connectors.table_too_wide", columns=width, limit=MAX_COLUMNS)


def _delimiter(head: list[str]) -> str:
    """The delimiter that cuts most rows into one same number of columns, the more the better."""

    rows = [row for line in head for row in line.split("\r")]

    def worth(delimiter: str) -> tuple[int, int]:
        widths = [len(cells) for cells in csv.reader(rows, delimiter=delimiter) if len(cells) > 1]
        if not widths:
            return 0, 0
        usual = max(set(widths), key=widths.count)
        return widths.count(usual) * usual, usual

    return max(_DELIMITERS, key=worth)


def _sheets(source: Source, *, heads: bool) -> Iterator[Table]:
    stat = source.path.stat()
    if heads:
        for name, rows in _book_heads(source.path, source.inside, stat.st_mtime_ns, stat.st_size):
            yield Table(name, partial(iter, rows))
        return
    book = _book(source)
    for name in _visible(book):
        # Parsing is dear and a table is read several times: each sheet is parsed once.
        yield Table(name, partial(_numbered, lru_cache(partial(_sheet, book, name))))


@lru_cache(maxsize=4)
def _book_heads(
    path: Path, inside: str, _changed: int, _size: int
) -> list[tuple[str, list[tuple[int, Cells]]]]:
    """Heads of the visible sheets, kept because every sniffer asks for them."""
    book = _book(Source(path, inside=inside))
    return [
        (name, list(islice(_numbered(partial(_sheet, book, name)), HEAD_ROWS))) for name in _visible(book)
    ]


def _visible(book: CalamineWorkbook) -> list[str]:
    return [meta.name for meta in book.sheets_metadata if meta.visible == SheetVisibleEnum.Visible]


def _book(source: Source) -> CalamineWorkbook:
    with source.open() as stream:
        data = io.BytesIO(stream.read(MAX_WORKBOOK))
    _check_workbook(data)
    try:
        return load_workbook(data)
    except (CalamineError, OSError, ValueError) as error:
        raise Invalid("connectors.workbook_broken") from error


def _check_workbook(data: io.BytesIO) -> None:
    """Refuse by declared sizes at once, then count what really comes out, since a header can lie."""
    try:
        with zipfile.ZipFile(data) as book:
            parts = book.infolist()
            declared = sum(part.file_size for part in parts)
            if (
                declared > MAX_WORKBOOK
                or len(parts) > MAX_PARTS
                or declared > FREE + MAX_RATIO * len(data.getbuffer())
            ):
                raise _too_big(declared, len(parts))
            for part in parts:
                honest, part.file_size = part.file_size, MAX_WORKBOOK
                with book.open(part) as stream:
                    counted = sum(map(len, iter(partial(stream.read, 1 << 20), b"")))
                if counted != honest:
                    raise _too_big(counted, len(parts))
    except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError) as error:
        raise Invalid("connectors.workbook_broken") from error
    data.seek(0)


def _too_big(size: int, parts: int) -> Invalid:
    return Invalid("connectors.workbook_too_big", size=size, parts=parts, limit=MAX_WORKBOOK, most=MAX_PARTS)


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        sheet = book.get_sheet_by_name(name)
    except (CalamineError, ValueError) as error:
        raise Invalid("connectors.workbook_broken") from error
    if sheet.total_height > MAX_ROWS:
        raise Invalid("connectors.table_too_long", limit=MAX_ROWS)
    if sheet.total_width > MAX_COLUMNS:
        raise Invalid("connectors.table_too_wide", columns=sheet.total_width, limit=MAX_COLUMNS)
    return sheet


def _numbered(sheet: Callable[[], CalamineSheet]) -> Iterator[tuple[int, Cells]]:
    for at, cells in enumerate(sheet().iter_rows(), start=1):
        yield at, list(cells)

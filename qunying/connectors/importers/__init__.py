"""Reading chat history that people bring as files.

A `Format` says whether a `Source` is its own (`sniff`) and turns it into the entries of `connectors.incoming`
(`read`). `sources` splits what was handed over, `pick` chooses the format, `entries` reads.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path

from django.utils.translation import gettext as _

from qunying.connectors.importers.archive import is_packed
from qunying.connectors.importers.archive_formats import ARCHIVE_FORMATS
from qunying.connectors.importers.format import Format
from qunying.connectors.importers.source import Source
from qunying.connectors.importers.tables import header_of, is_workbook
from qunying.connectors.importers.text_formats import TEXT_FORMATS
from qunying.connectors.importers.text_lines import encoding_of
from qunying.connectors.incoming import Entry, Guess, Options
from qunying.kit import catalog
from qunying.kit.errors import Invalid

IMPORTERS: tuple[Format, ...] = (*ARCHIVE_FORMATS, *TEXT_FORMATS)

ATTACHMENTS = (
    ".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".heic", ".svg", ".ico", ".mp3", ".m4a", ".ogg", ".oga", ".opus",
    ".wav", ".amr", ".aac", ".mp4", ".mov", ".webm", ".mkv", ".avi", ".3gp", ".tgs", ".vcf", ".pdf", ".css",
    ".js", ".woff", ".woff2", ".ttf", ".ini", ".lnk",
)  # fmt: skip
"""Endings of what lies beside a history and is none: not taken up when a folder is split."""

SHOWN = 60
TEXTS = (".txt", ".csv", ".tsv")
"""Endings of files that are text in one encoding, so that a wrong one is named before an unknown format is."""

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\xd8\xff", "connectors.is_picture", "JPEG"),
    (b"\x89PNG", "connectors.is_picture", "PNG"),
    (b"GIF8", "connectors.is_picture", "GIF"),
    (b"RIFF", "connectors.is_picture", "WebP"),
    (b"%PDF", "connectors.is_document", "PDF"),
    (b"\xd0\xcf\x11\xe0", "connectors.is_document", "Office 97"),
    (b"PK\x03\x04", "connectors.is_document", "Office"),
    (b"SQLite format 3", "connectors.is_database", "SQLite"),
    (b"7z\xbc\xaf\x27\x1c", "connectors.unpack_first", "7z"),
    (b"Rar!", "connectors.unpack_first", "RAR"),
    (b"BZh", "connectors.unpack_first", "bzip2"),
    (b"\xfd7zXZ", "connectors.unpack_first", "xz"),
)


def sources(paths: Iterable[Path]) -> list[Source]:
    """One source for each history handed over: a folder or archive some format knows as a whole stays one, any other
    is split into its files, subfolders likewise; pictures and other attachments beside them are left out."""
    found: list[Source] = []
    for path in paths:
        if not path.exists():
            raise Invalid("connectors.file_missing", file=str(path))
        found += _split(Source(path))
    return found


def _split(source: Source) -> list[Source]:
    if not source.is_many or guess(source):
        return [source]
    children = [child for child in source.children() if not child.name.lower().endswith(ATTACHMENTS)]
    return [part for child in children for part in _split(child)]


def declared() -> tuple[Format, ...]:
    """Our formats and those of announced packages."""
    return catalog.collect("importers")


def guess(source: Source) -> list[tuple[Format, Guess]]:
    """The formats that take the source for theirs, the surest first."""
    guesses = [(form, found) for form in declared() if (found := form.sniff(source)) is not None]
    return sorted(guesses, key=lambda pair: -pair[1].sureness)


def pick(source: Source, key: str | None = None) -> tuple[Format, Guess]:
    """The format the operator named, else the surest. Raises Invalid saying what the file looks like instead."""
    if key is not None:
        named = next((form for form in declared() if form.key == key), None)
        if named is None:
            known = ", ".join(form.key for form in declared())
            raise Invalid("connectors.unknown_format_key", key=key, known=known)
        return named, named.sniff(source) or Guess(0, _("由您指定，文件内容看不出是这种格式"))
    found = guess(source)
    if found:
        return found[0]
    raise _refusal(source)


def _refusal(source: Source) -> Invalid:
    if source.is_many:
        names = source.names()
        packed = next((name for name in names if is_packed(name)), None)
        if packed is not None:
            return Invalid("connectors.archive_nested", archive=source.name, entry=packed)
        return Invalid("connectors.unknown_folder", folder=source.name, files=len(names))
    head = source.head(512)
    if not head.strip():
        return Invalid("connectors.file_empty", file=source.name)
    if is_workbook(source) and (columns := header_of(source)):
        return _columns(source, columns)
    for magic, code, kind in _MAGIC:
        if head.startswith(magic):
            return Invalid(code, file=source.name, kind=kind)
    if head[257:262] == b"ustar":
        return Invalid("connectors.unpack_first", file=source.name, kind="tar")
    if head[4:8] == b"ftyp":
        return Invalid("connectors.is_picture", file=source.name, kind="MP4 / HEIC")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:15].lower().startswith((b"<!doctype html", b"<html")):
        return Invalid("connectors.is_page", file=source.name)
    if source.name.lower().endswith(TEXTS):
        try:
            encoding_of(source)
        except Invalid as fault:
            fault.name_file(source.name)
            return fault
    columns = [] if source.name.lower().endswith(".txt") else header_of(source)
    if len(columns) > 1:
        return _columns(source, columns)
    shown = start[:SHOWN].decode(errors="replace").split("\n")[0].strip()
    return Invalid("connectors.unknown_format", file=source.name, start=shown)


def _columns(source: Source, columns: list[str]) -> Invalid:
    return Invalid("connectors.unknown_columns", file=source.name, columns="、".join(columns))


def entries(form: Format, source: Source, options: Options) -> Generator[Entry]:
    """The entries of the source. A file whose outline is not what the format promises raises Invalid; whatever is
    refused names the file."""
    try:
        yield from form.read(source, options)
    except Invalid as fault:
        fault.name_file(source.name)
        raise
    except (
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        ValueError,
        OverflowError,
        IsADirectoryError,
    ) as fault:
        raise Invalid("connectors.outline_broken", file=source.name, format=form.key) from fault

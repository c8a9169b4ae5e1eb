"""Files that are handed out: templates to fill in, lists of unknown lines, ChatLab files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qunying.connectors.importers import generic_table, member_list
from qunying.connectors.importers.sheet_templates import SHEET_TEMPLATES, Column
from qunying.connectors.models import ImportBatch
from qunying.kit.errors import Missing
from qunying.kit.refusals import Text


@dataclass(frozen=True)
class Blank:
    """A sheet to fill in: its key, name and column headers."""

    key: str
    label: Text
    columns: tuple[str, ...]


def blanks() -> list[Blank]:
    """Every template on offer; each header is one its importer knows."""
    own = [
        Blank("members", member_list.MEMBER_LIST.label, _heads(member_list.COLUMNS, start=3)),
        Blank("generic", generic_table.GENERIC.label, generic_table.OWN),
    ]
    return own + [Blank(entry.key, entry.label, _heads(entry.columns)) for entry in SHEET_TEMPLATES]


def _heads(columns: Iterable[Column], start: int = 0) -> tuple[str, ...]:
    return tuple(column.headers.split("|")[0] for column in columns)[start:]


def blank(key: str) -> Blank:
    for entry in blanks():
        if entry.key == key:
            return entry
    raise Missing("brands.not_found")


def unknown_rows(batch: ImportBatch) -> list[dict[str, object]]:
    """The kept unknown lines of an import: file, line, why, and the line itself."""
    found = []
    for file in batch.summary.get("files", []):
        found += [{"path": file["path"], **row, "why": _(str(row["why"]))} for row in file["unknown"]]
    return found

"""Which column of a table means what: as the operator said, else by its header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qunying.connectors.importers.sheet_templates import Column
from qunying.connectors.importers.tables import plain


def assign(names: list[str], columns: Iterable[Column], mapping: Mapping[str, str]) -> dict[str, int]:
    """Field → index among plain header names. A column mapped to "" is left out; a mapped field is taken once."""
    said = {plain(header): field for header, field in mapping.items()}
    found = {said[name]: at for at, name in enumerate(names) if said.get(name)}
    free = [("" if name in said else name) for name in names]
    for column in columns:
        at = column.find(free)
        if at is not None and column.field not in found:
            found[column.field] = at
    return found

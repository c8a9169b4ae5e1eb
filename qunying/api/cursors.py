"""Pages by cursor: stable while rows are added, and as quick on the last page as on the first."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet

from qunying.kit.errors import Invalid

MOST = 200
Row = TypeVar("Row", bound=Model)


def cut(rows: QuerySet[Row], *, cursor: str, limit: int) -> tuple[Sequence[Row], str | None]:
    """The next rows by number after the cursor, and the cursor of what follows; None at the end."""
    size = max(1, min(limit, MOST))
    if cursor:
        rows = rows.filter(pk__gt=_read(cursor))
    found = list(rows.order_by("pk")[: size + 1])
    return found[:size], _write(found[size - 1].pk) if len(found) > size else None


def _write(pk: int) -> str:
    return base64.urlsafe_b64encode(f"after {pk}".encode()).decode().rstrip("=")


def _read(cursor: str) -> int:
    try:
        word, _space, number = (
            base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        )
        if word == "after":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise Invalid("api.bad_cursor")

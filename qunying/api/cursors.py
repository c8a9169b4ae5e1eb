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
    size = sized(limit)
    if cursor:
        rows = rows.filter(pk__gt=read(cursor, 1)[0])
    found = list(rows.order_by("pk")[: size + 1])
    return found[:size], write(found[size - 1].pk) if len(found) > size else None


def sized(limit: int) -> int:
    """As many as are told at once."""
    return max(1, min(limit, MOST))


def write(*place: int) -> str:
    """The cursor of what stands after this place, one number or several."""
    text = " ".join(map(str, ("after", *place)))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str, parts: int) -> tuple[int, ...]:
    """The place of so many numbers; Invalid where the cursor is of another make."""
    try:
        word, *place = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(" ")
        if word == "after" and len(place) == parts:
            return tuple(map(int, place))
    except (binascii.Error, ValueError):
        pass
    raise Invalid("api.bad_cursor")

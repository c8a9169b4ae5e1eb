"""Writes many plain rows at once, without an object per row; for the hot paths of imports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import connection
from django.db.models import Model

Value = bool | int | float | str | bytes | dt.datetime | None


def insert_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    """Insert the rows, values in the order of `columns` (database names). The caller answers for every NOT NULL
    column."""
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES ({marks})",
            rows,
        )

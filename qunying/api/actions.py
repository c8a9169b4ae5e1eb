"""Verbs of the API: counting calls."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from qunying.api.models import Window
from qunying.brands.models import ApiToken

KEPT_MINUTES = 60


@transaction.atomic
def count_call(token: ApiToken, *, at: dt.datetime) -> int:
    """One more call in this minute; answers how many there were with it."""
    minute = int(at.timestamp()) // 60
    table = Window._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (token_id, minute, used) VALUES (%s, %s, 1) "
            f"ON CONFLICT (token_id, minute) DO UPDATE SET used = {table}.used + 1 RETURNING used",
            [token.pk, minute],
        )
        used = int(cursor.fetchone()[0])
    if used == 1:
        Window.objects.filter(token=token, minute__lt=minute - KEPT_MINUTES).delete()
    return used

"""Whether the database can be reached: after the first request that could not, the others are refused at once instead
of waiting for it too."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

from qunying.jobs.actions import database_now
from qunying.kit.circuit import Circuit

STORAGE = Circuit(seconds=1.0)
"""Of this process. Open only while the line is cut: a database that is busy or full is asked as before."""
BUSY = "HY000"
"""Stands for the state that SQLite's errors do not have."""


def is_away(error: BaseException) -> bool:
    """Whether the line to the database is cut. PostgreSQL gives a cut line no state, or says that it shuts down; SQLite
    has no line."""
    state = getattr(error.__cause__, "sqlstate", BUSY)
    is_about_it = isinstance(error, OperationalError | InterfaceError)
    return is_about_it and (not state or state.startswith(("08", "57P")))


def is_full(error: BaseException) -> bool:
    """Whether the database has no room left to write."""
    state = getattr(error.__cause__, "sqlstate", "")
    return state == "53100" or "disk is full" in str(error)


def answers() -> bool:
    """Whether the database may be asked now; while it was away, one asker a second finds out."""
    if not STORAGE.is_open:
        return True
    if not STORAGE.lets_through():
        return False
    try:
        database_now()
    except (OperationalError, InterfaceError):
        STORAGE.broke()
        return False
    STORAGE.held()
    return True

"""Which SQLite we run on. Builds before 3.51.3 can corrupt a WAL database that two processes write (reliability
§0.2)."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

SAFE = (3, 51, 3)


def use_carried_build() -> None:
    """Put the SQLite of the `pysqlite3` wheel in place of the system's, where the wheel is installed."""
    if find_spec("pysqlite3") is not None and "pysqlite3" not in sys.modules:
        sys.modules["sqlite3"] = import_module("pysqlite3")
        sys.modules["sqlite3.dbapi2"] = import_module("pysqlite3.dbapi2")
    _name_adapters()


def _name_adapters() -> None:
    """Say that None and bytes go in as they are. The driver otherwise asks each value whether it wants to become
    something else, which takes 2.5 µs: more than storing a row does."""
    driver = import_module("sqlite3")
    nothing: dict[None, None] = {}
    driver.register_adapter(type(None), nothing.get)  # answers None, without a Python frame
    for kind in (bytes, memoryview):
        driver.register_adapter(kind, bytes)


def version() -> tuple[int, ...]:
    driver = sys.modules.get("sqlite3") or import_module("sqlite3")
    found: tuple[int, ...] = driver.sqlite_version_info
    return found


def is_safe_for_many() -> bool:
    """Whether several processes may write one database file."""
    return version() >= SAFE

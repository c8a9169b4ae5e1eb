"""Gives memory back that long work has let go of."""

from __future__ import annotations

import ctypes
from functools import cache


def give_back() -> None:
    """Let the C library return freed pages to the system, where it can (glibc); elsewhere nothing happens.

    SQLite and Python free blocks of many sizes between blocks that stay, so without this the process keeps growing
    with the number of rows it has passed on.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> ctypes._NamedFuncPointer | None:
    return getattr(ctypes.CDLL(None), "malloc_trim", None)

"""Only an app's own actions write its tables: watched in every test by a look at the stack of each write."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import cache
from types import FrameType
from typing import Any

from django.apps import apps

from tools.check_writers import ALSO, DEEDS

WRITE = re.compile(r'\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)"?', re.IGNORECASE)


EVERYWHERE = "qunying.brands.erasing"
"""The one module that may write every table: it takes a whole brand away."""


class StrangerWritesError(AssertionError):
    """Code outside an app's own actions wrote one of its tables."""


def guard(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """An execute wrapper that lets every statement through except a stranger's write."""
    write = WRITE.match(sql)
    if write and (owner := owner_of(write[1])):
        stranger = stranger_on_the_stack(owner)
        if stranger:
            raise StrangerWritesError(
                f"{stranger} writes {write[1]}, which belongs to qunying.{owner}.actions"
            )
    return execute(sql, params, many, context)


@cache
def owner_of(table: str) -> str:
    """The app of ours that owns a table, or nothing."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table == table and model.__module__.startswith("qunying."):
            return model.__module__.split(".")[1]
    return ""


def stranger_on_the_stack(owner: str) -> str:
    """The nearest module of ours that stands between the test and the write, unless a deed of the owner does.

    A test may arrange rows itself, and what Django writes for itself (a last login) is nobody's deed.
    """
    deeds = (EVERYWHERE, *(f"qunying.{owner}.{name}" for name in (*DEEDS, *ALSO.get(owner, ()))))
    neutral = (f"qunying.{owner}.models", "qunying.kit.")
    stranger = ""
    frame = sys._getframe(2)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module == "django.db.models.deletion":  # what hangs on a deleted row goes with it
            return "" if deed_on_the_stack(frame) else owner
        if module.startswith(deeds) or (not stranger and module.startswith("django.contrib.auth.")):
            return ""
        if module.startswith("tests."):
            break
        if module.startswith("qunying.") and not module.startswith(neutral):
            stranger = stranger or module
        frame = frame.f_back  # type: ignore[assignment]  # None ends the loop
    return stranger


def deed_on_the_stack(frame: FrameType) -> bool:
    """Whether the nearest module of ours, or a test, that asked for a deletion may delete rows of its own."""
    above: FrameType | None = frame
    while above is not None:
        module = str(above.f_globals.get("__name__", ""))
        if module.startswith("tests."):
            return True
        if module.startswith("qunying."):
            app, _dot, rest = module.removeprefix("qunying.").partition(".")
            return rest.startswith((*DEEDS, *ALSO.get(app, ())))
        above = above.f_back
    return True

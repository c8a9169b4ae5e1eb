"""Finds what the apps declare: agreed tuples in agreed modules, read without decorators or import side effects."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

AGREED: dict[str, str] = {
    "fact_kinds": "FACT_KINDS",
    "refusals": "REFUSALS",
    "preferences": "PREFERENCES",
    "projectors": "PROJECTORS",
    "metrics": "METRICS",
    "detectors": "DETECTORS",
    "playbooks": "PLAYBOOKS",
    "steps": "STEPS",
    "report_blocks": "REPORT_BLOCKS",
    "erasers": "ERASERS",
    "importers": "IMPORTERS",
    "live": "CONNECTORS",
    "tidings": "TIDINGS",
    "job_kinds": "JOB_KINDS",
    "beats": "BEATS",
    "today": "TODAY",
    "menu": "MENU",
    "shortcuts": "SHORTCUTS",
    "routes": "ROUTES",
    "log_words": "LOG_WORDS",
}
"""Module name in an app → name of the tuple it holds."""

_apps: list[str] = []


def announce(apps: Iterable[str]) -> None:
    """Say which packages are apps, lowest floor first; called once by settings."""
    _apps[:] = list(dict.fromkeys(apps))
    collect.cache_clear()


def apps() -> tuple[str, ...]:
    return tuple(_apps)


@cache
def collect(module: str) -> tuple[Any, ...]:
    """All entries declared in `module`, in floor order. Entries differ by module, so the caller knows the type."""
    found: list[Any] = []
    for app in _apps:
        path = f"{app}.{module}"
        if find_spec(path) is not None:
            found.extend(getattr(import_module(path), AGREED[module]))
    return tuple(found)

"""The list of what is to be looked at and from when on: a note for each errand, in the order in which they are due."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

PREFIX = "due:"
Record = dict[str, Any]  # what an errand says is the platform's


def note(due: int, place: str, errand: Record) -> tuple[str, bytes]:
    body = msgspec.json.encode(errand)
    return f"{PREFIX}{due:014d}:{place[:80]}:{hashlib.sha256(body).hexdigest()[:16]}", body


def due(key: str) -> int:
    """When the errand of this note is due, in milliseconds UTC."""
    return int(key.split(":")[1])

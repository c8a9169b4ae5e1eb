"""What a session can take back: its last steps on many people."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from pyroaring import BitMap64

from qunying.brands.access import BrandRequest
from qunying.kit.errors import Refused

MOST_KEPT = 3
Kept = dict[str, Any]
"""Any: as JSON keeps it in the session."""


def keep(request: BrandRequest, what: str, kept: Mapping[str, object]) -> str:
    """Remember the step; answers the word by which it is taken back."""
    step = secrets.token_urlsafe(6)
    steps = {**request.session.get(what, {}), step: {"brand": request.brand.pk, **kept}}
    request.session[what] = dict(list(steps.items())[-MOST_KEPT:])
    return step


def take(request: BrandRequest, what: str) -> Kept:
    """The step that the address names, which is then forgotten; Refused when it is no longer known."""
    held = dict(request.session.get(what, {}))
    kept: Kept | None = held.pop(request.GET.get("step", ""), None)
    if kept is None or kept["brand"] != request.brand.pk:
        raise Refused("audiences.step_over")
    request.session[what] = held
    return kept


def packed(people: Sequence[int]) -> str:
    """Small enough for a session."""
    return BitMap64(people).serialize().hex()


def unpacked(text: str) -> list[int]:
    return list(BitMap64.deserialize(bytes.fromhex(text)))

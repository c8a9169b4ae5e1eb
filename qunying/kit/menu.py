"""The shape of a menu entry. Apps declare them in their `menu` module; the console draws them."""

from __future__ import annotations

from dataclasses import dataclass

from qunying.kit.refusals import Text


@dataclass(frozen=True)
class Item:
    """One menu entry: which section, its label, icon name, the route it opens and the permission it needs."""

    section: str
    label: Text
    icon: str
    route: str
    may: str
    order: int = 0

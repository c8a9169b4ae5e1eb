"""The shapes of menu entries and shortcuts. Apps declare them in `menu` and `shortcuts`; the console draws them."""

from __future__ import annotations

from dataclasses import dataclass

from qunying.kit.refusals import Text


@dataclass(frozen=True)
class Item:
    """One menu entry: which section, its label, icon name, the route it opens and the permission it needs.

    `also` are further paths below the brand whose pages belong to the entry; `keeps` what goes along of the address one
    comes from.
    """

    section: str
    label: Text
    icon: str
    route: str
    may: str
    order: int = 0
    also: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shortcut:
    """A deed that the palette offers: the page on which it is done, and the permission it needs."""

    label: Text
    icon: str
    route: str
    may: str

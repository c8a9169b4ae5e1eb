"""Reads of brands used more than once."""

from __future__ import annotations

from qunying.brands.models import Brand
from qunying.kit.errors import Missing, Refused


def the_brand(name: str = "") -> Brand:
    """The brand with this slug or name; without one, the only brand there is. Otherwise an error that lists them."""
    known = list(Brand.objects.order_by("pk"))
    listing = "、".join(brand.slug for brand in known)
    if name:
        found = [brand for brand in known if name in (brand.slug, brand.name)]
        if not found:
            raise Missing("brands.unknown_brand", brand=name, known=listing or "—")
        return found[0]
    if not known:
        raise Missing("brands.no_brand")
    if len(known) > 1:
        raise Refused("brands.choose_brand", known=listing)
    return known[0]

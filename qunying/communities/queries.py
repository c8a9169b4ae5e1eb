"""Reads of communities used more than once."""

from __future__ import annotations

from django.db.models import QuerySet

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community
from qunying.kit.errors import Missing


def visible(staff: Staff) -> QuerySet[Community]:
    """The communities in the staff member's data scope."""
    rows = Community.objects.filter(brand=staff.brand)
    return rows if staff.reach is None else rows.filter(pk__in=staff.reach)


def one(staff: Staff, pk: int) -> Community:
    """The community if it is in scope; Missing otherwise."""
    found = visible(staff).filter(pk=pk).first()
    if found is None:
        raise Missing("communities.not_found")
    return found


def counted(brand: Brand) -> QuerySet[Community]:
    """The communities that count: leaves of the tree, neither tests nor below one."""
    return Community.objects.filter(
        brand=brand, level=Community.Level.COMMUNITY, is_test=False, is_below_test=False
    )


def named(brand: Brand, name: str) -> Community:
    """The brand's community of this name or number; an error lists those there are."""
    rows = list(Community.objects.filter(brand=brand).order_by("pk"))
    for row in rows:
        if name in (row.name, str(row.pk)):
            return row
    raise Missing("communities.unknown", community=name, known="、".join(row.name for row in rows) or "—")


def leaves(communities: list[Community], node: Community) -> list[Community]:
    """The real communities at or below a node of the tree."""
    below = {node.pk}
    grown = True
    while grown:
        more = {row.pk for row in communities if row.parent_id in below} - below
        below |= more
        grown = bool(more)
    return [row for row in communities if row.pk in below and row.level == Community.Level.COMMUNITY]

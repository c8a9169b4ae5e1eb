"""Reads of connectors used more than once."""

from __future__ import annotations

from django.db.models import QuerySet

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community
from qunying.connectors.looking import signature
from qunying.connectors.models import ColumnMapping, ImportBatch
from qunying.facts.models import Fact
from qunying.kit.errors import Missing
from qunying.members.models import Member


def visible(staff: Staff) -> QuerySet[ImportBatch]:
    """All imports of the brand for those who see every community, one's own otherwise."""
    rows = ImportBatch.objects.filter(brand=staff.brand).select_related("brand", "job", "staff__account")
    return rows if staff.reach is None else rows.filter(staff=staff)


def one(staff: Staff, pk: int) -> ImportBatch:
    """The import if the staff member may see it; Missing otherwise."""
    found = visible(staff).filter(pk=pk).first()
    if found is None:
        raise Missing("brands.not_found")
    return found


def touched(batch: ImportBatch) -> list[Community]:
    """The communities the import brought something to, with what is covered now."""
    facts = Fact.objects.filter(brand=batch.brand_id, batch=batch.pk)
    places = facts.exclude(community=None).values_list("community", flat=True).distinct()
    return list(Community.objects.filter(brand=batch.brand, pk__in=list(places)).order_by("name"))


def would_vanish(batch: ImportBatch) -> dict[str, int]:
    """What an undo takes away: rows of the log, people and communities that only this import brought."""
    return {
        "records": Fact.objects.filter(brand=batch.brand_id, batch=batch.pk).count(),
        "members": Member.objects.filter(brand=batch.brand, batch=batch.pk).count(),
        "communities": Community.objects.filter(brand=batch.brand, batch=batch.pk).count(),
    }


def remembered(brand: Brand, header: list[str]) -> ColumnMapping | None:
    """What the brand said earlier about tables with these columns."""
    return ColumnMapping.objects.filter(brand=brand, header=signature(header)).first() if header else None

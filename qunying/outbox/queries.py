"""Reads of what waits for a person."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from qunying.brands.models import Staff
from qunying.kit.errors import Missing
from qunying.outbox.models import Draft, State, Todo


def todos(staff: Staff) -> QuerySet[Todo]:
    """To-dos the staff member may see: one's own and those for anybody in one's communities; all of them for
    who decides."""
    rows = (
        Todo.objects.filter(brand=staff.brand)
        .exclude(state=State.DROPPED)
        .select_related("community", "staff__account")
    )
    if staff.reach is not None:
        rows = rows.filter(Q(community=None) | Q(community__in=staff.reach))
    return rows if staff.may("advice.decide") else rows.filter(Q(staff=staff) | Q(staff=None))


def drafts(staff: Staff) -> QuerySet[Draft]:
    """Drafts in the staff member's communities; one's own and unowned ones unless one decides."""
    rows = (
        Draft.objects.filter(brand=staff.brand)
        .exclude(state=State.DROPPED)
        .select_related("community", "staff__account")
    )
    if staff.reach is not None:
        rows = rows.filter(community__in=staff.reach)
    return rows if staff.may("advice.decide") else rows.filter(Q(staff=staff) | Q(staff=None))


def todo(staff: Staff, pk: int) -> Todo:
    """The to-do if the staff member may see it; Missing otherwise."""
    found = todos(staff).select_related("brand").filter(pk=pk).first()
    if found is None:
        raise Missing("outbox.not_found")
    return found


def draft(staff: Staff, pk: int) -> Draft:
    """The draft if the staff member may see it; Missing otherwise."""
    found = drafts(staff).select_related("brand").filter(pk=pk).first()
    if found is None:
        raise Missing("outbox.not_found")
    return found


def waiting(staff: Staff) -> int:
    """How many to-dos and drafts wait for the staff member."""
    return sum(rows.filter(state=State.WAITING).count() for rows in (todos(staff), drafts(staff)))

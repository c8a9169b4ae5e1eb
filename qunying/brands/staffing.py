"""Reads for the staff page: colleagues, their data scope in words, one of them by number."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import apps
from django.utils.translation import gettext as _

from qunying.brands.models import ApiToken, Brand, Staff
from qunying.brands.roles import PERMISSIONS, ROLES
from qunying.kit.errors import Missing


def choices(brand: Brand) -> list[tuple[int, str]]:
    """(number, name) of the communities a data scope may name."""
    community = apps.get_model("communities", "Community")  # a higher floor: read through the registry
    return list(
        community.objects.filter(brand=brand, level="community").order_by("name").values_list("pk", "name")
    )


def colleagues(brand: Brand) -> list[Staff]:
    """Active staff, owners first."""
    rows = Staff.objects.filter(brand=brand, is_active=True).select_related("account", "brand")
    return sorted(rows, key=lambda row: (row.role != "owner", row.pk))


def scope_labels(rows: Sequence[Staff]) -> dict[int, str]:
    """Staff number → data scope in words."""
    names = dict(choices(rows[0].brand)) if rows else {}
    found = {}
    for row in rows:
        if row.reach is None:
            found[row.pk] = _("全部社群")
        else:
            known = [names[pk] for pk in row.reach if pk in names]
            found[row.pk] = "、".join(known) or _("没有社群")
    return found


def staff_table(brand: Brand) -> dict[str, object]:
    """Colleagues with their data scope, and the table of what each role may do."""
    rows = colleagues(brand)
    roles = [(role, [permission in role.may for permission in PERMISSIONS]) for role in ROLES]
    return {"rows": rows, "scopes": scope_labels(rows), "roles": roles, "permissions": PERMISSIONS.values()}


def of_brand(brand: Brand, pk: int) -> Staff:
    """The active staff member of the brand; Missing otherwise."""
    found = (
        Staff.objects.filter(brand=brand, pk=pk, is_active=True).select_related("account", "brand").first()
    )
    if found is None:
        raise Missing("brands.not_found")
    return found


def token_of(brand: Brand, pk: int) -> ApiToken:
    """The brand's token; Missing otherwise."""
    found = ApiToken.objects.filter(staff__brand=brand, pk=pk).first()
    if found is None:
        raise Missing("brands.not_found")
    return found

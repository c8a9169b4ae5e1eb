"""Operations about the brand itself: who works for it, what each role may do, what it has set."""

from __future__ import annotations

from qunying.brands.access import BrandRequest
from qunying.brands.models import Staff
from qunying.brands.preferences import value
from qunying.brands.roles import PERMISSIONS, ROLES
from qunying.brands.staffing import colleagues
from qunying.kit import catalog


def staff(request: BrandRequest, brand: str) -> dict[str, object]:
    """The colleagues, owners first, and the roles with what each of them may do."""
    return {
        "items": [_colleague(row) for row in colleagues(request.brand)],
        "roles": [
            {
                "key": role.key,
                "label": str(role.label),
                "may": [key for key in PERMISSIONS if key in role.may],
            }
            for role in ROLES
        ],
        "permissions": [{"key": key, "label": str(label)} for key, label in PERMISSIONS.items()],
    }


def _colleague(row: Staff) -> dict[str, object]:
    return {
        "id": row.pk,
        "name": row.name,
        "login": row.account.login,
        "role": row.role,
        "role_label": row.role_label,
        "communities": row.reach,
        "appointed_at": row.created_at,
    }


def settings(request: BrandRequest, brand: str) -> dict[str, object]:
    """The brand's name and zone, and every setting with its value, the declared default where nothing was set."""
    return {
        "name": request.brand.name,
        "zone": request.brand.zone,
        "items": [
            {
                "key": entry.key,
                "label": str(entry.label),
                "hint": str(entry.hint),
                "value": value(request.brand, entry.key),
            }
            for entry in catalog.collect("preferences")
        ],
    }

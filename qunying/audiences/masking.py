"""Names and accounts as a staff member may see them."""

from __future__ import annotations

from dataclasses import dataclass

from qunying.brands.models import Staff

NAMELESS = "—"


@dataclass(frozen=True)
class Shown:
    """Masks what identifies a person unless the staff member's role shows personal data."""

    staff: Staff

    @property
    def is_open(self) -> bool:
        return self.staff.may("members.personal")

    def name(self, name: str) -> str:
        """The name, or its first letter and stars."""
        if not name:
            return NAMELESS
        return name if self.is_open else f"{name[0]}**"

    def account(self, value: str) -> str:
        """The account number, or its first and last four letters."""
        if self.is_open or len(value) <= 4:
            return value if self.is_open else "****" if value else ""
        return f"{value[:2]}…{value[-4:]}"

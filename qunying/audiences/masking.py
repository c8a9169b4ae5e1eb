"""Names and accounts as a staff member may see them."""

from __future__ import annotations

from dataclasses import dataclass

from qunying.audiences.sensitive import sensitive
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

    def account(self, value: str, scheme: str = "") -> str:
        """The account number, or its first and last four letters."""
        if self.is_open or len(value) <= 4:
            return value if self.is_open else "****" if value else ""
        return f"{value[:2]}…{value[-4:]}"


class OnScreen(Shown):
    """As pages show them: phones, mails and the like are masked for everybody, to be looked at one by one."""

    def name(self, name: str) -> str:
        found = sensitive("", name, is_account=True) if self.is_open else None
        return found.mask if found else super().name(name)

    def account(self, value: str, scheme: str = "") -> str:
        found = sensitive(scheme, value, is_account=True)
        return found.mask if found and (self.is_open or found.is_whole) else super().account(value)


@dataclass(frozen=True)
class Value:
    """A text as the card shows it; with `key` it is masked and who sees the page may ask for it by that key."""

    text: str
    key: str = ""


@dataclass(frozen=True)
class Told:
    """Something known of a person: the key it is asked for by, what it is called, and what it says."""

    key: str
    called: str
    text: str
    is_account: bool = True

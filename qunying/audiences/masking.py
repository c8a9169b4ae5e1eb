"""Names and accounts as a staff member may see them."""

from __future__ import annotations

from dataclasses import dataclass

from qunying.brands.models import Staff
from qunying.kit.sensitive import Sensitive, sensitive

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

    def attribute(self, field: Field) -> str:
        """What else is known of a person; nothing for who may not see personal data."""
        return field.text if self.is_open else ""


@dataclass(frozen=True)
class Field:
    """Something known of a person: the key it is asked for by, what it is called, and what it says."""

    key: str
    called: str
    text: str
    is_account: bool = True

    @property
    def hidden(self) -> Sensitive | None:
        return sensitive(self.called, self.text, is_account=self.is_account)


@dataclass(frozen=True)
class Value:
    """A text as the card shows it; with `key` it is masked and who sees the page may ask for it by that key."""

    text: str
    key: str = ""


class OnScreen(Shown):
    """As pages show them: phones, mails and the like are masked for everybody, to be looked at one by one."""

    def name(self, name: str) -> str:
        return self.name_of(Field("", "", name)).text

    def account(self, value: str, scheme: str = "") -> str:
        return self.account_of(Field("", scheme, value)).text

    def attribute(self, field: Field) -> str:
        shown = self.attribute_of(field)
        return shown.text if shown else ""

    def name_of(self, field: Field) -> Value:
        found = field.hidden if self.is_open else None
        return Value(found.mask, field.key) if found else Value(super().name(field.text))

    def account_of(self, field: Field) -> Value:
        found = field.hidden
        if found and (self.is_open or found.is_whole):
            return Value(found.mask, field.key if self.is_open else "")
        return Value(super().account(field.text))

    def attribute_of(self, field: Field) -> Value | None:
        """As it is or masked; who may not see personal data sees masks alone."""
        found = field.hidden
        if self.is_open:
            return Value(found.mask, field.key) if found else Value(field.text)
        return Value(found.mask) if found and found.is_whole else None

"""加密存放: what is masked on screens is sealed in the database, each text on its own, with the brand's key.

A sealed text says `sealed:1:`, a mark by which differently written equals are found, and the sealed form. Whatever else
begins like that is sealed too, so nobody can type one.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from qunying.brands.models import Brand
from qunying.brands.vault import Values
from qunying.kit.errors import Invalid
from qunying.kit.sensitive import normal, sensitive

PREFIX = "sealed:1:"


class Sealing:
    """Seals and opens the personal values of one brand's members."""

    def __init__(self, brand: Brand) -> None:
        self._values = Values(brand)
        self._kept: dict[tuple[str, str], str] = {}

    def account(self, scheme: str, value: str) -> str:
        """An account's value as it is kept."""
        known = self._kept.get((scheme, value))
        if known is None:
            known = self._kept[scheme, value] = self.keep(scheme, value, is_account=True)
        return known

    def attributes(self, told: Iterable[tuple[str, str]]) -> dict[str, str]:
        """What else is told of a person as it is kept."""
        return {name: self.keep(name, value) for name, value in told}

    def keep(self, called: str, value: str, *, is_account: bool = False) -> str:
        """The text as it is kept: sealed if it is masked on screens."""
        found = sensitive(called, value, is_account=is_account)
        if found is None and not value.startswith(PREFIX):
            return value
        text = normal(found.kind, value) if found else value
        return f"{PREFIX}{self._values.mark(text)}:{self._values.seal(value)}"

    def known(self, kept: str) -> str:
        """The text as it was told."""
        if not kept.startswith(PREFIX):
            return kept
        return self._values.unseal(kept.rpartition(":")[2])

    def all_known(self, kept: dict[str, object]) -> dict[str, str]:
        return {name: self.known(str(value)) for name, value in kept.items()}

    def is_own(self, kept: str) -> bool:
        """Whether it was sealed here, not only looks like it."""
        try:
            return kept.startswith(PREFIX) and self.known(kept) is not None
        except Invalid:
            return False

    def found(self, typed: str) -> str | None:
        """How what was sealed for this phone, mail or the like begins, however that was written; None for other
        texts."""
        seen = sensitive("", typed)
        return f"{PREFIX}{self._values.mark(normal(seen.kind, typed))}:" if seen else None


def like_of(kept: str) -> str:
    """How a sealed text begins as do all that say the same; another text is itself."""
    return kept.rpartition(":")[0] + ":" if kept.startswith(PREFIX) else kept


def told_of(start: str) -> Q:
    """Members of whom a text that begins so is told; wants `attributes_text` beside them."""
    return Q(attributes_text__contains=start)


ATTRIBUTES_TEXT = Cast("attributes", TextField())

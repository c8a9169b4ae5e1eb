"""Keep what each import says of an account, and show the account as all of them together tell it.

The latest name is shown and every earlier one is an alias; of an attribute the latest value counts. What an import
leaves out changes nothing. Taking an import back takes its say back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from qunying.brands.actions import bump_columns
from qunying.brands.models import Brand
from qunying.members.models import Identity, Member, Telling

PART = 500
Said = tuple[str, tuple[str, ...], dict[str, str]]
"""Name, aliases and attributes of one account."""


def tell(said: Mapping[int, Said], *, batch: int | None) -> None:
    """Keep what an import says of these accounts, by identity; saying more adds to what it said before."""
    heard = {identity: one for identity, one in said.items() if any(one)}
    before = {row.identity_id: row for row in _of(heard) if row.batch == (batch or 0)}
    fresh = [
        Telling(identity_id=identity, batch=batch or 0, name=name, aliases=[*aliases], attributes=attributes)
        for identity, (name, aliases, attributes) in heard.items()
        if identity not in before
    ]
    Telling.objects.bulk_create(fresh, batch_size=PART)
    for identity, row in before.items():
        later = Telling(name=heard[identity][0], aliases=[*heard[identity][1]], attributes=heard[identity][2])
        row.name, row.aliases, row.attributes = _together([row, later])
    Telling.objects.bulk_update(before.values(), ["name", "aliases", "attributes"], batch_size=PART)


def retell(brand: Brand, identities: Collection[int]) -> None:
    """Show these accounts and their members as the imports left together tell them."""
    tellings: dict[int, list[Telling]] = defaultdict(list)
    for telling in _of(identities):
        tellings[telling.identity_id].append(telling)
    changed, members = [], []
    for row in _identities(identities):
        name, aliases, attributes = _together(tellings[row.pk])
        if (name, aliases, attributes) != (row.name, row.aliases, row.member.attributes):
            row.name, row.aliases = name, aliases
            row.member.name, row.member.attributes = name, attributes
            changed.append(row)
            members.append(row.member)
    Identity.objects.bulk_update(changed, ["name", "aliases"], batch_size=PART)
    Member.objects.bulk_update(members, ["name", "attributes"], batch_size=PART)
    if changed:
        bump_columns(brand)


def _together(tellings: Collection[Telling]) -> tuple[str, list[str], dict[str, str]]:
    names: list[str] = []
    attributes: dict[str, str] = {}
    shown = ""
    for row in tellings:
        names += (shown, *row.aliases)
        shown = row.name or shown
        attributes |= row.attributes
    return shown, [name for name in dict.fromkeys(names) if name and name != shown], attributes


def _of(identities: Collection[int]) -> list[Telling]:
    found: list[Telling] = []
    for part in _parts(identities):
        found += Telling.objects.filter(identity__in=part).order_by("pk")
    return found


def _identities(identities: Collection[int]) -> list[Identity]:
    found: list[Identity] = []
    for part in _parts(identities):
        found += Identity.objects.filter(pk__in=part).select_related("member").order_by("pk")
    return found


def _parts(identities: Collection[int]) -> list[list[int]]:
    whole = sorted(identities)
    return [whole[start : start + PART] for start in range(0, len(whole), PART)]

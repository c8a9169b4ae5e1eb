"""Keep what each import says of an account, and show the account as all of them together tell it.

The latest name is shown and every earlier one is an alias; of an attribute the latest value counts. What an import
leaves out changes nothing, and one that only fills changes nothing that was told before. Taking an import back takes
its say back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from qunying.brands.actions import bump_columns
from qunying.brands.models import Brand
from qunying.brands.rows import as_text, insert_rows
from qunying.members.models import Identity, Member, Telling

PART = 500
Said = tuple[str, tuple[str, ...], dict[str, str]]
"""Name, aliases and attributes of one account."""


class Word(NamedTuple):
    """One way of telling, before it is kept."""

    name: str
    aliases: Sequence[str]
    attributes: dict[str, str]
    fills: bool


def tell(
    said: Mapping[int, Sequence[Said]],
    *,
    batch: int | None,
    fills: bool = False,
    new: Collection[int] = frozenset(),
) -> None:
    """Keep what an import says of these accounts, by identity and in order; saying more adds to what it said before.
    Nobody has told of the `new` ones yet."""
    heard = {
        identity: [Word(*one, fills) for one in ones if any(one)]
        for identity, ones in said.items()
        if any(map(any, ones))
    }
    kind = (batch or 0, fills)
    before = {row.identity_id: row for row in _of(heard.keys() - new) if (row.batch, row.fills) == kind}
    fresh = []
    for identity, words in heard.items():
        row = before.get(identity)
        if row is None:
            name, aliases, attributes = _together(words)
            fresh.append((identity, *kind, name, as_text(aliases), as_text(attributes)))
        else:
            row.name, row.aliases, row.attributes = _together([row, *words])
    insert_rows(Telling, ("identity_id", "batch", "fills", "name", "aliases", "attributes"), fresh)
    Telling.objects.bulk_update(before.values(), ["name", "aliases", "attributes"], batch_size=PART)


def retell(brand: Brand, identities: Collection[int]) -> None:
    """Show these accounts and their members as the imports left together tell them."""
    tellings: dict[int, list[Telling]] = defaultdict(list)
    for telling in _of(identities):
        tellings[telling.identity_id].append(telling)
    changed, members = [], []
    for row in _identities(identities):
        name, aliases, attributes = _together(_in_order(tellings[row.pk]))
        if (name, aliases, attributes) != (row.name, row.aliases, row.member.attributes):
            row.name, row.aliases = name, aliases
            row.member.name, row.member.attributes = name, attributes
            changed.append(row)
            members.append(row.member)
    Identity.objects.bulk_update(changed, ["name", "aliases"], batch_size=PART)
    Member.objects.bulk_update(members, ["name", "attributes"], batch_size=PART)
    if changed:
        bump_columns(brand)


def _in_order(tellings: Collection[Telling]) -> list[Telling]:
    """In the order of the imports, whenever their files were read; what no import said stays behind those that had
    spoken by then."""
    latest, places = 0, {}
    for row in sorted(tellings, key=lambda row: row.pk):
        latest = max(latest, row.batch)
        places[row.pk] = (row.batch or latest, row.pk)
    return sorted(tellings, key=lambda row: places[row.pk])


def _together(tellings: Collection[Telling | Word]) -> tuple[str, list[str], dict[str, str]]:
    names: list[str] = []
    attributes: dict[str, str] = {}
    shown = ""
    for row in tellings:
        if row.fills:
            names = [name for name in names if name] or [*row.aliases]
            shown = shown or row.name
            attributes = row.attributes | attributes
        else:
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

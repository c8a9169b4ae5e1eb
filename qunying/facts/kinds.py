"""What a kind of fact is, and how apps declare theirs (tuple FACT_KINDS in `fact_kinds`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from qunying.kit import catalog
from qunying.kit.refusals import Text


@dataclass(frozen=True)
class FactKind:
    """行为类型: `number` is what the log stores and never changes. `interaction` makes a member active; `observable`
    shows that the member was there."""

    number: int
    name: str
    label: Text
    interaction: bool = False
    observable: bool = True


@lru_cache(maxsize=1)
def by_name() -> dict[str, FactKind]:
    kinds = catalog.collect("fact_kinds")
    names = {kind.name: kind for kind in kinds}
    if len(names) != len(kinds) or len({kind.number for kind in kinds}) != len(kinds):
        raise ValueError("two kinds of fact share a name or a number")
    return names


@lru_cache(maxsize=1)
def by_number() -> dict[int, FactKind]:
    return {kind.number: kind for kind in by_name().values()}


def number(name: str) -> int:
    return by_name()[name].number


@lru_cache(maxsize=1)
def interactions() -> tuple[int, ...]:
    """Numbers of the kinds that make a member active."""
    return tuple(sorted(kind.number for kind in by_name().values() if kind.interaction))

"""What follows the log: each declared projector has its own cursor; a batch and its cursor move in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from qunying.brands.actions import lock
from qunying.brands.models import Brand
from qunying.facts import log
from qunying.facts.models import Cursor
from qunying.facts.seal import NAME, seal_facts
from qunying.kit import catalog
from qunying.kit.memory import give_back

CHUNK = 120_000


@dataclass(frozen=True)
class Projector:
    """投影: `apply(brand, facts)` folds a run of facts, in order, into what its app keeps."""

    name: str
    apply: Callable[[Brand, log.Facts], None]


PROJECTORS = (Projector(NAME, seal_facts),)


def drive(
    brand: Brand, *, tick: Callable[[int, int], None] | None = None, fresh: log.Facts | None = None
) -> int:
    """Bring all projectors to the end of the brand's log; answers the position. Safe to run from several places.
    `fresh` facts, just written, need not be read where they come next."""
    end = log.last_id(brand)
    while True:
        position = _advance(brand, fresh)
        fresh = None
        if position is None:
            return end
        give_back()
        if tick:
            tick(position, max(position, end))


@transaction.atomic
def _advance(brand: Brand, fresh: log.Facts | None) -> int | None:
    """One chunk for the projectors that are furthest behind; None when all stand at the end."""
    lock(brand)
    declared: tuple[Projector, ...] = catalog.collect("projectors")
    held = {row.projector: row for row in Cursor.objects.select_for_update().filter(brand=brand)}
    for entry in declared:
        if entry.name not in held:
            held[entry.name] = Cursor.objects.create(brand=brand, projector=entry.name)
    behind = min(held[entry.name].position for entry in declared)
    facts = fresh if fresh is not None and log.follows(fresh, brand, behind) else None
    if facts is None:
        facts = log.read(brand, "id > %s", [behind], limit=CHUNK, keys=True)
    if not len(facts):
        return None
    position = int(facts.id[-1])
    for entry in declared:
        cursor = held[entry.name]
        if cursor.position < position:
            entry.apply(
                brand, facts if cursor.position == behind else facts.where(facts.id > cursor.position)
            )
            Cursor.objects.filter(pk=cursor.pk).update(position=position)
    return position


def position(brand: Brand) -> int:
    """How far every projector has come."""
    return min(Cursor.objects.filter(brand=brand).values_list("position", flat=True), default=0)

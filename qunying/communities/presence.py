"""Stays of memberships, worked out from joins, leaves and first acts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from qunying.communities.fact_kinds import JOINED, REMOVED
from qunying.communities.models import Membership
from qunying.kit.days import DAY_MS

ASSERTED = int(Membership.Basis.ASSERTED)
FIRST_FACT = int(Membership.Basis.FIRST_FACT)
LISTED = int(Membership.Basis.LISTED)


@dataclass(frozen=True)
class Move:
    """One join, leave or removal, as the log has it."""

    at: int
    kind: int
    source: int = 0
    other: int = 0


@dataclass(frozen=True)
class Stay:
    """One stay; None as `joined_at` means present as far back as we can see."""

    joined_at: int | None
    basis: int
    left_at: int | None = None
    is_left_asserted: bool = False
    is_removed: bool = False
    source: int = 0
    inviter: int = 0


def stays(
    moves: Iterable[Move], *, first_act: int | None, acts_before: dict[int, int], is_listed: bool
) -> list[Stay]:
    """The stays that these moves and the first act tell, oldest first.

    A join while present changes nothing, a leave while away neither; a join within 24 hours of a leave continues the
    stay (platform glitches). One who acted before the first join was there already: that earlier stay ends, unasserted,
    with the last act before the join (`acts_before`: join moment → moment of that act). A leave without a join ends a
    stay that reaches back to the first act or out of sight.
    """
    found: list[Stay] = []
    for move in sorted(moves, key=lambda move: (move.at, move.kind)):
        if move.kind == JOINED:
            _join(found, move, first_act, acts_before)
        else:
            _leave(found, move, first_act)
    if not found and first_act is not None:
        return [Stay(first_act, FIRST_FACT)]
    if not found and is_listed:
        return [Stay(None, LISTED)]
    return found


def _join(found: list[Stay], move: Move, first_act: int | None, acts_before: dict[int, int]) -> None:
    if not found and first_act is not None and first_act < move.at - DAY_MS:
        found.append(Stay(first_act, FIRST_FACT, left_at=acts_before.get(move.at, first_act)))
    if found and found[-1].left_at is None:
        return
    if found and move.at - (found[-1].left_at or 0) <= DAY_MS:
        found[-1] = replace(found[-1], left_at=None, is_left_asserted=False, is_removed=False)
        return
    found.append(Stay(move.at, ASSERTED, source=move.source, inviter=move.other))


def _leave(found: list[Stay], move: Move, first_act: int | None) -> None:
    removed = move.kind == REMOVED
    if found and found[-1].left_at is None:
        found[-1] = replace(found[-1], left_at=move.at, is_left_asserted=True, is_removed=removed)
    elif not found:
        known = first_act is not None and first_act <= move.at
        basis = FIRST_FACT if known else LISTED
        found.append(Stay(first_act if known else None, basis, move.at, True, removed))


Pair = tuple[int, int]
"""(community, home member)."""


def moves_of(rows: Iterable[tuple[int, int, int, int, int, int]]) -> dict[Pair, list[Move]]:
    """Rows (community, member, at, kind, value, other) grouped by membership; `value` is a join's source."""
    grouped: dict[Pair, list[Move]] = defaultdict(list)
    for community, member, at, kind, value, other in rows:
        grouped[community, member].append(Move(at, kind, value, other))
    return grouped

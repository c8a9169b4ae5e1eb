"""Keeps memberships' first and last acts, cohorts and stays in step with the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from django.db import connection

from qunying.brands.actions import bump_columns
from qunying.brands.models import Brand
from qunying.brands.rows import insert_rows
from qunying.communities.fact_kinds import JOINED, LEFT, RECALLED, REMOVED, SENT
from qunying.communities.models import Membership, Spell
from qunying.communities.presence import FIRST_FACT, LISTED, Move, Pair, Stay, moves_of, stays
from qunying.facts import log
from qunying.facts.kinds import interactions
from qunying.facts.projectors import Projector

MOVES = (JOINED, LEFT, REMOVED)
PART = 500


def follow(brand: Brand, facts: log.Facts) -> None:
    """Fold the run into memberships: firsts and lasts by comparison, stays and recalls by looking again."""
    seen = _pairs(facts, np.isin(facts.kind, MOVES))
    taken_back = _authors(brand, facts.subject[facts.kind == RECALLED], before=int(facts.id[0]))
    late_recall = log.recalled(brand, RECALLED)
    alive = facts.where(~((facts.kind == SENT) & np.isin(facts.subject, late_recall)))
    changed = _take_firsts(brand, alive)
    restate_pairs(brand, taken_back)
    respell(brand, (seen | changed) - taken_back)


def _pairs(facts: log.Facts, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> set[Pair]:
    return set(zip(facts.community[keep].tolist(), facts.member[keep].tolist(), strict=True))


def _authors(brand: Brand, subjects: log.Ints, *, before: int) -> set[Pair]:
    """Memberships whose messages were counted by an earlier run and are taken back now."""
    found: set[Pair] = set()
    for part in _parts(sorted(set(subjects.tolist()))):
        places = ", ".join(["%s"] * len(part))
        facts = log.read(brand, f"id < %s AND kind = {SENT} AND subject IN ({places})", [before, *part])
        found |= _pairs(facts, np.ones(len(facts), dtype=np.bool_))
    return found


def _parts(values: Sequence[int]) -> list[Sequence[int]]:
    return [values[start : start + PART] for start in range(0, len(values), PART)]


def _take_firsts(brand: Brand, facts: log.Facts) -> set[Pair]:
    """Lower the firsts and raise the lasts; answers the memberships whose first act moved."""
    active = facts.where(np.isin(facts.kind, interactions()))
    if not len(active):
        return set()
    order = np.lexsort((active.at, active.member, active.community))
    community, member, at = active.community[order], active.member[order], active.at[order]
    starts = np.flatnonzero(np.append(True, (np.diff(community) != 0) | (np.diff(member) != 0)))
    ends = np.append(starts[1:], len(order)) - 1
    spoken = _first_spoken(active)
    known = _first_acts(brand, np.unique(member).tolist())
    changed: set[Pair] = set()
    rows = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        pair = (int(community[start]), int(member[start]))
        first = known.get(pair)
        if first is None or int(at[start]) < first:
            changed.add(pair)
        rows.append((int(at[start]), int(at[end]), spoken.get(pair), *pair))
    _lower(rows)
    bump_columns(brand)
    return changed


def _first_spoken(active: log.Facts) -> dict[Pair, int]:
    """First local day each membership spoke in the run."""
    sent = active.where(active.kind == SENT)
    order = np.argsort(sent.day, kind="stable")[::-1]
    pairs = zip(sent.community[order].tolist(), sent.member[order].tolist(), strict=True)
    return dict(zip(pairs, sent.day[order].tolist(), strict=True))


def _first_acts(brand: Brand, members: Sequence[int]) -> dict[Pair, int | None]:
    found: dict[Pair, int | None] = {}
    for part in _parts(members):
        rows = Membership.objects.filter(brand=brand, member__in=part)
        found.update(
            {
                (row[0], row[1]): row[2]
                for row in rows.values_list("community_id", "member_id", "first_active_at")
            }
        )
    return found


def _lower(rows: Sequence[tuple[int | None, int | None, int | None, int, int]]) -> None:
    """Rows of (first act, last act, first day spoken, community, member): take the least, greatest and least."""
    least, most = ("LEAST", "GREATEST") if connection.vendor == "postgresql" else ("MIN", "MAX")
    sql = (
        f"UPDATE {Membership._meta.db_table} SET "
        f"first_active_at = {least}(coalesce(first_active_at, %s), %s), "
        f"last_active_at = {most}(coalesce(last_active_at, %s), %s), "
        f"first_message_day = {least}(coalesce(first_message_day, %s), coalesce(%s, first_message_day)) "
        "WHERE community_id = %s AND member_id = %s"
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            sql, [(a, a, b, b, c, c, community, member) for a, b, c, community, member in rows]
        )


def restate_pairs(brand: Brand, pairs: Collection[Pair]) -> None:
    """Work out firsts, lasts and stays of these memberships again from the whole log."""
    if not pairs:
        return
    gone = log.recalled(brand, RECALLED)
    members = sorted({member for _community, member in pairs})
    for part in _parts(members):
        places = ", ".join(["%s"] * len(part))
        facts = log.read(brand, f"member IN ({places})", part)
        facts = facts.where(~((facts.kind == SENT) & np.isin(facts.subject, gone)))
        for row in Membership.objects.filter(brand=brand, member__in=part):
            if (row.community_id, row.member_id) in pairs:
                Membership.objects.filter(pk=row.pk).update(
                    first_active_at=None, last_active_at=None, first_message_day=None
                )
        wanted = np.array(
            [pair in pairs for pair in zip(facts.community.tolist(), facts.member.tolist(), strict=True)],
            dtype=np.bool_,
        )
        _take_firsts(brand, facts.where(wanted))
    respell(brand, pairs)


def respell(brand: Brand, pairs: Collection[Pair]) -> None:
    """Write the stays of these memberships anew, and the cohorts that follow from them."""
    members = sorted({member for _community, member in pairs})
    for part in _parts(members):
        rows = Membership.objects.filter(brand=brand, member__in=part)
        held = [
            Held(*row)
            for row in rows.values_list("pk", "community_id", "member_id", "first_active_at", "is_listed")
            if (row[1], row[2]) in pairs
        ]
        moves = _moves(brand, part)
        before = _acts_before(brand, held, moves)
        told = {
            row.pk: stays(
                moves.get(row.pair, ()),
                first_act=row.first_active_at,
                acts_before=before[row.pair],
                is_listed=row.is_listed,
            )
            for row in held
        }
        Spell.objects.filter(membership__in=list(told)).delete()
        insert_rows(Spell, SPELL, [_spell(brand, pk, stay) for pk, found in told.items() for stay in found])
        _write_cohorts([(*_cohort(brand, row, told[row.pk]), row.pk) for row in held])
    if pairs:
        bump_columns(brand)


class Held(NamedTuple):
    """What respelling needs of a membership."""

    pk: int
    community: int
    member: int
    first_active_at: int | None
    is_listed: bool

    @property
    def pair(self) -> Pair:
        return (self.community, self.member)


def _moves(brand: Brand, members: Sequence[int]) -> dict[Pair, list[Move]]:
    places = ", ".join(["%s"] * len(members))
    kinds = ", ".join(str(kind) for kind in MOVES)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT community, member, happened_at, kind, value, coalesce(other, 0) FROM "
            f"{log.TABLE} WHERE brand = %s AND member IN ({places}) AND kind IN ({kinds}) ORDER BY id",
            [brand.pk, *members],
        )
        return moves_of(cursor.fetchall())


def _acts_before(
    brand: Brand, held: Sequence[Held], moves: dict[Pair, list[Move]]
) -> dict[Pair, dict[int, int]]:
    """For members who acted before their first join: that join's moment → their last act before it."""
    found: dict[Pair, dict[int, int]] = defaultdict(dict)
    first = {
        row.pair: min((move.at for move in moves.get(row.pair, ()) if move.kind == JOINED), default=0)
        for row in held
    }
    early = {
        row.pair: first[row.pair]
        for row in held
        if row.first_active_at and row.first_active_at < first[row.pair]
    }
    if not early:
        return found
    members = sorted({member for _community, member in early})
    places, kinds = ", ".join(["%s"] * len(members)), ", ".join(str(kind) for kind in interactions())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT community, member, happened_at FROM {log.TABLE} "
            f"WHERE brand = %s AND member IN ({places}) AND kind IN ({kinds}) ORDER BY happened_at",
            [brand.pk, *members],
        )
        for community, member, at in cursor.fetchall():
            join = early.get((community, member))
            if join is not None and at < join:
                found[community, member][join] = at
    return found


SPELL = (
    "brand_id",
    "membership_id",
    "joined_at",
    "joined_day",
    "left_at",
    "left_day",
    "basis",
    "is_left_asserted",
    "is_removed",
    "source_id",
    "inviter",
)


def _spell(brand: Brand, membership: int, stay: Stay) -> tuple[int | bool | None, ...]:
    """A stay as a row in the order of SPELL."""
    day = brand.clock.day
    return (
        brand.pk,
        membership,
        stay.joined_at,
        None if stay.joined_at is None else day(stay.joined_at),
        stay.left_at,
        None if stay.left_at is None else day(stay.left_at),
        stay.basis,
        stay.is_left_asserted,
        stay.is_removed,
        stay.source or None,
        stay.inviter or None,
    )


def _cohort(brand: Brand, row: Held, told: Sequence[Stay]) -> tuple[int | None, int]:
    """The first stay we know the beginning of gives the cohort; one that is only listed has none."""
    if told and told[0].joined_at is not None:
        return brand.clock.day(told[0].joined_at), told[0].basis
    if row.first_active_at is not None:
        return brand.clock.day(row.first_active_at), FIRST_FACT
    return None, LISTED


def _write_cohorts(rows: Sequence[tuple[int | None, int, int]]) -> None:
    sql = f"UPDATE {Membership._meta.db_table} SET cohort_day = %s, cohort_basis = %s WHERE id = %s"
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


PROJECTORS = (Projector("communities.presence", follow),)

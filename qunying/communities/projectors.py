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
    changed, acts = _take_firsts(brand, alive)
    restate_pairs(brand, taken_back)
    respell(brand, (seen | changed) - taken_back, acts)


def _pair_list(facts: log.Facts) -> list[Pair]:
    return list(zip(facts.community.tolist(), facts.member.tolist(), strict=True))


def _pairs(facts: log.Facts, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> set[Pair]:
    return set(_pair_list(facts.where(keep)))


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


class Acts:
    """The acts of one run by membership, and the last one of each before the run."""

    def __init__(self) -> None:
        self.of: dict[Pair, log.Ints] = {}
        self.prior: dict[Pair, int] = {}

    def last_before(self, pair: Pair, moment: int) -> int | None:
        """The membership's last act before the moment; None where the run alone cannot say."""
        prior = self.prior.get(pair)
        if prior is None or prior >= moment:
            return None
        earlier = int(np.searchsorted(self.of[pair], moment))
        return max(prior, int(self.of[pair][earlier - 1])) if earlier else prior


def _take_firsts(brand: Brand, facts: log.Facts) -> tuple[set[Pair], Acts]:
    """Lower the firsts and raise the lasts; answers the memberships whose first act moved, and the run's acts."""
    active = facts.where(np.isin(facts.kind, interactions()))
    acts = Acts()
    if not len(active):
        return set(), acts
    order = np.lexsort((active.at, active.member, active.community))
    community, member, at = active.community[order], active.member[order], active.at[order]
    starts = _starts(community, member)
    ends = np.append(starts[1:], len(order)) - 1
    spoken = _first_spoken(active)
    known = _ends(brand, np.unique(member).tolist())
    changed: set[Pair] = set()
    is_first_word = False
    rows = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        pair = (int(community[start]), int(member[start]))
        first, last, word = known.get(pair, (None, None, None))
        if first is None or int(at[start]) < first:
            changed.add(pair)
        is_first_word |= pair in spoken and (word is None or spoken[pair] < word)
        acts.of[pair], acts.prior[pair] = at[start : end + 1], -1 if last is None else last
        rows.append((int(at[start]), int(at[end]), spoken.get(pair), *pair))
    _lower(rows)
    if (
        changed or is_first_word
    ):  # a last act is in no column; those who only go on talking cost nobody a reload
        bump_columns(brand)
    return changed, acts


def _first_spoken(active: log.Facts) -> dict[Pair, int]:
    """First local day each membership spoke in the run."""
    sent = active.kind == SENT
    community, member, day = active.community[sent], active.member[sent], active.day[sent]
    order = np.lexsort((day, member, community))
    community, member, day = community[order], member[order], day[order]
    starts = _starts(community, member)
    pairs = zip(community[starts].tolist(), member[starts].tolist(), strict=True)
    return dict(zip(pairs, day[starts].tolist(), strict=True))


def _starts(community: log.Ints, member: log.Ints) -> log.Ints:
    """Where in the sorted columns each membership begins."""
    changes = (np.diff(community) != 0) | (np.diff(member) != 0)
    return np.flatnonzero(np.append(True, changes)) if len(community) else community


def _ends(brand: Brand, members: Sequence[int]) -> dict[Pair, tuple[int | None, int | None, int | None]]:
    """First act, last act and first day spoken of each membership of these members."""
    found: dict[Pair, tuple[int | None, int | None, int | None]] = {}
    sql = (
        "SELECT community_id, member_id, first_active_at, last_active_at, first_message_day FROM "
        f"{Membership._meta.db_table} WHERE brand_id = %s AND member_id IN "
    )
    with connection.cursor() as cursor:
        for part in _parts(members):
            cursor.execute(f"{sql} ({', '.join(['%s'] * len(part))})", [brand.pk, *part])
            found.update({(row[0], row[1]): (row[2], row[3], row[4]) for row in cursor.fetchall()})
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
            [pair in pairs for pair in _pair_list(facts)],
            dtype=np.bool_,
        )
        _take_firsts(brand, facts.where(wanted))
    respell(brand, pairs)


def respell(brand: Brand, pairs: Collection[Pair], acts: Acts | None = None) -> None:
    """Write the stays of these memberships anew, and the cohorts that follow from them. `acts` of the latest run spare
    looking through the whole log."""
    members = sorted({member for _community, member in pairs})
    for part in _parts(members):
        rows = Membership.objects.filter(brand=brand, member__in=part)
        held = [Held(*row) for row in rows.values_list(*HELD) if (row[1], row[2]) in pairs]
        moves = _moves(brand, part)
        before = _acts_before(brand, held, moves, acts or Acts())
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


HELD = ("pk", "community_id", "member_id", "first_active_at", "last_active_at", "is_listed")


class Held(NamedTuple):
    """What respelling needs of a membership."""

    pk: int
    community: int
    member: int
    first_active_at: int | None
    last_active_at: int | None
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
    brand: Brand, held: Sequence[Held], moves: dict[Pair, list[Move]], acts: Acts
) -> dict[Pair, dict[int, int]]:
    """For members who acted before their first join: that join's moment → their last act before it."""
    found: dict[Pair, dict[int, int]] = defaultdict(dict)
    first = {
        row.pair: min((move.at for move in moves.get(row.pair, ()) if move.kind == JOINED), default=0)
        for row in held
    }
    early: dict[Pair, int] = {}
    for row in held:
        join = first[row.pair]
        if row.first_active_at is None or row.first_active_at >= join:
            continue
        ended = row.last_active_at is not None and row.last_active_at < join
        last = row.last_active_at if ended else acts.last_before(row.pair, join)
        if last is None:
            early[row.pair] = join
        else:
            found[row.pair][join] = last
    for pair, last in _search_before(brand, early).items():
        found[pair][early[pair]] = last
    return found


def _search_before(brand: Brand, early: dict[Pair, int]) -> dict[Pair, int]:
    """The last act before the given moment of each membership, from the log; messages that were taken back are none."""
    if not early:
        return {}
    members = sorted({member for _community, member in early})
    places, kinds = ", ".join(["%s"] * len(members)), ", ".join(str(kind) for kind in interactions())
    acts = log.read(brand, f"member IN ({places}) AND kind IN ({kinds})", members)
    acts = acts.where(~((acts.kind == SENT) & np.isin(acts.subject, log.recalled(brand, RECALLED))))
    found: dict[Pair, int] = {}
    for pair, at in zip(_pair_list(acts), acts.at.tolist(), strict=True):
        if pair in early and found.get(pair, -1) < at < early[pair]:
            found[pair] = at
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

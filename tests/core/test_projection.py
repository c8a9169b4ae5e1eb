"""The promise of the log: built in pieces equals built at once equals a plain recount."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qunying.audiences.models import DayCount
from qunying.audiences.projectors import restate
from qunying.audiences.sets import Sets
from qunying.communities.actions import cover
from qunying.communities.projectors import restate_pairs
from qunying.facts import log
from qunying.facts.models import Fact
from qunying.facts.projectors import drive
from qunying.facts.seal import breaks
from qunying.members.actions import merge, unmerge
from qunying.members.models import Member
from qunying.metrics.board import board, stays_board
from tests.core.worlds import NOW, Life, Recount, World, lives, recount
from tests.lengths import LENGTHS, Tried

pytestmark = pytest.mark.django_db
_number = itertools.count(1)


def fresh(life: Life) -> World:
    return World(life, f"w{next(_number)}")


def shown(world: World) -> Recount:
    """The same figures as `recount`, read through the product's sets."""
    found = Recount({}, {}, {}, {})
    names = dict(Member.objects.filter(brand=world.brand).values_list("pk", "name"))
    last = max((world.brand.clock.day(deed.at) for deed in world.life.deeds), default=0) + 1
    first = min((world.brand.clock.day(deed.at) for deed in world.life.deeds), default=0) - 1
    for scope in (None, *range(len(world.communities))):
        places = [c.pk for c in world.communities] if scope is None else [world.communities[scope].pk]
        sets = Sets(world.brand, places)

        def who(bits: object, sets: Sets = sets) -> set[str]:
            return {names[pk] for pk in sets.members(bits)}  # type: ignore[arg-type] # a bitmap of people

        span = range(first, last + 1)
        found.active[scope] = defaultdict(set, {d: who(sets.active(d)) for d in span if sets.active(d)})
        found.spoke[scope] = defaultdict(set, {d: who(sets.speakers(d)) for d in span if sets.speakers(d)})
        held = sets.counts_by_day(DayCount.Kind.MESSAGES, first, last)
        found.messages[scope] = defaultdict(int, {d: int(c.sum()) for d, (_k, c) in held.items() if c.sum()})
        born = {day: sets.cohort(day, day, by="message") for day in span}
        found.first_spoke[scope] = {name: day for day, bits in born.items() for name in who(bits)}
    return found


def days_of(world: World) -> set[int]:
    return set(Fact.objects.filter(brand=world.brand.pk).values_list("day", flat=True))


def pairs_of(world: World) -> set[tuple[int, int]]:
    return {(world.communities[d.community].pk, world.members[d.member]) for d in world.life.deeds}


@LENGTHS
def test_a_log_read_in_shuffled_repeated_pieces_equals_a_plain_recount(tried: Tried) -> None:
    @tried
    @given(life=lives(), data=st.data())
    def holds(life: Life, data: st.DataObject) -> None:
        world = fresh(life)
        rows = [world.row(deed) for deed in life.deeds]
        shuffled = data.draw(st.permutations(rows))
        cut = data.draw(st.integers(0, len(rows)))

        for piece in (shuffled[:cut], shuffled[cut:], shuffled[: cut // 2]):
            log.record_many(world.brand, piece)
            drive(world.brand)

        assert shown(world) == recount(life)
        assert breaks(world.brand) == []

    holds()


@LENGTHS
def test_merging_counts_one_person_and_unmerging_restores_every_number(tried: Tried) -> None:
    @tried
    @given(life=lives(), data=st.data())
    def holds(life: Life, data: st.DataObject) -> None:
        world = fresh(life)
        log.record_many(world.brand, [world.row(deed) for deed in life.deeds])
        drive(world.brand)
        before = shown(world)
        root, member = sorted(
            data.draw(
                st.sets(
                    st.sampled_from(sorted({d.member for d in life.deeds} | {0, 1})), min_size=2, max_size=2
                )
            )
        )
        people = {place: Member.objects.get(pk=world.members[place]) for place in (root, member)}

        done = merge(people[root], member=people[member], evidence="same phone", at=NOW)
        restate(world.brand, days_of(world))
        merged = shown(world)
        unmerge(done, at=NOW)
        restate(world.brand, days_of(world))

        assert merged == recount(life, {member: root})
        assert shown(world) == before

    holds()


@LENGTHS
def test_making_projections_anew_changes_nothing(tried: Tried) -> None:
    @tried
    @given(life=lives())
    def holds(life: Life) -> None:
        world = fresh(life)
        log.record_many(world.brand, [world.row(deed) for deed in life.deeds])
        drive(world.brand)
        before = shown(world)

        restate(world.brand, days_of(world))
        restate_pairs(world.brand, pairs_of(world))

        assert shown(world) == before

    holds()


@LENGTHS
def test_the_board_equals_the_sets_it_was_made_from(tried: Tried) -> None:
    @tried
    @given(life=lives())
    def holds(life: Life) -> None:
        assume(life.deeds)
        world = fresh(life)
        log.record_many(world.brand, [world.row(deed) for deed in life.deeds])
        drive(world.brand)
        first, last = min(days_of(world)), max(days_of(world))
        for community in world.communities:
            cover(community, first=first, last=last, has_speech=True)
        places = [community.pk for community in world.communities]

        read = board(world.brand, places, first, last, triangle=8)
        flows = stays_board(world.brand, places, first, last)

        for line, scope in enumerate([*[[place] for place in places], places]):
            sets = Sets(world.brand, scope)
            for day in range(first, last + 1):
                place = day - first
                assert [read.dau[line, place], read.speakers[line, place]] == [
                    len(sets.active(day)),
                    len(sets.speakers(day)),
                ]
                assert read.wau[line, place] == len(sets.active_over(day - 6, day))
                assert read.mau[line, place] == len(sets.active_over(day - 29, day))
                assert flows["present"][line, place] == len(sets.present_at_end(day))
        for some in (places, places[:2]):
            whole, alone = board(world.brand, some, first, last), board(world.brand, some, last, last)
            for name in ("dau", "wau", "mau", "speakers"):
                assert getattr(alone, name)[:, 0].tolist() == getattr(whole, name)[:, -1].tolist(), name

    holds()

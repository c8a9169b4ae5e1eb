"""What pages work out fast equals what the one door to a number answers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qunying.audiences.columns import columns as read_columns
from qunying.audiences.sets import Sets
from qunying.audiences.stages import StageBook
from qunying.audiences.standing import standing
from qunying.facts import log
from qunying.facts.projectors import drive
from qunying.metrics.asking import Asker
from qunying.metrics.behind import day_counts
from qunying.metrics.retention import retained
from qunying.metrics.spans import Share, Spans
from qunying.metrics.structure import Ranking
from tests.core.worlds import NOW, Life, World, lives

pytestmark = pytest.mark.django_db
NUMBER = itertools.count()
lived_in = lives().filter(lambda life: bool(life.deeds))


def lived(life: Life) -> World:
    world = World(life, f"life{next(NUMBER)}")
    log.record_many(world.brand, [world.row(deed) for deed in life.deeds])
    drive(world.brand)
    for community in world.communities:
        mine = [
            world.brand.clock.day(deed.at)
            for deed in life.deeds
            if world.communities[deed.community] == community
        ]
        if mine:
            community.covered_from, community.covered_to = min(mine) - 40, max(mine) + 70
            community.save()
    return world


@settings(max_examples=12)
@given(life=lived_in, back=st.integers(0, 40), length=st.integers(1, 31), places=st.integers(1, 3))
def test_period_shares_equal_the_metrics(life, back, length, places):
    world = lived(life)
    known = [row for row in world.communities[:places] if row.covered_to is not None]
    if not known:
        return
    asker = Asker(world.brand, known, at=NOW)
    last = min(row.covered_to or 0 for row in known) - 8 - back % 30
    first = max(last - length + 1, *(row.covered_from or 0 for row in known))
    if last < first:
        return
    spans = Spans(world.brand, [row.pk for row in known], first - 8, last + 8)

    there = spans.present(first, last)
    found = (
        Share(len(spans.spoke(first, last) & there), len(there)),
        Share(len(spans.active(first, last) & there), len(there)),
    )
    speaking, active = (asker.ask(key, first, last) for key in ("speaking_rate", "active_share"))

    assert found == (
        Share(speaking.numerator or 0, speaking.denominator or 0),
        Share(active.numerator or 0, active.denominator or 0),
    )


@settings(max_examples=12)
@given(life=lived_in, length=st.integers(1, 14))
def test_retention_of_a_period_equals_the_metric(life, length):
    world = lived(life)
    known = [row for row in world.communities if row.covered_to is not None]
    if not known:
        return
    first = min(world.brand.clock.day(deed.at) for deed in life.deeds)
    last = min(first + length - 1, min(row.covered_to or 0 for row in known) - 7)
    if last < first or max(row.covered_from or 0 for row in known) > last:
        return

    found = Spans(world.brand, [row.pk for row in known], first, last + 7).retained(first, last, 7)

    question = Asker(world.brand, known, at=NOW).question(first, last)
    answer = retained((7, 7))(question)
    assert found == Share(answer.numerator or 0, answer.denominator or 0)


@settings(max_examples=12)
@given(life=lived_in, ahead=st.integers(0, 60))
def test_stages_of_everybody_equal_the_stages_of_each_community(life, ahead):
    world = lived(life)
    day = max(world.brand.clock.day(deed.at) for deed in life.deeds) + ahead
    held = read_columns(world.brand)

    found = standing(world.brand, held, day, position=ahead).stage

    for community in world.communities:
        at = day if community.covered_to is None else min(day, community.covered_to)
        book = StageBook(community, Sets(world.brand, (community.pk,)))
        expected = np.zeros(len(held.community), dtype=np.int64)
        expected[book.bits] = book.on(at)
        mine = held.community == community.pk
        assert found[mine].tolist() == expected[mine].tolist()


@settings(max_examples=12)
@given(life=lived_in)
def test_days_active_add_up_to_the_daily_actives(life):
    world = lived(life)
    last = max(world.brand.clock.day(deed.at) for deed in life.deeds)
    sets = Sets(world.brand, [row.pk for row in world.communities])

    _bits, times = day_counts(sets, last)

    assert int(times.sum()) == sum(len(sets.active(day)) for day in range(last - 29, last + 1))


@settings(max_examples=12)
@given(life=lived_in)
def test_the_rank_of_speakers_gives_equals_one_place_and_names_everybody_present(life):
    world = lived(life)
    known = [row for row in world.communities if row.covered_to is not None]
    first = min(world.brand.clock.day(deed.at) for deed in life.deeds)
    last = max(world.brand.clock.day(deed.at) for deed in life.deeds)
    question = Asker(world.brand, known, at=NOW).question(first, last)

    found = list(Ranking(question, with_silent=True))

    counts = [row.messages for row in found]
    assert counts == sorted(counts, reverse=True)
    assert [row.place for row in found] == [1 + sum(other > count for other in counts) for count in counts]
    everybody = question.sets.present(first, last) | question.sets.spoke_over(first, last)
    assert sorted(row.member for row in found) == sorted(question.sets.members(everybody))

"""Which posts of staff were answered, and when nothing can be said of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qunying.communities.fact_kinds import REACTED, SENT
from qunying.demo.faults import with_fault
from qunying.demo.plans import small_plan
from qunying.demo.world import simulate
from qunying.diagnosis.history import examine
from qunying.diagnosis.kinds.content import DETECTORS, answered
from qunying.diagnosis.place import MEMBER, STAFF, Acts, Place
from tests.diagnosis.streams import place_of
from tests.diagnosis.trials import UNTIL

MINUTE = 60_000
POSTS = [(0, 10), (1, 11), (2, 12)]
"""Three in three minutes by one member of staff: (minute, number of the message)."""


def place_with(*members: tuple[int, int, int, int]) -> Place:
    """The three posts, and what members do: (minute, kind, whose, number of the message)."""
    base = place_of(simulate(small_plan(1), seed=1, until=UNTIL).streams[0])
    rows = [(0, STAFF, at * MINUTE, 0, 0, SENT, -1, 0, 0, number) for at, number in POSTS]
    rows += [(1, MEMBER, at * MINUTE, 0, 0, kind, of, 0, 0, number) for at, kind, of, number in members]
    return replace(base, acts=Acts(*np.array(sorted(rows, key=lambda row: row[2]), dtype=np.int64).T))


def test_a_reaction_answers_the_very_post_it_is_about():
    place = place_with((5, REACTED, 0, 10))

    assert answered(place).tolist() == [True, False, False]


def test_a_reaction_to_something_else_the_author_said_answers_no_post():
    assert answered(place_with((5, REACTED, 0, 99))).tolist() == [False] * 3


def test_a_reply_answers_the_authors_latest_post_and_none_after_a_day():
    late = 2 + 24 * 60 + 1

    assert answered(place_with((5, SENT, 0, 20))).tolist() == [False, False, True]
    assert answered(place_with((late, SENT, 0, 20), (late, REACTED, 0, 12))).tolist() == [False] * 3


def test_where_the_source_no_longer_tells_of_responses_nobody_is_said_to_ignore_posts():
    plan = with_fault(small_plan(3), "posts.ignored", 3)
    struck = tuple(one for one in plan.communities if one.name == plan.faults[0].community)
    place = place_of(simulate(replace(plan, communities=struck), seed=3, until=UNTIL).streams[0])
    last = place.days - plan.faults[0].days_ago - 1
    acts = place.acts.where((place.acts.day < last) | (place.acts.kind != REACTED))
    mute = replace(place, acts=replace(acts, other=np.where(acts.day < last, acts.other, -1)))

    found = [{row.detector for row in examine(each, DETECTORS)} for each in (place, mute)]

    assert ["posts.ignored" in each for each in found] == [True, False]

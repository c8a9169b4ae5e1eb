"""The past is judged by what was known then: a history cut off on any day says the same about the days before it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qunying.demo.faults import with_fault
from qunying.demo.plans import small_plan
from qunying.demo.world import simulate
from qunying.diagnosis.detectors import DETECTORS
from qunying.diagnosis.history import examine
from qunying.diagnosis.kinds import Detector, Line, Trace
from qunying.diagnosis.place import FOREVER, Place, Stays
from tests.diagnosis.streams import place_of
from tests.diagnosis.trials import UNTIL

FAULTS = (
    "newcomers.went_silent",
    "cohort.faded",
    "leaves.spiked",
    "staff.absent",
    "source.leaked",
    "crisis.broke",
)


@cache
def struck(fault: str) -> Place:
    plan = with_fault(small_plan(4), fault, 4)
    mine = tuple(one for one in plan.communities if one.name == plan.faults[0].community)
    return place_of(simulate(replace(plan, communities=mine), seed=4, until=UNTIL).streams[0])


def cut(place: Place, days: int) -> Place:
    """The place as it was known when so many days had passed."""
    stays, known = place.stays, place.stays.joined < days
    still = stays.left >= days
    before = Stays(
        stays.who[known],
        stays.joined[known],
        np.where(still, FOREVER, stays.left)[known],
        stays.is_join_told[known],
        (stays.is_leave_told & ~still)[known],
        stays.source[known],
    )
    return Place(
        community=place.community,
        first=place.first,
        days=days,
        silence=place.silence,
        sees_speech=True,
        bits=place.bits,
        acts=place.acts.where(place.acts.day < days),
        stays=before,
        texts=lambda low, high: place.texts(low, min(high, days - 1)),
        staff_texts=lambda low, high: place.staff_texts(low, min(high, days - 1)),
        sources=place.sources,
        selling_limit=place.selling_limit,
    )


@settings(max_examples=25)
@given(fault=st.sampled_from(FAULTS), back=st.integers(0, 14))
def test_a_day_is_judged_by_what_was_known_then(fault: str, back: int):
    whole = struck(fault)
    days = whole.days - back

    then = examine(cut(whole, days), DETECTORS)

    later = [one for one in examine(whole, DETECTORS) if one.opened < days]
    assert [(one.detector, one.subject, one.opened, one.closed) for one in then] == [
        (
            one.detector,
            one.subject,
            one.opened,
            one.closed if one.closed is not None and one.closed < days else None,
        )
        for one in later
    ]


def watched(
    alarm: list[bool], healed: list[bool], hides: tuple[str, ...] = (), key: str = "test.seen"
) -> Detector:
    """A detector that says just this."""
    marks, calm = np.array(alarm), np.array(healed)

    def look(place: Place) -> list[Trace]:
        return [
            Trace(
                marks, lambda _opened: calm, lambda day: {"day": day}, lambda _a, _b: np.zeros(0, dtype=np.int64),
                np.ones(place.days), Line(marks.astype(np.float64)),
            )
        ]  # fmt: skip

    return Detector(key, "", "", "dau", 0, look, (), hides)


@pytest.fixture
def ten_days() -> Place:
    whole = struck("crisis.broke")
    return cut(whole, 10)


def spans(place: Place, *detectors: Detector) -> list[tuple[str, int, int | None]]:
    return [(one.detector, one.opened, one.closed) for one in examine(place, detectors)]


def test_a_finding_closes_on_the_third_healed_day_in_a_row(ten_days: Place):
    alarm = [False, True, False, False, False, False, False, False, False, False]
    healed = [True, False, True, True, False, True, True, True, True, True]

    assert spans(ten_days, watched(alarm, healed)) == [("test.seen", 1, 7)]


def test_a_finding_that_does_not_heal_stays_open(ten_days: Place):
    alarm = [False, True] + [False] * 8

    assert spans(ten_days, watched(alarm, [False] * 10)) == [("test.seen", 1, None)]


def test_a_consequence_is_not_reported_while_its_cause_is_open(ten_days: Place):
    cause = watched([False, False, True] + [False] * 7, [False] * 10, ("test.after",), "test.cause")
    after = watched([False] * 4 + [True] * 6, [False] * 10, key="test.after")

    assert spans(ten_days, cause, after) == [("test.cause", 2, None)]


def test_a_consequence_seen_first_closes_when_its_cause_opens(ten_days: Place):
    cause = watched([False] * 4 + [True] * 6, [False] * 10, ("test.after",), "test.cause")
    after = watched([False, False, True] + [False] * 7, [False] * 10, key="test.after")

    assert spans(ten_days, cause, after) == [("test.after", 2, 4), ("test.cause", 4, None)]

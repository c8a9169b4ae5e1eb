"""Stays of a membership, worked out from joins, leaves and first acts."""

from __future__ import annotations

from qunying.communities.fact_kinds import JOINED, LEFT, REMOVED
from qunying.communities.presence import ASSERTED, FIRST_FACT, LISTED, Move, Stay, stays

HOUR = 3_600_000
DAY = 24 * HOUR


def told(
    *moves: Move, first_act: int | None = None, last_before: int | None = None, is_listed: bool = False
) -> list[Stay]:
    joins = [move.at for move in moves if move.kind == JOINED]
    before = {min(joins): last_before} if joins and last_before is not None else {}
    return stays(moves, first_act=first_act, acts_before=before, is_listed=is_listed)


def test_a_join_and_a_leave_are_one_stay() -> None:
    assert told(Move(DAY, JOINED, source=3, other=9), Move(5 * DAY, LEFT)) == [
        Stay(DAY, ASSERTED, left_at=5 * DAY, is_left_asserted=True, source=3, inviter=9)
    ]


def test_coming_back_within_a_day_continues_the_stay() -> None:
    found = told(Move(DAY, JOINED), Move(3 * DAY, LEFT), Move(3 * DAY + 24 * HOUR, JOINED))

    assert found == [Stay(DAY, ASSERTED)]


def test_coming_back_later_is_a_new_stay_and_the_first_join_stands() -> None:
    found = told(Move(DAY, JOINED), Move(3 * DAY, REMOVED), Move(3 * DAY + 25 * HOUR, JOINED))

    assert found == [
        Stay(DAY, ASSERTED, left_at=3 * DAY, is_left_asserted=True, is_removed=True),
        Stay(4 * DAY + HOUR, ASSERTED),
    ]


def test_joining_while_present_and_leaving_while_away_change_nothing() -> None:
    found = told(Move(DAY, JOINED), Move(2 * DAY, JOINED), Move(4 * DAY, LEFT), Move(6 * DAY, LEFT))

    assert found == [Stay(DAY, ASSERTED, left_at=4 * DAY, is_left_asserted=True)]


def test_one_who_only_acts_is_present_from_the_first_act() -> None:
    assert told(first_act=7 * DAY) == [Stay(7 * DAY, FIRST_FACT)]


def test_one_who_is_only_listed_is_present_as_far_back_as_we_see() -> None:
    assert told(is_listed=True) == [Stay(None, LISTED)]


def test_one_who_acted_before_joining_had_an_earlier_stay_whose_end_nobody_reported() -> None:
    found = told(Move(10 * DAY, JOINED), first_act=DAY, last_before=4 * DAY)

    assert found == [Stay(DAY, FIRST_FACT, left_at=4 * DAY), Stay(10 * DAY, ASSERTED)]


def test_a_leave_without_a_join_ends_a_stay_that_reaches_back() -> None:
    assert told(Move(5 * DAY, LEFT)) == [Stay(None, LISTED, left_at=5 * DAY, is_left_asserted=True)]
    assert told(Move(5 * DAY, LEFT), first_act=2 * DAY) == [
        Stay(2 * DAY, FIRST_FACT, left_at=5 * DAY, is_left_asserted=True)
    ]

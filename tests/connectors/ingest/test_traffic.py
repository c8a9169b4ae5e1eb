"""One group in uproar holds up no other: who counts as loud, and what that costs. Case 16 of reliability.md §3; under
load it is measured in tests/faults."""

from __future__ import annotations

from qunying.connectors.ingest.traffic import LONGEST_SECONDS, MOST_ROWS, Group, Traffic

LOUD, QUIET = ("token", "forum", "loud"), ("token", "forum", "quiet")


class Second:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def let_in(traffic: Traffic, group: Group, rows: int, *, by: int = 100) -> int:
    """How many of so many rows are let in, sent by the hundred."""
    return sum(by for _ in range(rows // by) if traffic.flooding({group: by}) is None)


def test_a_group_that_is_louder_than_all_others_gets_its_share_a_second_and_they_get_all_16():
    clock = Second()
    traffic = Traffic(clock)
    taken = []
    for _second in range(4):
        clock.at += 1
        taken.append((let_in(traffic, QUIET, 50, by=10), let_in(traffic, LOUD, 10_000)))

    assert taken == [(50, MOST_ROWS)] * 4


def test_alone_a_group_sends_what_it_likes_16():
    assert let_in(Traffic(Second()), LOUD, 100_000) == 100_000


def test_five_groups_that_are_equally_loud_are_not_held_up_16():
    clock = Second()
    traffic = Traffic(clock)
    groups = [("token", "forum", str(number)) for number in range(5)]
    let = 0
    for _ in range(200):
        clock.at += 0.05
        let += traffic.flooding(dict.fromkeys(groups, 1_000)) is None

    assert let == 200


def test_what_is_larger_than_a_share_is_taken_whole_and_paid_back_by_waiting_16():
    clock = Second()
    traffic = Traffic(clock)
    waits = []
    for _ in range(3):
        tries = 0
        while let_in(traffic, QUIET, 10, by=10) and traffic.flooding({LOUD: 20_000}) is not None:
            clock.at += 0.5
            tries += 1
        waits.append(tries / 2)

    assert waits[0] == 0
    assert 0 < max(waits) <= LONGEST_SECONDS

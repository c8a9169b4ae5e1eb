"""The benchmark table says what was measured, and says it when answers differ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import faults, places, workers
from benchmarks.table import Row, as_json, as_table, compare, main
from tests import databases


@pytest.mark.slow
def test_a_worker_and_a_listener_that_are_killed_lose_no_job_and_say_nothing_twice_79_102(tmp_path: Path):
    found = workers.kill_workers(places.first_place(tmp_path), 2)

    assert (found.jobs > 0, found.lost, found.phantom) == (True, 0, 0)
    assert (found.messages > 0, found.missing, found.doubled) == (True, 0, 0)


@pytest.mark.slow
def test_what_was_acknowledged_stays_when_the_web_server_is_killed(tmp_path: Path):
    found = faults.kill_web(places.first_place(tmp_path), 4)

    assert (found.acknowledged > 0, found.lost, found.doubled) == (True, 0, 0)


@pytest.mark.slow
def test_what_was_acknowledged_stays_when_postgresql_is_killed_100(tmp_path: Path):
    with databases.postgresql(durable=True) as url:
        found = faults.kill_database(places.first_place(tmp_path, url), 2)

    assert (found.acknowledged > 0, found.lost, found.doubled) == (True, 0, 0)


def test_the_table_is_aligned_and_names_a_wrong_answer_loudly():
    rows = [
        Row("a board of a year", 0.39, 1.74, True),
        Row("one day", 0.0000042, None, None),
        Row("x", 0.5, 0.1, False),
    ]

    assert as_table(rows).splitlines() == [
        "name                    ours       peer  ratio  equal",
        "a board of a year  390.00 ms     1.74 s   4.5×    yes",
        "one day               4.2 µs          –      –      –",
        "x                  500.00 ms  100.00 ms   0.2×     NO",
    ]
    assert json.loads(as_json(rows))[2] == {
        "name": "x",
        "ours": 0.5,
        "peer": 0.1,
        "equal": False,
        "ratio": 0.2,
        "unit": "s",
    }


def test_two_ways_are_compared_by_their_answers_too():
    row = compare("sum", lambda: sum(range(10)), lambda: 46, times=1)

    assert (row.name, row.equal) == ("sum", False)


def test_an_unknown_benchmark_is_refused():
    assert main(["no-such-thing"]) == 2

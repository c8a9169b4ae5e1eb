"""Once something did not answer, the others are told at once, and one at a time finds out when it is back."""

from __future__ import annotations

import threading

import pytest
from django.db import InterfaceError, OperationalError
from psycopg import errors

from qunying.jobs.storage import is_away
from qunying.kit.circuit import Circuit


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_after_a_failure_one_asker_a_second_goes_through_until_there_is_an_answer_101():
    clock = Clock()
    circuit = Circuit(seconds=1.0, clock=clock)
    closed = [circuit.lets_through() for _ in range(3)]

    circuit.broke()
    at_once = circuit.lets_through()
    clock.at = 1.0
    later = [circuit.lets_through() for _ in range(3)]
    circuit.held()

    assert (closed, at_once, later) == ([True] * 3, False, [True, False, False])
    assert (circuit.is_open, circuit.lets_through()) == (False, True)


def test_of_many_threads_at_once_one_is_let_through_101():
    clock = Clock()
    circuit = Circuit(seconds=1.0, clock=clock)
    circuit.broke()
    clock.at = 1.5
    together, let = threading.Barrier(8), []

    def ask() -> None:
        together.wait()
        let.append(circuit.lets_through())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(let) == [False] * 7 + [True]


@pytest.mark.parametrize(
    ("cause", "away"),
    [
        (errors.OperationalError("connection timed out"), True),  # a cut line has no state
        (errors.AdminShutdown(), True),
        (errors.CannotConnectNow(), True),
        (errors.LockNotAvailable(), False),
        (errors.DiskFull(), False),
        (Exception("database is locked"), False),  # SQLite
    ],
)
def test_a_cut_line_is_told_apart_from_a_busy_or_full_database_101(cause, away):
    error = OperationalError(str(cause))
    error.__cause__ = cause

    assert is_away(error) is away


def test_a_line_that_was_closed_under_us_is_away_and_a_fault_of_ours_is_not_101():
    closed, ours = InterfaceError("the connection is closed"), InterfaceError("unsupported type")
    closed.__cause__ = errors.InterfaceError("the connection is closed")

    assert [is_away(error) for error in (closed, ours, ValueError())] == [True, False, False]

"""Of several workers one gets each tick, whatever their own clocks say. Case 107 of reliability.md §3."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from qunying.jobs import actions
from qunying.jobs.beats import Beat
from qunying.jobs.models import Tick
from qunying.kit import catalog

ROUNDS = 5
WORKERS = 4


@pytest.fixture
def beats(monkeypatch):
    """The catalogue with these beats instead of the declared ones."""

    def declare(*declared: Beat) -> None:
        monkeypatch.setattr("tests.jobs.rhythm.beats.BEATS", declared, raising=True)
        catalog.announce(["tests.jobs.rhythm"])

    apps = catalog.apps()
    yield declare
    catalog.announce(apps)


def due_now() -> None:
    Tick.objects.update(due_at=actions.database_now() - dt.timedelta(seconds=1))


@pytest.mark.django_db
def test_a_beat_runs_when_it_is_due_and_not_before(beats):
    ran: list[str] = []
    beats(Beat("a", 3600, lambda: ran.append("a")), Beat("b", 0, lambda: ran.append("b")))

    counts = [actions.keep_time() for _ in range(3)]

    assert counts == [2, 1, 1]
    assert ran == ["a", "b", "b", "b"]


@pytest.mark.django_db
def test_a_beat_that_breaks_stops_no_other_and_is_tried_again(beats):
    ran: list[str] = []

    def breaks() -> None:
        raise RuntimeError("planted")

    beats(Beat("a", 0, breaks), Beat("b", 0, lambda: ran.append("b")))
    counts = [actions.keep_time(), actions.keep_time()]

    assert counts == [2, 2]
    assert ran == ["b", "b"]
    assert list(Tick.objects.order_by("beat").values_list("beat", "failure")) == [
        ("a", "RuntimeError: planted"),
        ("b", ""),
    ]


@pytest.mark.django_db
def test_a_beat_whose_worker_died_is_taken_over_when_its_lease_is_over(beats):
    ran: list[str] = []
    beat = Beat("a", 0, lambda: ran.append("a"), lease=30)
    beats(beat)
    actions._take_tick(beat)  # and dies
    held = actions.keep_time()
    due_now()

    assert (held, actions.keep_time(), ran) == (0, 1, ["a"])


def race(take: Callable[[Beat], int], beat: Beat) -> int:
    """How often one tick was taken by several workers at once."""
    taken: list[int] = []
    ready = threading.Barrier(WORKERS)

    def worker() -> None:
        ready.wait()
        if take(beat):
            taken.append(1)
        connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(taken)


def careless(beat: Beat) -> int:
    """The same without the condition in the statement: looks first, then takes."""
    row = Tick.objects.get(beat=beat.key)
    if row.due_at > actions.database_now():
        return 0
    threading.Event().wait(0.05)
    Tick.objects.filter(beat=beat.key).update(due_at=actions.database_now() + dt.timedelta(seconds=60))
    return 1


@pytest.mark.django_db(transaction=True)
def test_every_tick_is_taken_once_by_four_workers_and_a_careless_twin_takes_it_more_often_107():
    beat = Beat("a", 60, lambda: None)
    Tick.objects.create(beat="a", due_at=actions.database_now())
    ours, twins = [], []
    for _ in range(ROUNDS):
        due_now()
        ours.append(race(actions._take_tick, beat))
        due_now()
        twins.append(race(careless, beat))

    assert ours == [1] * ROUNDS
    assert max(twins) > 1, connection.vendor

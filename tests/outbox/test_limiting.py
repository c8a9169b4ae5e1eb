"""A limit holds exactly, however many take at once; a bucket read before it is written does not."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from qunying.outbox.actions import Limit, shut, take
from qunying.outbox.models import Bucket

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
MINUTE = Limit("group", 18, 60)
SECOND = Limit("account", 2, 1)
WORKERS = 8


def later(seconds: float) -> dt.datetime:
    return AT + dt.timedelta(seconds=seconds)


@pytest.mark.django_db
def test_eighteen_leave_at_once_and_the_nineteenth_waits_a_twentieth_of_a_minute_or_so():
    waits = [take([MINUTE], now=AT) for _ in range(19)]

    assert waits == [0] * 18 + [pytest.approx(60 / 18)]
    assert take([MINUTE], now=later(60 / 18 + 0.001)) == 0


@pytest.mark.django_db
def test_all_limits_give_one_or_none_does():
    taken = [take([MINUTE, SECOND], now=AT) for _ in range(4)]

    assert taken == [0, 0, 0.5, 0.5]
    assert Bucket.objects.get(key="group").level == 16


@pytest.mark.django_db
def test_a_shut_bucket_gives_nothing_until_it_opens():
    take([SECOND], now=AT)
    shut(["account"], until=later(30))

    assert [take([SECOND], now=later(seconds)) for seconds in (10, 29, 30)] == [20, 1, 0]


class Ever(TestCase):
    @given(st.lists(st.floats(0, 20), min_size=1, max_size=60))
    def test_no_window_ever_sees_more_than_the_bucket_and_its_refill(self, pauses: list[float]) -> None:
        Bucket.objects.all().delete()
        at, taken = 0.0, []
        for pause in pauses:
            at += pause
            if take([SECOND], now=later(at)) == 0:
                taken.append(at)

        for place, start in enumerate(taken):
            for end in taken[place:]:
                count = sum(start <= each <= end for each in taken)
                assert count <= SECOND.size + (end - start) * SECOND.size / SECOND.seconds + 0.001


def race(one: Callable[[], bool]) -> int:
    """How many of many at once were let through."""
    through: list[int] = []
    ready = threading.Barrier(WORKERS)

    def worker() -> None:
        ready.wait()
        for _ in range(3):
            if one():
                through.append(1)
        connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(through)


def careless() -> bool:
    """Reads, waits a moment, writes back what it read less one."""
    row = Bucket.objects.get(key="careless")
    if row.level < 1:
        return False
    threading.Event().wait(0.05)
    Bucket.objects.filter(key="careless").update(level=row.level - 1)
    return True


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_exactly_what_is_there_and_a_careless_twin_gives_more():
    limit = Limit("ours", 10, 1e9)
    Bucket.objects.create(key="careless", level=10, filled_at=AT)

    ours = race(lambda: take([limit], now=AT) == 0)
    twin = race(careless)

    assert ours == 10
    assert twin > 10

"""What senders are told when there is too much, and when their clocks are wrong. Numbers in names are the cases of
reliability.md §3."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
from django.db import transaction

from qunying.brands.actions import issue_token, lock
from qunying.communities.models import Message
from qunying.connectors.actions import bind, settle
from qunying.connectors.ingest import door
from qunying.connectors.ingest.traffic import Traffic
from qunying.connectors.models import Connection
from qunying.facts.marks import FLAGGED_TIME
from qunying.facts.models import Fact
from qunying.jobs.actions import database_now
from qunying.kit import days
from tests.connectors.ingest.asking import Api, row
from tests.connectors.live.talks import eventually
from tests.connectors.live.world import AT, open_brand

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = 60_000


@pytest.fixture
def tea():
    return open_brand()


@pytest.fixture
def bound(tea):
    """A token to write with, to a group that has a community and one word said long ago."""
    api = Api(issue_token(tea[1], name="论坛", scopes=["facts.write"], at=AT))
    api.post([row(0)])
    entrance = Connection.objects.get()
    bind(entrance, chat="tea", community=None, at=AT, by=tea[1])
    settle(entrance)
    return api


def now() -> int:
    return days.utc_ms(database_now())


def test_when_the_line_is_full_what_stands_in_it_stays_and_more_is_refused_aloud_18(bound, tea, monkeypatch):
    monkeypatch.setattr(door, "WAITING_ROWS", 6)
    bodies = [[row(2 * pair + 1), row(2 * pair + 2)] for pair in range(3)]
    answers: list[tuple[int, Any]] = []
    oldest = threading.Thread(target=lambda: answers.extend(bound.post_many([*bodies])))
    with transaction.atomic():
        lock(tea[0])  # nothing can be written
        oldest.start()
        eventually(lambda: bound.desk._rows == 6)
        refused = asyncio.run(bound.ask([row(9)]))
    oldest.join()
    after = bound.post([row(9)])

    assert (refused[0], refused[1]["code"]) == (429, "connectors.too_much_waits")
    assert [(status, told["accepted"]) for status, told in answers] == [(200, 2)] * 3
    assert (after[0], after[1]["accepted"]) == (200, 1)


def test_of_a_sender_whose_clock_is_slow_and_says_so_our_time_counts_and_a_repeat_changes_nothing_13(bound):
    slow = now() - 10 * MINUTE

    told = bound.post([row(1, at=slow - 5_000)], **{"x-sent-at": str(slow)})
    time.sleep(0.01)
    again = bound.post([row(1, at=slow - 5_000)], **{"x-sent-at": str(slow + 3 * MINUTE)})

    fact = Fact.objects.latest("pk")
    assert (told[1]["accepted"], again[1]["known"], again[1]["faults"]) == (1, 1, [])
    assert abs(told[1]["clock_off_ms"] + 10 * MINUTE) < 3_000
    assert abs(fact.happened_at - (now() - 5_000)) < 5_000
    assert (fact.marks & FLAGGED_TIME, fact.key_day) == (FLAGGED_TIME, (slow - 5_000) // days.DAY_MS)


def test_a_clock_that_is_right_or_tells_nothing_moves_no_time_13(bound):
    late = now() - 10 * MINUTE  # told late, by a clock that is right

    answers = [
        bound.post([row(1, at=late)]),
        bound.post([row(2, at=late)], **{"x-sent-at": str(now() - 2_000)}),
        bound.post([row(3, at=late)], **{"x-sent-at": "5"}),  # 1970: nobody knows what it means
    ]

    assert [told for _status, told in answers] == [{"accepted": 1, "known": 0, "faults": []}] * 3
    assert set(Fact.objects.filter(happened_at__gt=late - 1).values_list("happened_at", flat=True)) == {late}


def test_a_clock_that_is_no_number_is_refused_whole_13(bound):
    refused = [bound.post([row(1)], **{"x-sent-at": told}) for told in ("gestern", "-1", "9" * 20)]

    assert {(status, told["code"]) for status, told in refused} == {(422, "connectors.sent_at")}
    assert Fact.objects.count() == 1


def test_a_group_in_uproar_is_told_to_wait_while_another_sends_and_the_other_is_not_16(bound, tea):
    bound.post([row(1, chat="cake")])
    bind(Connection.objects.get(), chat="cake", community=None, at=AT, by=tea[1])
    bound.desk._traffic = Traffic(lambda: 7.0)  # all within one second
    answers = []
    for part in range(3):
        calm = bound.post([row(part + 10, chat="cake")])
        answers.append((calm[0], *bound.post([row(part * 1_500 + n + 10) for n in range(1_500)])))

    assert [(calm, flood) for calm, flood, _told in answers] == [(200, 200), (200, 200), (200, 429)]
    assert answers[2][2]["details"] == {"group": "tea", "limit": 2_000}
    assert Message.objects.count() == 3_000 + 3 + 1

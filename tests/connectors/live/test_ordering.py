"""Who may let a thing go out, who stops it, and what becomes of what cannot go."""

from __future__ import annotations

import pytest
from django.db import transaction

from qunying.connectors import actions
from qunying.connectors.beats import keep_order
from qunying.connectors.delivering import deliver
from qunying.jobs.actions import database_now
from qunying.kit.errors import Refused
from qunying.outbox import actions as outbox
from qunying.outbox.models import Sending, Todo
from qunying.outbox.today import TODAY
from tests.connectors.live.test_delivering import (
    ask_for,
    bot,
    claimed,
    colleague,
    platform,
    said,
    state,
    tea,
    wire,
    wish,
)
from tests.connectors.live.world import AT

__all__ = ["bot", "platform", "tea"]
pytestmark = pytest.mark.django_db


def test_nothing_leaves_after_a_stop_and_only_a_second_person_lifts_it(bot, platform, tea):
    brand, chief = tea
    ask_for(bot, "话")
    row = claimed(bot)
    stop = outbox.stop(brand, community=None, reason="价格写错", by=chief, at=AT)
    left = outbox.depart(row, now=database_now())
    outbox.put_back(row, until=AT)
    deliver(bot, wire(bot))

    assert (left, said(platform)) == (False, [])
    with pytest.raises(Refused, match="resume_by_another"):
        outbox.resume(stop, by=chief, at=AT)
    outbox.resume(stop, by=colleague(tea, "second"), at=AT)
    deliver(bot, wire(bot))
    assert said(platform) == ["话"]


def test_a_stop_of_one_community_lets_the_others_speak(bot, platform, tea):
    other = actions.bind(bot, chat="-5", community=None, at=AT, by=tea[1])
    platform.open_chat(-5, "另一个群")
    outbox.stop(tea[0], community=other.community, reason="", by=tea[1], at=AT)
    for seat in bot.seats.all():
        outbox.order(seat.channel, wish=wish("话"), key=str(seat.pk), at=database_now())
    deliver(bot, wire(bot))

    assert [message["chat"]["title"] for message in platform.sent] == ["茶友福利群"]


def test_two_people_approve_and_neither_is_the_one_who_wrote_it(bot, platform, tea):
    channel = bot.seats.get().channel
    row = outbox.order(channel, wish=wish("大促", approvals=2), key="p", at=AT, by=tea[1])
    deliver(bot, wire(bot))
    first, second = colleague(tea, "one"), colleague(tea, "two")

    with pytest.raises(Refused, match="approve_another"):
        outbox.approve(row, by=tea[1], at=AT)
    outbox.approve(row, by=first, at=AT)
    with pytest.raises(Refused, match="approved_already"):
        outbox.approve(row, by=first, at=AT)
    between = (deliver(bot, wire(bot)), state(row))
    outbox.approve(row, by=second, at=AT)
    deliver(bot, wire(bot))

    assert between == (0, "approval")
    assert (state(row), said(platform)) == ("sent", ["大促"])


def test_what_a_platform_cannot_do_becomes_a_task_is_left_out_or_fails_as_it_was_ordered(bot, tea):
    channel = bot.seats.get().channel
    rows = [
        outbox.order(
            channel, wish=outbox.Wish("poll.create", {"text": "喝什么"}, on_unsupported=how), key=how, at=AT
        )
        for how in Sending.Fallback
    ]
    deliver(bot, wire(bot))
    failures = next(part for part in TODAY if part.key == "outbox.failures")

    assert {row.key: state(row) for row in rows} == {
        "task": "unsupported",
        "skip": "unsupported",
        "fail": "rejected",
    }
    assert [todo.cause for todo in Todo.objects.all()] == [f"sending:{rows[0].pk}"]
    assert [row.key for row in failures.rows(tea[1], AT.date(), False)] == ["fail"]


def test_what_comes_too_late_never_leaves(bot, platform):
    row = ask_for(bot, "限时", expires_at=database_now())
    deliver(bot, wire(bot))
    keep_order()

    assert (state(row), said(platform)) == ("expired", [])


def test_an_order_is_there_if_and_only_if_its_deed_is(bot):
    with pytest.raises(RuntimeError), transaction.atomic():
        ask_for(bot, "话")
        raise RuntimeError

    assert Sending.objects.count() == 0

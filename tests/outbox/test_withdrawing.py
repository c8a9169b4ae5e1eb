"""What waits for a hand is closed with the reason as soon as somebody it is for agrees to it no longer."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from qunying.brands.models import Brand
from qunying.communities.models import Channel, Community
from qunying.members.actions import withdraw_consent
from qunying.members.models import Purpose, Via
from qunying.outbox.actions import Wish, claim, conclude, give_up, order
from qunying.outbox.beats import take_back
from qunying.outbox.models import Receiver, Sending, Todo
from qunying.outbox.outcomes import Outcome, Result
from tests.members.world import agree, people
from tests.playbooks.conftest import brand, club, owner, signed_in

__all__ = ["brand", "club", "owner"]
NOW = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)


@pytest.fixture
def channel(brand: Brand, club: Community) -> Channel:
    return Channel.objects.create(brand=brand, community=club, platform="qq", key="1", name="茶群")


def by_hand(channel: Channel, params: dict[str, object]) -> tuple[Sending, list[int]]:
    """A sending to two who agree, which only a hand can carry out."""
    both = people(channel.brand, "阿青", "小兰")
    for member in both:
        agree(member)
    receivers = {f"wm-{place}": member.pk for place, member in enumerate(both)}
    order(channel, wish=Wish("mass.create", params, receivers=receivers), key="a", at=NOW)
    row = claim([channel.pk], now=NOW)
    assert row is not None
    conclude(row, outcome=Outcome(Result.UNSUPPORTED), now=NOW)
    withdraw_consent(both[1], purpose=Purpose.MARKETING, via=Via.STAFF, said_at=NOW, at=NOW)
    return Sending.objects.get(pk=row.pk), [member.pk for member in both]


def test_a_task_for_all_together_is_closed_says_why_and_cannot_be_opened_again(brand, owner, channel):
    row, _both = by_hand(channel, {"text": "您好"})

    for _twice in range(2):
        take_back()
    row.refresh_from_db()
    todo = Todo.objects.get()
    client = signed_in(owner)
    shown = client.get(reverse("todos", args=[brand.slug])).content.decode()
    codes = [
        client.post(reverse("todo_state", args=[brand.slug, todo.pk]), data).status_code
        for data in ({}, {"undo": "1"})
    ]

    assert (row.state, row.words) == ("refused", "已撤回同意 1")
    assert (todo.state, todo.reason) == ("failed", "有接收人不再同意接收，请不要再发")
    assert todo.reason in shown and "系统" in shown and 'name="undo"' not in shown
    assert (codes, Todo.objects.get().state) == ([409, 409], "failed")


def test_of_a_list_the_others_still_get_it_and_the_task_says_how_many_do_not(brand, owner, channel):
    row, _both = by_hand(channel, {"text": "您好", "customers": ["wm-0", "wm-1"]})

    take_back()
    row.refresh_from_db()
    todo = Todo.objects.get()
    shown = signed_in(owner).get(reverse("todo", args=[brand.slug, todo.pk])).content.decode()

    assert (row.state, todo.state) == ("unsupported", "waiting")
    assert dict(Receiver.objects.values_list("account", "refused")) == {"wm-0": "", "wm-1": "withdrawn"}
    assert "共 2 位，其中 1 位不同意接收，不要发给他们" in shown


def test_what_is_over_already_is_left_as_it_is(owner, channel):
    row, _both = by_hand(channel, {"text": "您好"})
    give_up(Todo.objects.get(), reason="群已解散", by=owner, at=NOW)

    take_back()
    row.refresh_from_db()

    assert (row.state, Todo.objects.get().reason) == ("called_off", "群已解散")

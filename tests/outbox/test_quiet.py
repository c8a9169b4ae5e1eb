"""In quiet hours nothing leaves that nobody asked for, however late it comes; its page says until when it waits."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from qunying.brands.models import Brand
from qunying.communities.models import Channel, Community
from qunying.outbox.actions import Wish, claim, conclude, order, say
from qunying.outbox.outcomes import Outcome, Result
from qunying.outbox.pages import sendings as pages
from tests.playbooks.conftest import brand, club, owner, signed_in

__all__ = ["brand", "club", "owner"]
EVENING, NIGHT = dt.datetime(2026, 3, 2, 13, 50, tzinfo=dt.UTC), dt.datetime(2026, 3, 2, 14, tzinfo=dt.UTC)
MORNING = dt.datetime(2026, 3, 3, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
WORDS = {"text": "大促"}


@pytest.fixture
def channel(brand: Brand, club: Community) -> Channel:
    return Channel.objects.create(brand=brand, community=club, platform="telegram", key="1", name="茶群")


def leaves(channel: Channel, at: dt.datetime) -> str | None:
    """The key of what leaves at this moment; it is over then."""
    row = claim([channel.pk], now=at)
    if row is None:
        return None
    conclude(row, outcome=Outcome(Result.SENT), now=at)
    return row.key


@pytest.mark.parametrize(
    ("wish", "is_held"),
    [
        (Wish("message.create", WORDS), True),
        (Wish("mass.create", WORDS), True),
        (Wish("poll.create", WORDS), True),
        (Wish("message.create", WORDS, may_disturb=True), False),
        (Wish("message.create", WORDS, is_unsolicited=False), False),
        (Wish("welcome.send", WORDS, is_unsolicited=False), False),
        (Wish("message.delete", {}), False),
        (Wish("member.mute", {}), False),
    ],
)
def test_what_comes_too_late_to_leave_before_the_quiet_hours_waits_until_they_end(channel, wish, is_held):
    order(channel, wish=wish, key="a", at=EVENING)

    found = [leaves(channel, at) for at in (NIGHT, MORNING - SECOND, MORNING)]

    assert found == ([None, None, "a"] if is_held else ["a", None, None])


def test_until_the_quiet_hours_begin_it_leaves(channel):
    order(channel, wish=Wish("message.create", WORDS), key="a", at=EVENING)

    assert leaves(channel, NIGHT - SECOND) == "a"


def test_what_waits_keeps_nothing_else_from_leaving(channel):
    order(channel, wish=Wish("message.create", WORDS, priority=9), key="held", at=EVENING)
    order(channel, wish=Wish("message.create", WORDS, is_unsolicited=False), key="answer", at=EVENING)

    assert [leaves(channel, NIGHT), leaves(channel, NIGHT)] == ["answer", None]


def test_other_quiet_hours_count_at_once(brand, channel):
    order(channel, wish=Wish("message.create", WORDS), key="a", at=EVENING)
    before = leaves(channel, NIGHT)

    Brand.objects.filter(pk=brand.pk).update(preferences={"quiet_from": 23})

    assert [before, leaves(channel, NIGHT)] == [None, "a"]


def test_its_page_the_list_and_today_say_until_when_it_waits(brand, owner, channel, monkeypatch):
    row = order(channel, wish=Wish("message.create", WORDS), key="a", at=EVENING, by=owner)
    slug = brand.slug
    urls = [
        reverse("sendings", args=[slug]),
        reverse("sending", args=[slug, row.pk]),
        reverse("today", args=[slug]),
    ]
    monkeypatch.setattr(pages, "database_now", lambda: dt.datetime.now(dt.UTC))  # the clock that can be set

    shown = []
    for at in (EVENING, NIGHT):
        with time_machine.travel(at, tick=False):
            texts = [signed_in(owner).get(url).content.decode() for url in urls]
            shown.append(["等到 08:00：安静时段 22:00–08:00" in text for text in texts])

    assert shown == [[False] * 3, [True] * 3]


def test_a_draft_for_a_hand_says_that_it_is_night(brand, club, owner):
    draft = say(
        club, text="早", kind="value", due_on=NIGHT.date(), staff=owner, cause="", key="d", at=EVENING
    )
    url = reverse("draft", args=[brand.slug, draft.pk])

    shown = []
    for at in (EVENING, NIGHT):
        with time_machine.travel(at, tick=False):
            shown.append("现在是安静时段（22:00–08:00）" in signed_in(owner).get(url).content.decode())

    assert shown == [False, True]

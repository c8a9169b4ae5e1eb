"""History is filled in page by page, once, as far back as asked, and goes on where it was interrupted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django_tasks_db.models import DBTaskResult

from qunying.communities.models import Message
from qunying.connectors import actions
from qunying.connectors.actions import digging
from qunying.connectors.beats import settle_all
from qunying.connectors.live.connector import Payload
from qunying.connectors.live.discord.past import as_payload
from qunying.connectors.models import Connection, Inbound, Note
from qunying.demo.simulators.discord import CHANNEL, Discord, too_many
from qunying.facts.models import Fact
from qunying.jobs import actions as jobs
from qunying.jobs.kinds import LISTEN
from qunying.jobs.models import Job
from qunying.jobs.worker import work_off
from qunying.kit.errors import Refused
from tests.connectors.live.test_discord import TOKEN, plug_in
from tests.connectors.live.world import AT, open_brand, telegram
from tests.webhooks.world import hooked

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 230


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(digging, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def platform(settings):
    with Discord(TOKEN) as simulator:
        plug_in(settings, simulator)
        yield simulator


@pytest.fixture
def tea():
    return open_brand()


def long_ago(platform: Discord, count: int = COUNT) -> None:
    """A channel with as many messages, one an hour, the last an hour ago."""
    now = dt.datetime.now(dt.UTC)
    for number in range(count):
        at = now - dt.timedelta(hours=count - number)
        platform.say(301 + number % 3, f"群友{number % 3}", f"第 {number} 句", timestamp=at.isoformat())


def bound(tea, platform: Discord) -> Connection:
    """A bot that has heard the latest message live, in a group that belongs to a community."""
    bot = actions.connect(tea[0], connector_key="discord", name="茶", keys={"token": TOKEN}, at=AT, by=tea[1])
    latest = as_payload(platform.messages[-1], {"name": "茶 / 闲聊", "kind": "channel"})
    actions.hear(bot, [latest], at=jobs.database_now())
    settle_all()
    actions.bind(bot, chat=CHANNEL, community=None, at=AT, by=tea[1])
    settle_all()
    return bot


def order(bot: Connection, by, *, back: int = 365) -> Job:
    return actions.order_history(bot, back=back, at=jobs.database_now(), by=by)


def done(job: Job) -> dict[str, Any]:
    """What the job answers after its loop has run it and what it brought is read."""
    work_off("listen", LISTEN)
    settle_all()
    job.refresh_from_db()
    assert job.state == "done"
    return dict(job.result or {})


def facts() -> list[bytes]:
    return sorted(bytes(key) for key in Fact.objects.values_list("source_key", flat=True))


def pages(platform: Discord) -> list[str]:
    """The place before which each page was asked for."""
    return [call.query.get("before", "") for call in platform.calls if call.path.endswith("/messages")]


def test_everything_said_before_is_filled_in_and_what_was_heard_live_is_not_doubled(tea, platform):
    long_ago(platform)
    bot = bound(tea, platform)

    told = done(order(bot, tea[1]))

    assert (told["seen"], told["new"]) == (COUNT, COUNT - 1)
    assert Message.objects.count() == COUNT
    assert len(pages(platform)) == 3


def test_filling_in_again_changes_nothing(tea, platform):
    long_ago(platform)
    bot = bound(tea, platform)
    done(order(bot, tea[1]))
    before = facts()

    again = done(order(bot, tea[1]))

    assert (again["seen"], again["new"]) == (COUNT, 0)
    assert facts() == before


def test_it_ends_where_it_was_asked_to(tea, platform):
    long_ago(platform, 24 * 20)
    bot = bound(tea, platform)

    done(order(bot, tea[1], back=7))

    assert len(pages(platform)) == 2  # a page is a hundred hours, and seven days are 168


def test_it_waits_as_long_as_the_platform_asks_and_asks_for_the_same_page_again(tea, platform):
    long_ago(platform)
    bot = bound(tea, platform)
    platform.faults.append(lambda call: too_many(0.2) if call.path.endswith("/messages") else None)

    told = done(order(bot, tea[1]))

    assert told["seen"] == COUNT
    assert pages(platform)[:2] == ["", ""]


def test_a_group_we_may_not_read_is_named_and_the_others_go_on(tea, platform):
    long_ago(platform, 5)
    bot = bound(tea, platform)
    actions.seat(bot, chat="999", name="密谈", community=None, at=AT, by=tea[1])

    told = done(order(bot, tea[1]))

    assert (told["seen"], told["closed"]) == (5, ["密谈"])


def test_paused_work_goes_on_where_it_stopped(tea, platform):
    long_ago(platform)
    bot = bound(tea, platform)
    job = order(bot, tea[1])

    class Pausing(jobs.Ticker):
        def __call__(self, done: int, total: int) -> None:
            jobs.pause(self.job, at=AT, by=tea[1])
            raise jobs.Interrupted("jobs.paused", job=self.job.pk)

    with pytest.raises(jobs.Interrupted):
        actions.dig(bot, actions.wire_of(bot), job=job, back=365, tick=Pausing(job))
    job.refresh_from_db()
    jobs.resume(job, at=AT, by=tea[1])
    done(job)

    asked = pages(platform)
    assert (len(asked), len(set(asked))) == (3, 3)
    assert Message.objects.count() == COUNT
    assert not Note.objects.exists()


def test_work_whose_listener_was_killed_is_taken_over_by_the_next_one_where_it_stood_102(tea, platform):
    long_ago(platform)
    bot = bound(tea, platform)
    job = order(bot, tea[1])
    DBTaskResult.objects.all().delete()  # the listener had it,
    past = jobs.database_now() - dt.timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(state="running", attempts=1, lease_until=past)
    with pytest.raises(Killed):  # and is killed after the first page
        actions.dig(bot, actions.wire_of(bot), job=job, back=365, tick=killed)

    reaped = jobs.reap()
    work_off()  # of the workers' queue, which must leave it alone
    waiting = Job.objects.get(pk=job.pk).state
    done(job)

    asked = pages(platform)
    assert (reaped, waiting) == (1, "waiting")
    assert (len(asked), len(set(asked))) == (3, 3)
    assert Message.objects.count() == COUNT


class Killed(Exception):
    """Stands for the end of a process."""


def killed(_done: int, _total: int) -> None:
    raise Killed


def test_history_is_no_sign_of_life_and_is_told_to_nobody(tea, platform):
    hooked(tea, "https://example.com/told", ["member.joined"])
    long_ago(platform)
    bot = bound(tea, platform)
    Connection.objects.update(heard_at=AT)

    done(order(bot, tea[1]))

    bot.refresh_from_db()
    assert bot.heard_at == AT
    assert not bot.brand.webhooks.get().deliveries.exists()


def test_only_one_at_a_time_and_only_where_the_platform_has_history(tea, platform):
    long_ago(platform, 2)
    bot = bound(tea, platform)
    order(bot, tea[1])

    with pytest.raises(Refused, match="digging_already"):
        order(bot, tea[1])
    with pytest.raises(Refused, match="no_history"):
        order(telegram(*tea), tea[1])


def test_live_payloads_wait_behind_no_more_than_a_few_pages(tea, platform, monkeypatch):
    """Nobody reads here: the work waits, as long as its patience, before it asks for more."""
    monkeypatch.setattr(digging, "FULL", 99)
    monkeypatch.setattr(digging, "WAIT_SECONDS", 0.0)
    long_ago(platform)
    bot = bound(tea, platform)
    actions.hear(bot, [Payload("x", b"{}")], at=jobs.database_now())

    work_off("listen", LISTEN)
    order(bot, tea[1])
    work_off("listen", LISTEN)

    assert Inbound.objects.filter(state="waiting").count() == COUNT


def test_the_page_starts_it_and_shows_how_far_it_is(tea, platform):
    long_ago(platform, 3)
    bot = bound(tea, platform)
    client = Client()
    client.force_login(tea[1].account, backend="django.contrib.auth.backends.ModelBackend")
    here = f"/b/tea/connections/{bot.pk}/"

    wrong = client.post(f"{here}history/", {"days": "8"}).status_code
    started = client.post(f"{here}history/", {"days": "30"}, follow=True).content.decode()
    done(Job.objects.get(kind="connectors.backfill"))
    ended = client.get(here).content.decode()

    assert wrong == 422
    assert "排队中" in started
    assert "3 行" in ended

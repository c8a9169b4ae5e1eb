"""What goes out goes out once: within limits, stopped at a tap, never sent again blindly. Numbers in brackets are the
cases of reliability.md §3."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from qunying.brands import actions as brands
from qunying.brands.models import Staff
from qunying.connectors import actions
from qunying.connectors.beats import keep_order, settle_all
from qunying.connectors.delivering import _carry, deliver
from qunying.connectors.live.telegram import TELEGRAM
from qunying.connectors.live.wire import KeyRefused, Wire
from qunying.demo.simulators.server import Reply
from qunying.demo.simulators.telegram import Telegram, too_many
from qunying.jobs.actions import database_now
from qunying.kit.errors import Refused
from qunying.outbox import actions as outbox
from qunying.outbox.models import Bucket, Sending, Todo
from qunying.outbox.outcomes import Outcome, Result
from tests.connectors.live.world import AT, GROUP, open_brand, telegram

pytestmark = pytest.mark.django_db
TOKEN = "99:a-secret-of-the-bot"


@pytest.fixture
def platform(settings):
    with Telegram(TOKEN) as simulator:
        simulator.open_chat(GROUP, "茶友福利群")
        settings.SIMULATORS = {"api.telegram.org": simulator.address}
        yield simulator


@pytest.fixture
def tea():
    return open_brand()


@pytest.fixture
def bot(tea, platform):
    """A connection whose group belongs to a community."""
    bot = telegram(*tea, token=TOKEN)
    platform.say(GROUP, 7001, "林", "早")
    hear(bot)
    actions.bind(bot, chat=str(GROUP), community=None, at=AT, by=tea[1])
    settle_all()
    return bot


def wire(bot) -> Wire:
    return TELEGRAM.line(actions.keys_of(bot), bot.hook)


def hear(bot) -> None:
    bot.refresh_from_db()
    assert TELEGRAM.ask is not None
    actions.take_asked(bot, TELEGRAM.ask(wire(bot), bot.position), at=database_now())
    settle_all()


def wish(text: str, **more: object) -> outbox.Wish:
    return outbox.Wish("message.create", {"text": text}, **more)  # type: ignore[arg-type]  # the tests name fields


def ask_for(bot, text: str, *, key: str = "", **more: object) -> Sending:
    channel = bot.seats.get().channel
    return outbox.order(channel, wish=wish(text, **more), key=key or text, at=database_now())


def claimed(bot) -> Sending:
    row = outbox.claim([bot.seats.get().channel_id], now=database_now())
    assert row is not None
    return row


def waits(sending: Sending) -> float:
    """Seconds until it is tried again."""
    sending.refresh_from_db()
    assert sending.retry_at is not None
    return (sending.retry_at - database_now()).total_seconds()


def state(sending: Sending) -> str:
    sending.refresh_from_db()
    return str(sending.state)


def said(platform: Telegram) -> list[object]:
    return [message["text"] for message in platform.sent]


def colleague(tea, login: str) -> Staff:
    account = brands.open_account(login, password="a long enough word", at=AT)
    return brands.appoint(tea[0], account=account, role="operator", at=AT, by=tea[1])


def due_now() -> None:
    Sending.objects.update(retry_at=None)


def test_what_is_ordered_is_said_once_in_order_and_the_platforms_number_is_kept(bot, platform):
    rows = [ask_for(bot, text) for text in ("第一", "第二")]
    again = ask_for(bot, "第一")

    tried = [deliver(bot, wire(bot)) for _ in range(2)]

    assert tried == [2, 0]
    assert said(platform) == ["第一", "第二"]
    assert again.pk == rows[0].pk
    assert [state(row) for row in rows] == ["sent", "sent"]
    assert [row.ids for row in rows] == [[str(m["message_id"])] for m in platform.sent]


def test_what_is_longer_than_one_message_may_be_is_refused_before_the_platform_sees_it(bot, platform):
    fits, long = ask_for(bot, "茶" * 4096, key="fits"), ask_for(bot, "茶" * 4097, key="long")

    deliver(bot, wire(bot))

    assert [state(fits), state(long), long.code] == ["sent", "rejected", "connectors.too_much"]
    assert said(platform) == ["茶" * 4096]


def test_the_same_key_with_other_words_is_refused(bot):
    ask_for(bot, "第一", key="post:1")

    with pytest.raises(Refused, match="key_taken"):
        ask_for(bot, "另外的话", key="post:1")


def test_urgent_things_go_first(bot, platform):
    ask_for(bot, "活动")
    ask_for(bot, "欢迎", priority=100)
    deliver(bot, wire(bot))

    assert said(platform) == ["欢迎", "活动"]


def test_a_line_cut_after_the_request_left_is_never_sent_again_by_itself_79(bot, platform, tea):
    def done_then_gone(call):
        platform.answer(call)
        return Reply(hangs_up=True)

    row = ask_for(bot, "抽奖结果")
    platform.faults.append(done_then_gone)
    for _ in range(3):
        deliver(bot, wire(bot))
        keep_order()
        due_now()

    assert (state(row), said(platform)) == ("unknown", ["抽奖结果"])
    assert list(Todo.objects.values_list("text", flat=True)) == ["请到“茶友福利群”里看看是否已发出：抽奖结果"]

    outbox.look_again(row, arrived=True, by=tea[1], at=AT)
    deliver(bot, wire(bot))

    assert (state(row), said(platform)) == ("sent", ["抽奖结果"])


def test_a_worker_that_dies_before_anything_left_costs_nothing_and_after_it_leaves_a_question_79_102(
    bot, platform
):
    early, late = ask_for(bot, "早死"), ask_for(bot, "晚死")
    first = claimed(bot)
    Sending.objects.filter(pk=early.pk).update(lease_until=AT)  # it died with this one in hand
    keep_order()
    outbox.put_back(first, until=AT)  # too late: its lease is not its own any more
    assert state(early) == "queued"
    deliver(bot, wire(bot))
    Sending.objects.filter(pk=late.pk).update(state="leased", lease_until=AT, left_at=AT)
    keep_order()

    assert said(platform) == ["早死", "晚死"]
    assert (state(early), state(late)) == ("sent", "unknown")


def test_a_late_worker_cannot_conclude_what_another_took_over(bot):
    ask_for(bot, "话")
    slow = claimed(bot)
    Sending.objects.update(lease_until=AT)
    keep_order()
    quick = claimed(bot)

    told = [
        outbox.conclude(row, outcome=Outcome(result), now=AT)
        for row, result in ((slow, Result.REJECTED), (quick, Result.SENT))
    ]

    assert told == [False, True]
    assert Sending.objects.get().state == "sent"


def test_a_platform_that_says_wait_is_left_alone_and_the_try_does_not_count_82(bot, platform):
    row = ask_for(bot, "话")
    platform.faults.append(lambda _call: too_many(30))
    deliver(bot, wire(bot))
    seconds = waits(row)
    due_now()
    calls = len(platform.calls)
    deliver(bot, wire(bot))

    assert (row.state, row.attempts, 25 < seconds <= 30) == ("queued", 0, True)
    assert len(platform.calls) == calls  # its buckets are shut too
    Bucket.objects.update(shut_until=None)
    due_now()
    deliver(bot, wire(bot))
    assert (state(row), said(platform)) == ("sent", ["话"])


def test_a_line_over_its_limit_waits_in_order_and_says_until_when(bot, platform):
    first, second = ask_for(bot, "第一"), ask_for(bot, "第二")
    outbox.take([outbox.Limit(f"{bot.pk}:account:", 25, 1)], now=database_now())
    Bucket.objects.update(shut_until=database_now() + dt.timedelta(hours=1))
    deliver(bot, wire(bot))
    held = [(state(row), row.attempts, row.left_at, row.retry_at is not None) for row in (first, second)]
    Bucket.objects.update(shut_until=None)
    due_now()
    deliver(bot, wire(bot))

    assert held == [("queued", 0, None, True)] * 2
    assert said(platform) == ["第一", "第二"]


def test_what_the_platform_refuses_is_refused_with_its_reason(bot, platform):
    row = ask_for(bot, "话")
    platform.groups.clear()
    deliver(bot, wire(bot))

    assert (state(row), row.code, row.words) == ("rejected", "400", "Bad Request: chat not found")


def test_a_platform_that_is_away_costs_no_try_however_long_and_is_asked_at_growing_intervals(
    bot, platform, settings
):
    there, line = settings.SIMULATORS, wire(bot)
    settings.SIMULATORS = {"api.telegram.org": "http://127.0.0.1:9"}
    row, other = ask_for(bot, "话"), ask_for(bot, "另一句")
    pauses, tried = [], []
    for _ in range(8):
        tried.append(rested(bot, line))
        pauses.append(line.memory["away"][1])
        due_now()
    while_resting = deliver(bot, line)
    settings.SIMULATORS = there
    back = rested(bot, line)

    assert (tried, while_resting, back) == ([1] * 8, 0, 2)  # one asks for all
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (state(row), state(other), said(platform)) == ("sent", "sent", ["话", "另一句"])
    assert "away" not in line.memory


def rested(bot, line: Wire) -> int:
    """One round after the pause has passed."""
    if "away" in line.memory:
        line.memory["away"] = (0.0, line.memory["away"][1])
    return deliver(bot, line)


def test_what_waits_for_a_platform_that_is_away_ends_with_its_own_time_only(bot, settings):
    settings.SIMULATORS = {"api.telegram.org": "http://127.0.0.1:9"}
    row, line = ask_for(bot, "限时", expires_at=database_now() + dt.timedelta(hours=1)), wire(bot)
    deliver(bot, line)
    keep_order()
    waiting = (state(row), row.attempts, row.code)
    Sending.objects.update(expires_at=database_now())
    keep_order()

    assert waiting == ("queued", 0, "connectors.platform_away")
    assert state(row) == "expired"


def test_what_gets_no_answer_and_cannot_happen_twice_is_repeated_with_growing_pauses_and_given_up_aloud(bot):
    row = ask_for(bot, "话")
    pauses = []
    for _ in range(12):
        due_now()
        outbox.conclude(claimed(bot), outcome=Outcome(Result.LOST, code="no_answer"), now=database_now())
        if state(row) == "queued":
            pauses.append(waits(row))

    assert (row.state, row.attempts, row.code) == ("dead", 12, "no_answer")
    assert pauses[0] < pauses[4] < pauses[8] <= 360


def test_a_token_that_ends_in_the_middle_of_a_broadcast_stops_it_and_a_new_one_goes_on_without_doubling_81(
    bot, platform, tea
):
    rows = [ask_for(bot, f"第 {number} 条") for number in range(6)]
    platform.faults.extend([lambda _call: None, lambda _call: None, lambda _call: ended(platform)])

    with pytest.raises(KeyRefused):
        deliver(bot, wire(bot))
    stopped = [state(row) for row in rows]
    with pytest.raises(KeyRefused):
        deliver(bot, wire(bot))
    platform.token = "99:another-secret-of-the-bot"
    actions.change_keys(bot, keys={"token": platform.token}, at=AT, by=tea[1])
    bot.refresh_from_db()
    deliver(bot, wire(bot))

    assert stopped == ["sent"] * 2 + ["queued"] * 4
    assert [state(row) for row in rows] == ["sent"] * 6
    assert [row.attempts for row in rows] == [1] * 6
    assert said(platform) == [f"第 {number} 条" for number in range(6)]


def ended(platform: Telegram) -> Reply:
    """The operator of the bot has made a new token, so the old one opens nothing any more."""
    platform.token = "99:the-new-one"
    return Reply({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)


def test_a_shut_op_leaves_what_the_account_does_besides_free_unless_the_platform_means_all_of_it_82(
    bot, platform
):
    row = ask_for(bot, "话")
    platform.faults.append(lambda _call: too_many(30))
    deliver(bot, wire(bot))
    own, whole = Bucket.objects.get(key=f"{bot.pk}:op:message.create"), f"{bot.pk}:account:"

    assert own.shut_until is not None
    assert Bucket.objects.get(key=whole).shut_until is None

    wide = Outcome(Result.THROTTLED, retry_seconds=30, is_account_wide=True)
    Bucket.objects.update(shut_until=None)
    due_now()
    _carry(replace(TELEGRAM, perform=lambda _wire, _action: wide), wire(bot), bot, claimed(bot))

    assert (state(row), Bucket.objects.get(key=whole).shut_until is None) == ("queued", False)


def test_updates_are_forgotten_by_the_platform_only_after_they_are_stored_and_an_outage_loses_nothing(
    bot, platform
):
    platform.join(GROUP, 7002, "周")
    platform.say(GROUP, 7002, "周", "大家好")
    assert TELEGRAM.ask is not None
    asked = TELEGRAM.ask(wire(bot), bot.position)  # we die here, before anything is stored
    assert len(asked.payloads) == 2
    hear(bot)
    hear(bot)
    settle_all()

    assert list(bot.inbound.values_list("state", "facts").order_by("pk")) == [("done", 1)] * 3
    assert platform.updates == []

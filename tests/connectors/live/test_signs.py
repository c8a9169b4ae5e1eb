"""The page of a connection tells early that an account does not hear, does not speak, or is shut out."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qunying.connectors import actions
from qunying.connectors.beats import chase_up, settle_all
from qunying.connectors.live.connector import Payload
from qunying.connectors.live.telegram import TELEGRAM
from qunying.connectors.models import Connection, Inbound
from qunying.connectors.queries import seat
from qunying.connectors.signs import signs
from qunying.jobs.actions import database_now
from qunying.kit.errors import Missing
from qunying.outbox import actions as outbox
from qunying.outbox.models import Sending, Todo
from tests.connectors.live.world import AT, GROUP, open_brand, said, telegram

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def tea():
    return open_brand()


@pytest.fixture
def bot(tea) -> Connection:
    """Heard just now, in a group that belongs to a community."""
    bot = telegram(*tea)
    actions.hear(bot, [Payload("#1", said("早"))], at=database_now())
    settle_all()
    actions.bind(bot, chat=str(GROUP), community=None, at=AT, by=tea[1])
    settle_all()
    bot.refresh_from_db()
    return bot


def shown(bot: Connection, *, now: dt.datetime | None = None) -> dict[str, tuple[str, str]]:
    """Colour and words by label; of several with one label the last."""
    bot.refresh_from_db()
    return {sign.label: (sign.mark, sign.words) for sign in signs(bot, TELEGRAM, now=now or database_now())}


def sent(bot: Connection, state: str, count: int = 1, **more: object) -> None:
    """As many sendings that came to this."""
    channel = bot.seats.get().channel
    first = Sending.objects.count()
    for number in range(first, first + count):
        row = outbox.order(
            channel, wish=outbox.Wish("message.create", {"text": "早"}), key=str(number), at=database_now()
        )
        values = {"state": state, "concluded_at": database_now(), **more}
        Sending.objects.filter(pk=row.pk).update(**values)


def test_an_account_that_hears_and_speaks_is_well(bot):
    sent(bot, "sent")

    found = shown(bot)

    assert {mark for mark, _words in found.values()} == {"ok"}
    assert found["最近收到"] == ("ok", "0 分钟前")
    assert found["外发出错"] == ("ok", "最近一小时 0 / 1")


def test_silence_for_more_than_a_day_is_noted(bot):
    Connection.objects.update(heard_at=database_now() - 3 * DAY)

    assert shown(bot)["最近收到"] == ("warn", "3 天前")


def test_what_waits_for_long_to_be_read_is_noted(bot):
    actions.hear(bot, [Payload("#2", said("慢", number=2))], at=database_now())
    Inbound.objects.filter(state="waiting").update(received_at=database_now() - dt.timedelta(seconds=90))

    mark, words = shown(bot)["读取延迟"]

    assert mark == "warn"
    assert words.startswith("最早一条已排队 9")


def test_errors_of_the_last_hour_are_counted_and_older_ones_are_not(bot):
    actions.hear(bot, [Payload("#2", b"no json")], at=database_now())
    settle_all()
    sent(bot, "rejected", 2)
    sent(bot, "sent", 2)
    sent(bot, "dead", 5, concluded_at=database_now() - 2 * dt.timedelta(hours=1))

    found = shown(bot)

    assert found["读取出错"] == ("failed", "最近一小时 1 / 2")
    assert found["外发出错"] == ("failed", "最近一小时 2 / 4")


def test_three_refusals_in_a_row_look_like_a_restricted_account_and_one_that_arrives_ends_that(bot):
    sent(bot, "rejected", 3, words="Forbidden: bot was kicked")
    refused = shown(bot)["账号是否受限"]
    sent(bot, "sent")

    assert refused[0] == "failed"
    assert "Forbidden: bot was kicked" in refused[1]
    assert shown(bot)["账号是否受限"][0] == "ok"


def test_what_is_left_of_each_limit_is_shown_and_fills_up_again(bot):
    now = database_now()
    channel = bot.seats.get().channel_id
    limit = outbox.Limit(f"{bot.pk}:{channel}:group:message.create", 18, 60)
    for _ in range(18):
        outbox.take([limit], now=now)

    quotas = [sign for sign in signs(bot, TELEGRAM, now=now) if sign.label == "剩余额度"]
    later = [
        sign for sign in signs(bot, TELEGRAM, now=now + dt.timedelta(minutes=1)) if sign.label == "剩余额度"
    ]

    assert [sign.words for sign in quotas] == [
        "整个账号每 1 秒 25 次（所有操作），现在还剩 25",
        "每个群每 60 秒 18 次（发群消息），现在还剩 0",
    ]
    assert [sign.mark for sign in quotas] == ["ok", "warn"]
    assert later[1].words.endswith("还剩 18")


def test_who_has_not_tapped_for_a_day_is_named_and_the_backup_is_asked_once(bot, tea):
    actions.set_backup(bot.seats.get(), backup=tea[1], at=AT, by=tea[1])
    sent(bot, "pending", 2, who="LinDaiYu", concluded_at=database_now() - DAY - dt.timedelta(minutes=1))
    sent(bot, "pending", 1, who="XueBaoChai")

    for _ in range(2):
        chase_up()

    todos = Todo.objects.all()
    assert shown(bot)["员工点发送"] == ("failed", "LinDaiYu 有 2 条超过 24 小时没有点发送")
    assert [(todo.staff, "LinDaiYu" in todo.text) for todo in todos] == [(tea[1], True)] * 2


def test_without_a_backup_nobody_is_asked(bot):
    sent(bot, "pending", who="LinDaiYu", concluded_at=database_now() - 2 * DAY)

    chase_up()

    assert not Todo.objects.exists()


def test_an_account_that_was_taken_out_of_its_group_is_noticed(bot):
    own = {"id": 99, "is_bot": True, "first_name": "茶友机器人"}
    gone = said("", number=5, left_chat_member=own)
    actions.hear(bot, [Payload("#5", gone)], at=database_now())
    settle_all()

    assert shown(bot)["账号是否在群"] == ("failed", "已退出或被移出：茶友福利群")


def test_the_page_shows_it_and_sets_the_backup_of_its_own_groups_only(bot, tea):
    client = Client()
    client.force_login(tea[1].account, backend="django.contrib.auth.backends.ModelBackend")
    here = f"/b/tea/connections/{bot.pk}/"
    other, theirs = open_brand("other")
    strange = telegram(other, theirs)
    actions.seat(strange, chat="1", name="别家", community=None, at=AT, by=theirs)
    own = bot.seats.get()

    client.post(f"{here}seats/", {"seat": own.pk, "staff": tea[1].pk})
    refused = [
        client.post(f"{here}seats/", {"seat": strange.seats.get().pk, "staff": tea[1].pk}).status_code,
        client.post(f"{here}seats/", {"seat": own.pk, "staff": theirs.pk}).status_code,
    ]

    own.refresh_from_db()
    assert (own.backup, refused) == (tea[1], [404, 404])
    assert "账号健康" in client.get(here).content.decode()


def test_the_page_asks_as_many_questions_for_ten_groups_as_for_one(bot, tea):
    client = Client()
    client.force_login(tea[1].account, backend="django.contrib.auth.backends.ModelBackend")
    here = f"/b/tea/connections/{bot.pk}/"
    client.get(here)
    with CaptureQueriesContext(database) as one:
        client.get(here)
    for number in range(10):
        actions.seat(bot, chat=f"{number}", name=f"群 {number}", community=None, at=AT, by=tea[1])

    with CaptureQueriesContext(database) as ten:
        client.get(here)

    assert len(ten) == len(one)


def test_a_seat_of_another_connection_is_not_found(bot, tea):
    second = telegram(*tea, token="98:a-secret-of-the-bot")

    with pytest.raises(Missing):
        seat(second, str(bot.seats.get().pk))

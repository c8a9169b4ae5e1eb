"""The pages of platform connections: set one up, see how it is, give groups a home, read again what failed."""

from __future__ import annotations

import pytest
from django.test import Client

from qunying.brands.models import AuditEntry
from qunying.communities.models import Channel, Community
from qunying.connectors import actions
from qunying.connectors.beats import settle_all
from qunying.connectors.live.connector import Payload
from qunying.connectors.models import Connection, Inbound
from qunying.demo.simulators.telegram import Telegram
from qunying.kit.errors import Upstream
from tests.connectors.live.world import AT, GROUP, NOW, open_brand, said, telegram

pytestmark = pytest.mark.django_db
HERE = "/b/tea/connections/"
TOKEN = "99:a-secret-of-the-bot"


@pytest.fixture
def tea():
    return open_brand()


@pytest.fixture
def client(tea):
    client = Client()
    client.force_login(tea[1].account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def bot(tea):
    return telegram(*tea, token=TOKEN)


def page(client: Client, path: str = "") -> str:
    return client.get(f"{HERE}{path}").content.decode()


def test_an_empty_page_says_what_would_be_here_and_lists_what_can_be_connected(client):
    text = page(client)

    assert "还没有接入平台" in text
    assert f"{HERE}new/telegram/" in text


def test_the_address_for_sockets_is_shown_only_where_they_are_opened_to_us(client, settings):
    settings.SOCKETS = "127.0.0.1:8001"
    keys = {"called": "", "number": "10001000", "token": "a-token-both-sides-know"}
    theirs = client.post(f"{HERE}new/onebot/", keys, follow=True).content.decode()
    row = Connection.objects.get()
    behind_tls = client.get(f"{HERE}{row.pk}/", secure=True).content.decode()
    forward = {"number": "10001000", "address": "ws://127.0.0.1:3001", "token": ""}
    client.post(f"{HERE}{row.pk}/keys/", forward)
    ours = page(client, f"{row.pk}/")
    client.post(f"{HERE}{row.pk}/keys/", {**forward, "address": ""})
    theirs_again = page(client, f"{row.pk}/")

    assert f"ws://127.0.0.1:8001/sockets/{row.hook}/" in theirs
    assert f"wss://testserver/sockets/{row.hook}/" in behind_tls
    assert "/sockets/" not in ours
    assert 'value="ws://127.0.0.1:3001"' in ours
    assert "/sockets/" in theirs_again
    assert "a-token-both-sides-know" not in theirs


def test_connecting_keeps_the_secret_and_shows_the_address_to_copy(client):
    answer = client.post(f"{HERE}new/telegram/", {"called": "茶友机器人", "token": TOKEN}, follow=True)
    row = Connection.objects.get()

    text = answer.content.decode()
    assert (row.name, row.account) == ("茶友机器人", "99")
    assert f"/hooks/{row.hook}/" in text
    assert "a-secret-of-the-bot" not in text
    assert "a-secret-of-the-bot" not in str(list(AuditEntry.objects.values_list("before", "after")))


@pytest.mark.parametrize(
    ("token", "said_about_it"),
    [
        ("", "这个字段是必填项"),
        ("nonsense", "“机器人令牌”的格式不对"),
        (f"{TOKEN}\u202e", "“机器人令牌”的格式不对"),
    ],
)
def test_a_key_that_is_missing_or_misshapen_is_said_at_the_form(client, token, said_about_it):
    answer = client.post(f"{HERE}new/telegram/", {"called": "", "token": token})

    assert Connection.objects.count() == 0
    assert said_about_it in answer.content.decode()


def test_an_account_is_connected_once(client, bot):
    answer = client.post(f"{HERE}new/telegram/", {"called": "", "token": TOKEN})

    assert "账号 99 已经接入" in answer.content.decode()
    assert Connection.objects.count() == 1


def test_a_group_gets_its_community_with_one_tap_and_what_came_before_is_read(client, bot):
    actions.hear(bot, [Payload("1", said("早", number=1))], at=AT)
    settle_all()
    before = page(client, f"{bot.pk}/")

    client.post(f"{HERE}{bot.pk}/channels/", {"chat": str(GROUP), "community": ""})
    settle_all()

    assert "茶友福利群" in before
    assert Channel.objects.get().community.name == "茶友福利群"
    assert list(bot.inbound.values_list("state", "facts")) == [("done", 1)]
    assert "这些群还没有归入社群" not in page(client, f"{bot.pk}/")


def test_a_group_goes_to_a_community_of_the_own_brand_only(client, bot, tea):
    other, _chief = open_brand("rival")
    strange = Community.objects.create(brand=other, name="别家", created_at=AT)
    actions.hear(bot, [Payload("1", said("早", number=1))], at=AT)
    settle_all()

    answer = client.post(f"{HERE}{bot.pk}/channels/", {"chat": str(GROUP), "community": strange.pk})

    assert (answer.status_code, Channel.objects.count()) == (404, 0)


def test_what_could_not_be_read_shows_why_and_is_read_again(client, bot):
    actions.hear(bot, [Payload("1", b"broken")], at=AT)
    settle_all()
    shown = page(client, f"{bot.pk}/?state=poison")

    client.post(f"{HERE}{bot.pk}/replay/")

    assert "DecodeError" in shown
    assert Inbound.objects.get().state == "waiting"


def test_looking_at_a_payload_shows_it_as_text_and_is_logged(client, bot):
    actions.hear(bot, [Payload("1", said("<script>alert(1)</script>", number=1, at=NOW))], at=AT)

    answer = client.post(f"{HERE}{bot.pk}/raw/", {"inbound": Inbound.objects.get().pk})

    assert "&lt;script&gt;alert(1)" in answer.content.decode()
    assert AuditEntry.objects.latest("number").deed == "inbound.opened"


def test_the_check_says_what_the_platform_thinks_of_the_keys(client, bot, settings):
    with Telegram(TOKEN, reads_all=False) as platform:
        settings.SIMULATORS = {"api.telegram.org": platform.address}
        good = client.post(f"{HERE}{bot.pk}/check/").content.decode()
        platform.token = "another"
        bad = client.post(f"{HERE}{bot.pk}/check/").content.decode()

    assert ("@tea_bot" in good, "请在 @BotFather 关闭隐私模式" in good) == (True, True)
    assert "Telegram 不认这个令牌" in bad


def test_pausing_and_going_on(client, bot):
    client.post(f"{HERE}{bot.pk}/pause/")
    paused = page(client)
    client.post(f"{HERE}{bot.pk}/pause/", {"undo": "1"})

    assert "已暂停" in paused
    assert Connection.objects.get().is_on


def test_new_keys_of_the_same_bot_are_taken_and_of_another_refused(client, bot):
    client.post(f"{HERE}{bot.pk}/keys/", {"token": "99:another-secret"})
    bot.refresh_from_db()
    refused = client.post(f"{HERE}{bot.pk}/keys/", {"token": "98:of-another-bot"})

    assert actions.keys_of(bot)["token"] == "99:another-secret"
    assert refused.status_code == 409


def test_the_list_asks_as_many_questions_a_connection_for_three_as_for_one(
    client, bot, tea, django_assert_max_num_queries
):
    telegram(*tea, token="98:secret-two")
    telegram(*tea, token="97:secret-three")

    with django_assert_max_num_queries(20):
        page(client)


def test_a_matrix_account_makes_up_its_tokens_and_the_check_shows_the_file_until_all_is_well(
    client, settings
):
    settings.PRIVATE_HOSTS = {"127.0.0.1"}
    keys = {"homeserver": "http://127.0.0.1:9", "user": "@qunying:localhost"}
    client.post(f"{HERE}new/matrix/", {"called": "", **keys})
    row = Connection.objects.get()

    text = client.post(f"{HERE}{row.pk}/check/").content.decode()
    client.post(f"{HERE}{row.pk}/keys/", {**keys, "homeserver": "http://127.0.0.1:10"})
    row.refresh_from_db()

    made = actions.keys_of(row)
    assert f"as_token: &quot;{made['as_token']}&quot;" in text
    assert f"/hooks/{row.hook}&quot;" in text
    assert made["as_token"] not in page(client, f"{row.pk}/")
    assert row.settings == {"homeserver": "http://127.0.0.1:10", "user": "@qunying:localhost"}


def test_a_robots_group_is_named_by_hand(client):
    url = "https://oapi.dingtalk.com/robot/send?access_token=robotkey0001"
    client.post(f"{HERE}new/dingtalk_robot/", {"called": "播报", "webhook": url})
    row = Connection.objects.get()
    before = page(client, f"{row.pk}/")

    client.post(f"{HERE}{row.pk}/channels/", {"name": "茶友群", "community": ""})
    client.post(f"{HERE}{row.pk}/channels/", {"name": "别的群", "community": ""})

    assert "机器人所在的群" in before
    assert "机器人所在的群" not in page(client, f"{row.pk}/")
    assert list(row.seats.values_list("channel__name", "channel__community__name")) == [("茶友群", "茶友群")]
    assert "robotkey0001" not in page(client, f"{row.pk}/")


def test_whoever_does_not_want_to_wait_has_it_tried_again_from_the_page_and_is_logged_once(client, bot):
    before = "立即重试" in page(client, f"{bot.pk}/")
    actions.note_failure(bot, Upstream("connectors.platform_away", host="api.telegram.org"), at=AT)
    shown = client.get(f"{HERE}{bot.pk}/").content.decode()

    answers = {client.post(f"{HERE}{bot.pk}/tries/").status_code for _ in range(2)}

    assert (before, "立即重试" in shown, answers) == (False, True, {302})
    assert AuditEntry.objects.filter(deed="connection.tried").count() == 1
    kept = Connection.objects.get().failure or {}
    assert kept["code"] == "connectors.platform_away"

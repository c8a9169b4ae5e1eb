"""The listener as it runs: threads that hear and speak over one socket, come what may."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from qunying.connectors import actions, listening
from qunying.connectors.listening import listen
from qunying.connectors.models import Connection, Inbound
from qunying.demo.simulators.discord import Discord
from qunying.demo.simulators.onebot import OneBot
from qunying.demo.simulators.telegram import Telegram
from qunying.jobs.actions import database_now
from qunying.outbox import actions as outbox
from qunying.outbox.models import Sending
from tests.connectors.live.onebot_world import GROUP, LIN, OWN, TOKEN
from tests.connectors.live.talks import eventually
from tests.connectors.live.test_discord import TOKEN as DISCORD_TOKEN
from tests.connectors.live.test_discord import caught_up, plug_in
from tests.connectors.live.world import AT, open_brand, said, signed, telegram

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sockets(settings) -> str:
    """Where sockets may be opened to us."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.SOCKETS = f"127.0.0.1:{free.getsockname()[1]}"
    return f"ws://{settings.SOCKETS}"


@pytest.fixture
def client(settings):
    settings.PRIVATE_HOSTS = {"127.0.0.1"}
    with OneBot(OWN, TOKEN) as simulator:
        simulator.open_chat(GROUP, "茶友福利群")
        yield simulator


@contextmanager
def working():
    """A listener at work, in a thread of its own."""
    until = threading.Event()

    def work() -> None:
        listen(until)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        eventually(thread.is_alive)
        yield
    finally:
        until.set()
        thread.join(20)
    assert not thread.is_alive()
    eventually(
        lambda: not [each for each in threading.enumerate() if each.name.startswith(("Talk", "Mouth"))]
    )


@pytest.fixture
def listener(sockets):
    with working():
        yield


def connect(client: OneBot, *, address: str) -> Connection:
    brand, chief = open_brand()
    keys = {"number": str(OWN), "address": address, "token": TOKEN}
    return actions.connect(brand, connector_key="onebot", name="", keys=keys, at=AT, by=chief)


def test_one_socket_hears_and_speaks_is_unplugged_and_plugged_in_again_and_nothing_is_lost(
    client, listener, sockets
):
    row = connect(client, address="")
    client.call(f"{sockets}/sockets/{row.hook}/")
    eventually(lambda: "get_group_msg_history" in client.asked)
    client.say(GROUP, LIN, "林", "早")
    eventually(lambda: Inbound.objects.count() == 1)
    actions.settle(row)
    chief = row.brand.staff.get()
    channel = actions.bind(row, chat=str(GROUP), community=None, at=AT, by=chief)

    client.plugged_in.clear()
    client.hang_up()
    client.say(GROUP, LIN, "林", "有人吗")
    wish = outbox.Wish("message.create", {"text": "在的"})
    sending = outbox.order(channel, wish=wish, key="k", at=database_now())
    time.sleep(0.5)
    away = Sending.objects.get().state
    client.plugged_in.set()
    eventually(lambda: Sending.objects.get().state == "sent")
    eventually(lambda: Inbound.objects.count() == 3)  # ours is heard as well

    assert away in ("queued", "leased")
    assert [name for name, _params in client.deeds] == ["send_group_msg"]
    assert Sending.objects.get(pk=sending.pk).ids == [str(client.messages[-1]["message_id"])]


def test_a_connection_whose_keys_change_is_talked_to_with_the_new_ones(client, listener):
    row = connect(client, address="ws://127.0.0.1:9/")
    eventually(lambda: Connection.objects.get().failure)

    actions.change_keys(
        Connection.objects.get(), keys={"address": client.address}, at=AT, by=row.brand.staff.get()
    )
    eventually(lambda: client.lines and Connection.objects.get().heard_at)

    assert Connection.objects.get().failure is None


def test_one_that_is_paused_is_still_heard_and_says_nothing(client, listener):
    row = connect(client, address=client.address)
    eventually(lambda: "get_group_msg_history" in client.asked)
    chief = row.brand.staff.get()
    channel = actions.bind(row, chat=str(GROUP), community=None, at=AT, by=chief)

    actions.pause(row, at=AT, by=chief)
    eventually(lambda: not [each for each in threading.enumerate() if each.name.startswith("Mouth")])
    outbox.order(channel, wish=outbox.Wish("message.create", {"text": "在的"}), key="k", at=database_now())
    client.say(GROUP, LIN, "林", "有人吗")
    eventually(lambda: Inbound.objects.count() == 1)
    silent = list(client.deeds)
    actions.go_on(row, at=AT, by=chief)
    eventually(lambda: client.deeds)

    assert silent == []


def test_a_listener_that_is_started_again_goes_on_in_the_same_session(settings):
    with Discord(DISCORD_TOKEN) as platform:
        plug_in(settings, platform)
        settings.SOCKETS = ""
        brand, chief = open_brand()
        actions.connect(
            brand, connector_key="discord", name="", keys={"token": DISCORD_TOKEN}, at=AT, by=chief
        )
        with working():
            eventually(lambda: caught_up(platform))
            platform.say(301, "lin", "重启前")
            eventually(lambda: Inbound.objects.count() == 1)
            eventually(lambda: Connection.objects.get().position.split("|")[1:2] == ["3"])
        platform.say(301, "lin", "重启中")
        with working():
            eventually(lambda: Inbound.objects.count() == 2)

    assert (platform.identified, platform.resumed) == (1, 1)


@pytest.mark.parametrize("by", ["a callback", "a person"])
def test_a_platform_that_is_back_is_asked_at_once_when_it_calls_or_somebody_wants_it(
    by, settings, monkeypatch
):
    settings.SOCKETS, settings.SIMULATORS = "", {"api.telegram.org": "http://127.0.0.1:9"}
    monkeypatch.setattr(listening, "FAILED_SECONDS", 300.0)  # as after a long outage
    monkeypatch.setattr(listening, "ROUSED_SECONDS", 0.0)
    bot = telegram(*open_brand(), token="99:a-secret")
    with working(), Telegram("99:a-secret") as platform:
        eventually(lambda: Connection.objects.get().failure)
        settings.SIMULATORS = {"api.telegram.org": platform.address}
        platform.open_chat(-5, "茶友福利群")
        platform.say(-5, 7001, "林", "断线时说的话")
        time.sleep(listening.LOOK_SECONDS * 1.5)
        before = Inbound.objects.count()
        if by == "a callback":
            knocked = Client().post(
                f"/hooks/{bot.hook}/",
                said("来电", number=9),
                content_type="application/json",
                headers=signed(bot),
            )
            assert knocked.status_code == 200
        else:
            actions.try_now(bot, at=AT, by=bot.brand.staff.get())
        eventually(lambda: Inbound.objects.count() == (2 if by == "a callback" else 1))

        assert (before, Connection.objects.get().failure) == (0, None)


def test_while_the_database_is_away_nothing_that_was_read_is_lost_17(client, listener):
    connect(client, address=client.address)
    eventually(lambda: "get_group_msg_history" in client.asked)
    client.say(GROUP, LIN, "林", "之前")
    eventually(lambda: Inbound.objects.count() == 1)

    with database_away():
        for number in range(20):
            client.say(GROUP, LIN, "林", f"第{number}句")
            time.sleep(0.02)
    eventually(lambda: Inbound.objects.count() == 21)

    assert len(client.lines) == 1


@contextmanager
def database_away():
    """Nobody else can write for a moment: on PostgreSQL their connections are cut, on SQLite it is locked."""
    if connection.vendor == "sqlite":
        with transaction.atomic():
            Inbound.objects.update(attempts=0)
            yield
            time.sleep(1)
        return
    with connection.cursor() as cursor:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        for _ in range(3):
            cursor.execute(f"{cut} AND pid <> pg_backend_pid()")
            time.sleep(0.1)
        yield
        cursor.execute(f"{cut} AND pid <> pg_backend_pid()")

"""A new friend is greeted at once, before all else, and once."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections.abc import Callable

import pytest
from django.db import connections
from django.test import Client

from qunying.connectors import actions
from qunying.connectors.actions.welcoming import OP, welcome_for
from qunying.connectors.beats import keep_order
from qunying.connectors.delivering import deliver
from qunying.connectors.live.connector import Payload
from qunying.connectors.live.wecom import WECOM
from qunying.connectors.models import Connection
from qunying.demo.simulators.wecom_corp import Callback
from qunying.jobs.actions import database_now
from qunying.outbox import actions as outbox
from qunying.outbox.models import Sending
from tests.connectors.live.wecom.world import World, simulated
from tests.connectors.live.world import open_brand

pytestmark = pytest.mark.django_db
WORKERS = 6


@pytest.fixture
def platform(settings, world):
    world.seconds = database_now().timestamp()
    with simulated(settings, world) as platform:
        yield platform


def save(world: World, text: str, *, way: str = "", is_on: bool = True) -> None:
    told = {"way": way, "text": text, "is_on": is_on, "at": database_now(), "by": world.chief}
    actions.save_welcome(world.connection, **told)  # type: ignore[arg-type]  # named above


def knock(world: World, callback: Callback) -> int:
    query = "&".join(f"{name}={value}" for name, value in callback.query.items())
    url = f"/hooks/{world.connection.hook}/?{query}"
    return Client().post(url, callback.body, content_type="text/xml").status_code


def arrive(world: World) -> None:
    """What WeCom tells comes in at our door."""
    world.corp.knock(lambda callback: knock(world, callback))


def speak(world: World) -> None:
    deliver(world.connection, world.wire)


def welcomed(world: World) -> list[object]:
    return [told["text"] for told in world.corp.welcomed]


def test_a_new_friend_hears_the_words_of_his_code_and_everybody_else_the_common_ones(world, platform):
    save(world, "欢迎")
    save(world, "货架来的朋友，欢迎", way="qr_shelf_a")
    save(world, "停用的", way="qr_off", is_on=False)
    for number, way in enumerate(("qr_shelf_a", "qr_other", "", "qr_off")):
        world.corp.befriend(f"wmNEW{number}", "新", "kefu01", state=way)
    arrive(world)
    speak(world)

    assert welcomed(world) == [{"content": "货架来的朋友，欢迎"}, {"content": "欢迎"}, {"content": "欢迎"}]


def test_the_welcome_leaves_before_everything_that_waits(world, platform):
    chat = world.corp.open_chat("茶友福利群", "kefu01")
    world.bind(chat)
    save(world, "欢迎")
    channel = world.connection.seats.get(channel__key=chat).channel
    for number in range(5):
        wish = outbox.Wish("message.create", {"text": "活动"}, priority=100)
        outbox.order(channel, wish=wish, key=str(number), at=database_now())
    world.corp.befriend("wmNEW", "新", "kefu01")
    arrive(world)
    speak(world)

    spoke = ("send_welcome_msg", "add_msg_template")
    paths = [name for call in platform.calls if (name := call.path.rsplit("/", 1)[-1]) in spoke]

    assert paths == ["send_welcome_msg"] + ["add_msg_template"] * 5


def test_a_callback_that_comes_three_times_welcomes_once_even_if_the_words_change_meanwhile(world, platform):
    save(world, "欢迎")
    world.corp.befriend("wmNEW", "新", "kefu01")
    waiting = list(world.corp.callbacks)
    for text in ("欢迎", "欢迎你", "你好"):
        world.corp.callbacks = list(waiting)
        arrive(world)
        save(world, text)
    speak(world)
    speak(world)

    assert (welcomed(world), Sending.objects.count()) == ([{"content": "欢迎"}], 1)


def test_a_code_nobody_used_in_time_is_dropped_and_counted_as_is_one_that_wecom_refuses(
    world, platform, client
):
    save(world, "欢迎")
    world.corp.befriend("wmLATE", "新", "kefu01")
    arrive(world)
    Sending.objects.update(expires_at=database_now() - dt.timedelta(seconds=1))
    speak(world)
    keep_order()
    world.corp.befriend("wmGREETED", "新", "kefu01")
    world.corp.welcomes.clear()  # WeCom itself has greeted him
    arrive(world)
    world.corp.befriend("wmGOOD", "新", "kefu01")
    arrive(world)
    speak(world)
    text = client.get(f"/b/tea/connections/{world.connection.pk}/").content.decode()

    assert list(Sending.objects.order_by("pk").values_list("state", "code")) == [
        ("expired", ""),
        ("rejected", "41051"),
        ("sent", ""),
    ]
    assert "已发 1，过期未发 1，平台拒绝 1，结果未知 0" in text
    assert "99% 在 " in text


def test_nobody_is_greeted_without_words_with_words_that_are_off_or_while_the_connection_is_paused(
    world, platform
):
    world.corp.befriend("wm1", "新", "kefu01")
    arrive(world)
    save(world, "欢迎", is_on=False)
    world.corp.befriend("wm2", "新", "kefu01")
    arrive(world)
    save(world, "欢迎")
    actions.pause(world.connection, at=database_now(), by=world.chief)
    world.corp.befriend("wm3", "新", "kefu01")
    arrive(world)

    assert (Sending.objects.count(), world.connection.inbound.count()) == (0, 3)


@pytest.mark.parametrize("body", [b"no xml", b"{}", b"<xml><Event>change_external_contact</Event></xml>"])
def test_what_cannot_be_read_or_brings_no_code_greets_nobody(body):
    assert WECOM.greets is not None
    assert WECOM.greets(body) is None


def test_the_page_saves_replaces_and_deletes_words_and_says_what_is_wrong_with_them(world, client):
    here = f"/b/tea/connections/{world.connection.pk}/"

    def post(**told: str) -> str:
        return str(client.post(f"{here}welcomes/", told, follow=True).content.decode())

    first = post(way="", text="欢迎", is_on="1")
    post(way="", text="<b>你好</b>")
    rows = [(row.way, row.text, row.is_on) for row in world.connection.welcomes.all()]
    shown = client.get(here).content.decode()
    wrong = [post(way="", text=""), post(way="", text="茶" * 1334), post(way="s" * 31, text="好")]
    row = world.connection.welcomes.get()
    client.post(f"{here}welcomes/{row.pk}/removal/")

    assert "欢迎语已保存" in first
    assert (rows, "&lt;b&gt;你好&lt;/b&gt;" in shown) == ([("", "<b>你好</b>", False)], True)
    assert ["请填写欢迎语" in wrong[0], "最多 4000 字节" in wrong[1], "最多 30 个字" in wrong[2]] == [
        True
    ] * 3
    assert (row.text, world.connection.welcomes.count()) == ("<b>你好</b>", 0)


def race(one: Callable[[], object]) -> None:
    gate = threading.Barrier(WORKERS)

    def run() -> None:
        gate.wait()
        try:
            one()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def callback_of(world: World) -> Payload:
    world.corp.befriend("wmNEW", "新", "kefu01")
    return Payload("one", world.corp.callbacks.pop())


@pytest.mark.django_db(transaction=True)
def test_workers_that_hear_the_same_code_at_once_greet_once(settings):
    world = World(*open_brand())
    save(world, "欢迎")
    payload = callback_of(world)
    race(lambda: actions.greet(world.connection, [payload], at=database_now()))

    assert Sending.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_only_looks_whether_somebody_greeted_greets_twice():
    """The broken twin: looked for and then written, under a key of its own."""
    world = World(*open_brand())
    save(world, "欢迎")
    payload = callback_of(world)
    looked = threading.Barrier(WORKERS)

    def one() -> None:
        assert WECOM.greets is not None
        greeting, row = WECOM.greets(payload.body), Connection.objects.get()
        assert greeting is not None
        is_new = not Sending.objects.filter(op=OP, target=greeting.code).exists()
        looked.wait()
        words = welcome_for(row, greeting.way)
        if is_new and words is not None:
            channel = row.seats.get().channel
            wish = outbox.Wish(OP, {"text": words.text}, target=greeting.code)
            outbox.order(channel, wish=wish, key=secrets.token_hex(8), at=database_now())

    race(one)

    assert Sending.objects.count() > 1

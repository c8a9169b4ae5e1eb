"""Nothing is acknowledged before it is stored, nothing is read twice, and what cannot be read stands aside with its
reason. Numbers in brackets are the cases of reliability.md §3."""

from __future__ import annotations

import datetime as dt
import io
import logging

import pytest
from django.test import Client

from qunying.brands import vault
from qunying.communities.models import Channel, Community, Message
from qunying.connectors import actions
from qunying.connectors.actions import hearing
from qunying.connectors.beats import settle_all
from qunying.connectors.incoming import Options
from qunying.connectors.live.connector import Payload
from qunying.connectors.models import Connection, Inbound
from qunying.facts.models import Fact
from qunying.kit import catalog
from qunying.kit.errors import Invalid
from qunying.kit.logs import HideDoors
from qunying.members.actions import erase
from qunying.members.models import Member
from qunying.outbox.actions import Wish, order
from qunying.outbox.models import Sending
from tests.connectors.live.world import AT, GROUP, NOW, open_brand, said, signed, telegram

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea():
    return open_brand()


@pytest.fixture
def bot(tea):
    return telegram(*tea)


@pytest.fixture
def odd():
    """The catalogue with a platform from outside."""
    apps = catalog.apps()
    catalog.announce([*apps, "tests.connectors.odd"])
    yield
    catalog.announce(apps)


@pytest.fixture
def bound(bot, tea):
    """The bot's group belongs to a community."""
    actions.hear(bot, [Payload("first", said("早", number=1))], at=AT)
    actions.settle(bot)
    return actions.bind(bot, chat=str(GROUP), community=None, at=AT, by=tea[1])


def knock(bot: Connection, body: bytes, **headers: str):
    return Client().post(
        f"/hooks/{bot.hook}/", body, content_type="application/json", headers=headers or signed(bot)
    )


def states(bot: Connection) -> list[tuple[str, int]]:
    return list(bot.inbound.order_by("pk").values_list("state", "facts"))


def texts() -> list[str]:
    return list(Message.objects.order_by("sent_at", "pk").values_list("text", flat=True))


def test_a_message_that_arrives_becomes_a_fact_and_a_number(bot, bound):
    answer = knock(bot, said("今天喝岩茶", number=2, at=NOW + 60))
    stored = states(bot)
    settle_all()

    assert (answer.status_code, answer.content) == (200, b"")
    assert stored == [("waiting", 0), ("waiting", 0)]
    assert states(bot) == [("done", 1), ("done", 1)]
    assert texts() == ["早", "今天喝岩茶"]


def test_the_same_delivery_a_thousand_times_is_stored_once_8_21(bot, bound):
    answers = {knock(bot, said("早", number=1)).status_code for _ in range(20)}
    actions.hear(bot, [Payload("#1", said("早", number=1))] * 980, at=AT)
    settle_all()

    assert answers == {200}
    assert bot.inbound.count() == 2  # the one that bound the group came under a name of its own
    assert Fact.objects.count() == 1


def test_a_wrong_or_missing_signature_is_refused_before_anything_is_read_20(bot):
    broken = b"\xff not even json"
    answers = [
        knock(bot, broken, **{"X-Telegram-Bot-Api-Secret-Token": given}).status_code
        for given in ("", "wrong", "é" * 10, "x" * 100_000)
    ]

    assert answers == [401, 401, 401, 401]
    assert Inbound.objects.count() == 0


def test_a_door_that_does_not_exist_says_nothing(bot):
    assert Client().post("/hooks/nobody/", b"{}", content_type="application/json").status_code == 404


def test_more_than_a_megabyte_is_refused_and_nothing_is_stored_3(bot):
    assert knock(bot, b"x" * (1024 * 1024 + 1)).status_code == 413
    assert Inbound.objects.count() == 0


def test_a_body_that_does_not_say_how_long_it_is_is_refused_instead_of_read_as_empty(bot):
    answer = knock(bot, said("早", number=1), **signed(bot), **{"Content-Length": ""})

    assert (answer.status_code, answer.json()["code"]) == (411, "connectors.no_length")


def test_words_of_a_group_without_a_community_are_held_and_read_once_it_has_one_15(bot, tea):
    for number in (1, 2):
        knock(bot, said(f"第{number}句", number=number, at=NOW + number))
    settle_all()
    held = list(bot.inbound.values_list("state", "chat", "chat_name").distinct())
    nothing = Fact.objects.count()

    actions.bind(bot, chat=str(GROUP), community=None, at=AT, by=tea[1])
    settle_all()

    assert held == [("held", str(GROUP), "茶友福利群")]
    assert nothing == 0
    assert texts() == ["第1句", "第2句"]
    assert list(Channel.objects.values_list("platform", "key", "community__name")) == [
        ("telegram", str(GROUP), "茶友福利群")
    ]


def held_unseen(row, strange):
    """The twin: what it saw a moment ago is true for ever."""
    Inbound.objects.filter(pk=row.pk).update(state="held", platform=strange.platform, chat=strange.key)
    return True


@pytest.mark.parametrize("looks_again", [True, pytest.param(False, id="broken")])
def test_a_word_read_in_the_moment_its_group_is_bound_is_not_held_for_ever(
    bot, tea, monkeypatch, looks_again
):
    knock(bot, said("早", number=1))
    unbound = hearing._unbound

    def slow(connection, entries):
        found = unbound(connection, entries)
        if found is not None:
            actions.bind(bot, chat=str(GROUP), community=None, at=AT, by=tea[1])
        return found

    monkeypatch.setattr(hearing, "_unbound", slow)
    if not looks_again:
        monkeypatch.setattr(hearing, "_hold", held_unseen)
    settle_all()
    settle_all()

    assert (texts() == ["早"]) == looks_again


def test_a_payload_nobody_can_read_stands_aside_and_the_line_moves_on_19(bot, bound):
    knock(bot, b"not json")
    knock(bot, said("后面的话", number=3, at=NOW + 9))
    settle_all()

    assert [state for state, _facts in states(bot)] == ["done", "poison", "done"]
    assert "DecodeError" in bot.inbound.get(state="poison").reason
    assert texts() == ["早", "后面的话"]


def test_a_payload_that_breaks_the_intake_is_tried_five_times_then_set_aside_19(tea, odd):
    brand, chief = tea
    strange = actions.connect(brand, connector_key="odd", name="", keys={}, at=AT, by=chief)
    said_there = ["1|早", "2|坏的", "3|好的"]
    actions.hear(strange, [Payload(words, f"g|{words}".encode()) for words in said_there], at=AT)
    actions.settle(strange)
    actions.bind(strange, chat="g", community=None, at=AT, by=chief)

    tries = [states(strange) for _ in range(5) if actions.settle(strange)]

    broken = strange.inbound.get(state="poison")
    assert [states[1][0] for states in tries] == ["waiting"] * 4 + ["poison"]
    assert (broken.attempts, broken.facts) == (5, 0)
    assert texts() == ["早", "好的"]
    assert Fact.objects.count() == 2


def test_replaying_everything_changes_no_number(bot, bound, tea):
    knock(bot, said("今天喝岩茶", number=2, at=NOW + 60))
    settle_all()
    before = list(Fact.objects.order_by("pk").values())

    count = actions.replay(bot, rows=list(bot.inbound.values_list("pk", flat=True)), at=AT, by=tea[1])
    settle_all()

    assert count == 2
    assert list(Fact.objects.order_by("pk").values()) == before


def test_a_time_more_than_a_day_ahead_or_of_1970_is_set_aside_with_the_reason_12_14(bot, bound):
    ahead = int(AT.timestamp()) + 2 * 86_400
    for number, at in ((6, ahead), (7, 5)):
        actions.hear(bot, [Payload(str(number), said("何时", number=number, at=at))], at=AT)
    settle_all()

    assert [(state, facts) for state, facts in states(bot)][1:] == [("poison", 0), ("poison", 0)]
    assert set(bot.inbound.filter(state="poison").values_list("reason", flat=True)) == {"time out of range"}


def test_words_spoken_live_and_the_same_words_in_an_imported_file_count_once(bot, bound, tea, tmp_path):
    path = tmp_path / "result.json"
    path.write_text(
        '{"name": "茶友福利群", "type": "private_supergroup", "id": 1900000001, "messages": [{"id": 1, "type":'
        ' "message", "date": "2025-03-01T08:00:00", "date_unixtime": "1740787200", "from": "群友7001", "from_id":'
        ' "user7001", "text": "早", "text_entities": []}]}',
        "utf-8",
    )
    settle_all()
    actions.take_files(tea[0], [path], order=actions.Order(Options()), at=AT)

    assert Fact.objects.count() == 1
    assert Community.objects.count() == 1


def test_keys_are_kept_sealed_and_open_only_for_their_brand_and_purpose(bot, tea):
    other, _chief = open_brand("rival")
    row = Connection.objects.get()

    assert b"a-secret" not in bytes(row.secrets)
    assert row.settings == {}
    assert actions.keys_of(row) == {"token": "99:a-secret-of-the-bot"}
    for brand, about in ((other, "connection telegram"), (tea[0], "inbound")):
        with pytest.raises(Invalid, match="not_sealed_here"):
            vault.unseal(brand, bytes(row.secrets), about=about)


def test_what_was_said_is_kept_sealed(bot, bound):
    assert all("早".encode() not in bytes(row.body) for row in Inbound.objects.all())
    assert actions.opened(Inbound.objects.get()) == said("早", number=1)


def test_raw_payloads_go_after_their_time_and_the_numbers_stand(bot, bound, tea):
    settle_all()

    gone = actions.forget_raw(tea[0], at=AT + dt.timedelta(days=31))

    assert (gone, Inbound.objects.count(), Fact.objects.count()) == (1, 0, 1)


def test_an_erased_person_is_in_no_payload_and_no_sending_and_the_numbers_stand(bot, bound, tea):
    knock(bot, said("大家好", number=2, at=NOW + 60, who=7002))
    settle_all()
    goer = Member.objects.get(identities__value="7002")
    wish = Wish("message.create", {"text": "欢迎群友7002！"})
    order(bot.seats.get().channel, wish=wish, key="welcome", at=AT)

    erase(goer, at=AT, by=tea[1])

    assert [actions.opened(row) for row in Inbound.objects.all()] == [said("早", number=1)]
    assert Sending.objects.get().params == {"text": "欢迎▇！"}
    assert Fact.objects.count() == 2


def test_the_address_of_a_connection_reaches_no_log(bot, caplog):
    handler = logging.StreamHandler(written := io.StringIO())
    handler.addFilter(HideDoors())
    logging.getLogger("django.request").addHandler(handler)
    try:
        knock(bot, b"{}", **{"X-Telegram-Bot-Api-Secret-Token": "wrong"})
    finally:
        logging.getLogger("django.request").removeHandler(handler)

    assert "/hooks/…" in written.getvalue()
    assert bot.hook not in written.getvalue()

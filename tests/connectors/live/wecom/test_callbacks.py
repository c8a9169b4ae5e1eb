"""WeCom's callbacks, each written out by hand as what it must become."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from qunying.communities.fact_kinds import CONTACT_ADDED, CONTACT_LOST
from qunying.connectors import actions
from qunying.connectors.beats import settle_all
from qunying.connectors.incoming import Act, Chat, Entry, Person
from qunying.connectors.live.connector import Heard, Knock, Payload, Unsigned
from qunying.connectors.live.wecom import WECOM
from qunying.connectors.live.wecom.crypto import sign
from qunying.connectors.models import Inbound
from qunying.demo.simulators.wecom_corp import Callback, Corporation
from qunying.facts.models import Fact
from qunying.jobs.actions import database_now
from tests.connectors.live.wecom.world import AES_KEY, CORP, KEYS, QING, TOKEN, connect
from tests.connectors.live.world import AT, open_brand

WIRE = Path(__file__).parents[3] / "samples" / "wire"
PLAIN = [json.loads(line) for line in (WIRE / "wecom_callbacks_plain.jsonl").read_text("utf-8").splitlines()]
ENVELOPE = json.loads((WIRE / "wecom_callback_envelope.json").read_bytes())
NOW = 1_740_787_200_000
FRIENDS = Chat(f"contacts.{CORP}", "企业微信客户联系", "wecom", "dm")
CUSTOMER = Person(QING, "wecom.external_userid", "", QING)
EMPLOYEE = Person("kefu01", "wecom.userid", "", "kefu01", is_staff=True)
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>
<xml><Event>change_external_contact</Event><State>&b;</State></xml>"""

WANTED: dict[str, list[Entry]] = {
    "contact_add": [
        FRIENDS,
        CUSTOMER,
        EMPLOYEE,
        Act("contact_add", NOW, QING, other="kefu01", source="qr_shelf_a"),
    ],
    "contact_del_by_staff": [
        FRIENDS,
        CUSTOMER,
        EMPLOYEE,
        Act("contact_loss", NOW, QING, other="kefu01", value=0),
    ],
    "contact_del_by_customer": [
        FRIENDS,
        CUSTOMER,
        EMPLOYEE,
        Act("contact_loss", NOW, QING, other="kefu01", value=1),
    ],
}
SILENT = {
    *("contact_half", "contact_edit", "transfer_fail", "tag_create", "acq_low", "acq_first_msg"),
    *("msgaudit_notify", "kf_msg"),
    # Hints: the look at the group tells who came and went.
    *(
        "chat_create",
        "chat_add_member",
        "chat_del_member",
        "chat_owner",
        "chat_name",
        "chat_notice",
        "chat_dismiss",
    ),
}


def knock(callback: Callback, *, at: int = NOW, method: str = "POST") -> Heard:
    assert WECOM.hook is not None
    return WECOM.hook(KEYS, Knock(method, callback.query, {}, callback.body, at))


def refused(callback: Callback, *, at: int = NOW) -> tuple[str, int]:
    with pytest.raises(Unsigned) as error:
        knock(callback, at=at)
    return error.value.code, error.value.status


def corporation() -> Corporation:
    return Corporation(CORP, TOKEN, AES_KEY, clock=lambda: NOW / 1000)


def errands(heard: Heard) -> list[tuple[int, dict[str, object]]]:
    """(seconds from now, what is to be done) of the notes of a callback."""
    return [
        ((int(key.split(":")[1]) - NOW) // 1000, json.loads(body))
        for key, body in sorted(heard.notes.items())
    ]


def test_every_kind_of_callback_reads_as_written_out_by_hand():
    told = {sample["name"]: list(WECOM.decode(sample["xml"].encode(), 0)) for sample in PLAIN}

    assert told == {**{name: [] for name in SILENT}, **WANTED}
    assert len(told) == 18


def test_the_envelope_opens_is_kept_as_it_was_and_answered_with_success():
    plain = next(sample["xml"] for sample in PLAIN if sample["name"] == ENVELOPE["plain_name"])
    heard = knock(Callback(ENVELOPE["query"], ENVELOPE["body"].encode()))

    assert [payload.body.decode() for payload in heard.payloads] == [plain]
    assert heard.reply == b"success"


def test_a_change_of_a_group_sends_us_to_look_at_it_soon_and_once_more():
    corp = corporation()
    plain = {sample["name"]: sample["xml"].encode() for sample in PLAIN}
    came, went = (errands(knock(corp.sealed(plain[name]))) for name in ("chat_add_member", "chat_del_member"))
    look = {"look": "chat", "chat": "wrCMKT0000000000000000000001"}

    assert came == [(seconds, look | {"version": f"{11:032x}"}) for seconds in (3, 30)]
    gone = {"wmCMKT000000000000000000000002": [NOW, True]}
    assert went == [(seconds, look | {"version": f"{12:032x}", "gone": gone}) for seconds in (3, 30)]


def test_a_burst_of_changes_of_one_group_is_looked_at_a_few_times_only():
    corp = corporation()
    xml = next(sample["xml"] for sample in PLAIN if sample["name"] == "chat_name")
    found: set[str] = set()
    for second in range(6):
        message = xml.replace("1740787200", str(1_740_787_200 + second)).encode()
        found |= knock(corp.sealed(message), at=NOW + second * 1000).notes.keys()

    assert len(found) == 6


@pytest.mark.django_db
def test_the_address_check_is_answered_with_the_bare_secret_and_stores_nothing():
    bot = connect(*open_brand())
    corp = Corporation(CORP, TOKEN, AES_KEY, clock=moment)
    sealed = corp.sealed(b"6123450987654321")
    inside = sealed.body.decode().split("<Encrypt><![CDATA[")[1].split("]]>")[0]

    answer = Client().get(f"/hooks/{bot.hook}/", {**sealed.query, "echostr": inside})

    assert (answer.status_code, answer.content) == (200, b"6123450987654321")
    assert Inbound.objects.count() == 0


def moment() -> float:
    """The database's clock, which the door uses."""
    return database_now().timestamp()


@pytest.mark.django_db
def test_a_friend_won_and_lost_becomes_facts_once_however_often_the_callback_comes():
    brand, chief = open_brand()
    bot = connect(brand, chief)
    corp = Corporation(CORP, TOKEN, AES_KEY, clock=moment)
    door = Client()

    def post(callback: Callback) -> int:
        query = "&".join(f"{name}={value}" for name, value in callback.query.items())
        body = callback.body
        return door.post(f"/hooks/{bot.hook}/?{query}", body, content_type="text/xml").status_code

    def late(callback: Callback) -> int:
        """It arrives, but the answer gets lost, so it comes three times."""
        return min(post(callback), 0)

    corp.befriend(QING, "阿青", "kefu01", state="qr_shelf_a")
    corp.part(QING, "kefu01", by_customer=True)
    corp.knock(late)
    settle_all()
    actions.bind(bot, chat=FRIENDS.key, community=None, at=AT, by=chief)
    settle_all()
    settle_all()

    kinds = list(Fact.objects.order_by("kind").values_list("kind", "value"))
    assert [kind for kind, _value in kinds] == [CONTACT_ADDED, CONTACT_LOST]
    assert kinds[1][1] == 1
    assert set(bot.inbound.values_list("state", "facts")) == {("done", 1)}


def test_the_wrong_corporation_bad_padding_and_a_wrong_signature_get_one_and_the_same_refusal_26():
    corp = corporation()
    good = corp.sealed(b"<xml></xml>")
    body = good.body.decode()
    inside = body.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    cut = inside[:-44] + "="  # no whole block any more
    query = dict(good.query)
    broken = {**query, "msg_signature": sign(TOKEN, query["timestamp"], query["nonce"], cut)}
    cases = [
        corp.sealed(b"<xml></xml>", corp="wwother"),
        Callback(broken, body.replace(inside, cut).encode()),
        Callback({**query, "msg_signature": "0" * 40}, good.body),
        Callback({}, good.body),
        Callback(query, b""),
        Callback(query, b"\xff\x00" * 100),
        Callback(query, b"<xml><Encrypt>" + b"<Encrypt>" * 1000),
    ]

    assert {refused(case) for case in cases} == {("connectors.bad_signature", 401)}


def test_a_callback_that_was_recorded_and_comes_again_much_later_is_refused():
    good = corporation().sealed(b"<xml></xml>")

    assert [refused(good, at=NOW + ms) for ms in (301_000, -301_000)] == [("connectors.stale", 401)] * 2
    assert knock(good, at=NOW + 299_000).payloads != ()
    assert {refused(signed_at(stamp)) for stamp in ("", "9" * 5000, "soon")} == {("connectors.stale", 401)}


def signed_at(stamp: str) -> Callback:
    """A callback that is signed over a time that is none."""
    query = {"msg_signature": sign(TOKEN, stamp, "n", "AAAA"), "timestamp": stamp, "nonce": "n"}
    return Callback(query, b"<xml><Encrypt>AAAA</Encrypt></xml>")


@pytest.mark.django_db
@pytest.mark.parametrize("body", [BOMB, b"no xml at all", b"<xml><Event>change_external_contact</Event>"])
def test_what_is_signed_but_cannot_be_read_is_kept_aside(body):
    bot = connect(*open_brand())
    heard = knock(corporation().sealed(body))
    actions.hear(bot, heard.payloads, at=AT, notes=heard.notes)
    actions.hear(bot, [Payload("good", PLAIN[2]["xml"].encode())], at=AT)
    settle_all()

    assert heard.notes == {}
    assert list(bot.inbound.order_by("pk").values_list("state", flat=True)) == ["poison", "done"]

"""What we do on WeCom, carried out by the outbox against a corporation that lives."""

from __future__ import annotations

import pytest

from qunying.connectors.composing import PICTURE
from qunying.connectors.delivering import deliver
from qunying.connectors.live.connector import Action, Means
from qunying.connectors.live.wecom import WECOM
from qunying.connectors.live.wecom.client import HOST
from qunying.connectors.live.wecom.deeds import DEEDS
from qunying.connectors.live.wecom.receipts import Fate, Receipt, results, summed
from qunying.connectors.live.wire import KeyRefused, Wire
from qunying.demo.simulators.server import Reply
from qunying.jobs.actions import database_now
from qunying.kit.errors import Invalid
from qunying.outbox import actions as outbox
from qunying.outbox.models import Bucket, Sending
from qunying.outbox.outcomes import Outcome, Result
from tests.connectors.live.wecom.world import KEYS, LAN, QING, World, simulated
from tests.connectors.live.world import open_brand

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World(*open_brand())


@pytest.fixture
def platform(settings, world):
    with simulated(settings, world) as platform:
        yield platform


@pytest.fixture
def chat(world, platform):
    """A group that belongs to a community; its owner's friends are 阿青 and 小兰."""
    chat = world.corp.open_chat("茶友福利群", "kefu01")
    for who, name in ((QING, "阿青"), (LAN, "小兰")):
        world.corp.befriend(who, name, "kefu01")
    world.corp.callbacks.clear()
    world.bind(chat)
    return chat


def send(world: World, chat: str, op: str, *, target: str = "", **params: object) -> Sending:
    """Order it and let the outbox carry it out."""
    channel = world.connection.seats.get(channel__key=chat).channel
    key = f"{op}{Sending.objects.count()}"
    row = outbox.order(
        channel,
        wish=outbox.Wish(op, params, target=target, is_unsolicited="customers" not in params),
        key=key,
        at=database_now(),
    )
    deliver(world.connection, world.wire)
    row.refresh_from_db()
    return row


def told(row: Sending) -> tuple[str, str, str]:
    return str(row.state), row.code, row.words


def perform(world: World, op: str, *, target: str = "", chat: str = "", **params: object) -> Outcome:
    assert WECOM.perform is not None
    return WECOM.perform(world.wire, Action(op, chat, target, params, "w"))


def test_every_deed_is_declared_and_every_declared_deed_can_be_done():
    declared = {op for op, ability in WECOM.abilities.items() if ability.means != Means.NONE}

    ours = {op for op in declared if not op.startswith("hear.")} - {PICTURE}  # it goes with a message

    assert ours == set(DEEDS)
    assert WECOM.dedupes == {"code.change", "tag.mark"}


def test_words_for_a_group_wait_until_its_owner_taps_and_then_are_there(world, platform, chat):
    row = send(world, chat, "message.create", text="今晚八点开奖")
    before = summed(list(results(world.wire, row.handle)), row.handle)
    world.corp.tap(row.handle)
    after = summed(list(results(world.wire, row.handle)), row.handle)

    assert (row.state, row.who, world.corp.masses[row.handle].text) == ("pending", "kefu01", "今晚八点开奖")
    assert (before.result, before.who) == (Result.PENDING, "kefu01")
    assert (after.result, after.words) == (Result.SENT, "已送达 1 / 1")


def test_a_mass_sending_says_of_each_customer_what_became_of_it(world, platform, chat):
    world.corp.quota = 1
    first = send(world, chat, "mass.create", text="一", customers=[QING], sender="kefu01")
    world.corp.tap(first.handle)
    row = send(world, chat, "mass.create", text="二", customers=[QING, LAN, "wmSTRANGER"], sender="kefu01")
    world.corp.part(LAN, "kefu01", by_customer=True)
    world.corp.tap(row.handle)
    receipts = list(results(world.wire, row.handle))
    outcome = summed(receipts, row.handle)

    assert str(row.words) == "1 个不能送达"
    assert receipts == [
        Receipt(QING, "kefu01", Fate.OVER_QUOTA, int(world.seconds)),
        Receipt(LAN, "kefu01", Fate.NO_FRIEND, int(world.seconds)),
    ]
    assert (outcome.result, outcome.code) == (Result.REJECTED, "no_friend")
    assert outcome.words == "已送达 0 / 2；已不是好友 1；本期群发次数已用完 1"


def test_results_that_fill_many_pages_are_all_read(world, platform, chat):
    platform.page = 1
    row = send(world, chat, "mass.create", text="二", customers=[QING, LAN], sender="kefu01")

    assert [receipt.to for receipt in results(world.wire, row.handle)] == [QING, LAN]


def test_words_that_reach_nobody_are_rejected(world, platform, chat):
    row = send(world, chat, "mass.create", text="二", customers=["wmSTRANGER"], sender="kefu01")

    assert told(row) == ("rejected", "fail_list", "没有一个可以送达：好友关系或群主不符。")


def test_an_employee_can_be_reminded_three_times_and_a_sending_taken_back_before_the_tap(
    world, platform, chat
):
    row = send(world, chat, "message.create", text="话")
    reminded = [send(world, chat, "mass.remind", target=row.handle).state for _time in range(3)]
    fourth = perform(world, "mass.remind", target=row.handle)
    cancelled = send(world, chat, "mass.cancel", target=row.handle).state
    world.corp.tap(row.handle)

    assert (reminded, cancelled) == (["sent"] * 3, "sent")
    assert (fourth.result, fourth.retry_seconds) == (Result.THROTTLED, 60)
    assert list(results(world.wire, row.handle)) == []
    assert perform(world, "mass.cancel", target="msgNOBODY").code == "41048"


def test_a_welcome_is_said_once_and_within_twenty_seconds(world, platform, chat):
    quick, slow = (world.corp.befriend(f"wmNEW{number}", "新", "kefu01") for number in range(2))
    world.wait(19)
    said = send(world, chat, "welcome.send", target=quick, text="欢迎来到茶友会")
    again = send(world, chat, "welcome.send", target=quick, text="again")
    world.wait(2)
    late = send(world, chat, "welcome.send", target=slow, text="晚了")

    assert told(said) == ("sent", "", "")
    assert told(again)[:2] == ("rejected", "41051")
    assert told(late) == ("rejected", "41050", "欢迎语凭证已过期：须在客户添加后 20 秒内发送。")
    assert [each["text"] for each in world.corp.welcomed] == [{"content": "欢迎来到茶友会"}]


def test_tags_are_put_on_and_taken_off(world, platform, chat):
    world.corp.tags |= {"et1": ("生命周期", "活跃"), "et2": ("生命周期", "沉睡")}
    send(world, chat, "tag.mark", target=QING, employee="kefu01", add=["et1"])
    send(world, chat, "tag.mark", target=QING, employee="kefu01", add=["et2"], remove=["et1"])
    stranger = send(world, chat, "tag.mark", target="wmSTRANGER", employee="kefu01", add=["et2"])

    tags = world.corp.friends[QING]["follow"]["kefu01"]["tags"]
    assert tags == [{"group_name": "生命周期", "tag_name": "沉睡", "tag_id": "et2", "type": 1}]
    assert told(stranger)[:2] == ("rejected", "84061")


def test_codes_are_made_turned_to_other_groups_and_dropped(world, platform, chat):
    joining = send(
        world, chat, "code.create", kind="group", state="grp_qr_a", chats=[chat], new_chats="茶友福利群"
    )
    adding = send(world, chat, "code.create", kind="contact", state="qr_shelf_a", employees=["kefu01"])
    code = joining.ids[0]
    other = world.corp.open_chat("茶友二群", "kefu01")
    send(world, chat, "code.change", target=code, kind="group", state="grp_qr_a", chats=[other])
    dropped = send(world, chat, "code.delete", target=adding.ids[0], kind="contact")

    assert joining.ids == [code, f"https://wework.qpic.cn/{code}"]
    assert (dropped.state, list(world.corp.codes)) == ("sent", [code])
    assert {name: world.corp.codes[code][name] for name in ("state", "chat_id_list")} == {
        "state": "grp_qr_a",
        "chat_id_list": [other],
    }


@pytest.mark.parametrize(
    ("op", "params"),
    [
        ("message.create", {"text": "茶" * 1334}),
        ("message.create", {"text": "话", "attachments": [{}] * 10}),
        ("mass.create", {"text": "话", "chats": ["wr"] * 2001}),
        ("code.create", {"kind": "contact", "state": "s" * 31, "employees": ["kefu01"]}),
        ("code.create", {"kind": "contact", "state": "s", "employees": ["kefu01"] * 101}),
        ("code.create", {"kind": "group", "state": "s", "chats": ["wr"] * 6}),
    ],
)
def test_more_than_wecom_takes_is_refused_before_it_leaves(world, platform, chat, op, params):
    calls = len(platform.calls)

    with pytest.raises(Invalid, match="too_much"):
        perform(world, op, chat=chat, **{"sender": "kefu01", **params})
    assert len(platform.calls) == calls


def test_a_token_that_runs_out_is_renewed_once_and_a_wrong_secret_costs_no_message(world, platform, chat):
    first = send(world, chat, "message.create", text="一")
    platform.expire_tokens()
    second = send(world, chat, "message.create", text="二")
    platform.plant("add_msg_template", 42001, times=2)
    third = send(world, chat, "message.create", text="三")
    world.wire = Wire({**KEYS, "secret": "WRONG"}, (HOST,), clock=world.clock)
    with pytest.raises(KeyRefused, match="invalid credential"):
        send(world, chat, "message.create", text="四")

    fourth = Sending.objects.latest("pk")
    assert (first.state, second.state, third.state) == ("pending", "pending", "rejected")
    assert sum(call.path.endswith("gettoken") for call in platform.calls) == 4
    assert (fourth.state, fourth.attempts) == ("queued", 0)


def test_a_shut_call_rests_for_a_minute_and_if_shut_again_for_an_hour(world, platform, chat):
    platform.plant("mark_tag", 45009, times=2)
    platform.plant("mark_tag", 45033)

    def mark() -> tuple[Result, float]:
        outcome = perform(world, "tag.mark", target=QING, employee="kefu01")
        return outcome.result, outcome.retry_seconds

    first, still = mark(), mark()
    world.wait(61)
    again = mark()
    world.wait(3601)
    crowded, free = mark(), mark()

    assert [first, still, again] == [(Result.THROTTLED, 60), (Result.THROTTLED, 60), (Result.THROTTLED, 3600)]
    assert [crowded, free] == [(Result.THROTTLED, 1), (Result.SENT, 0)]
    assert sum(call.path.endswith("mark_tag") for call in platform.calls) == 4


@pytest.mark.parametrize("fault", ["gone", "busy", "broken", "500"])
def test_a_mass_sending_without_a_clear_answer_is_never_ordered_twice_79(world, platform, chat, fault):
    def strike(call):
        if not call.path.endswith("add_msg_template"):
            platform.faults.append(strike)
            return None
        platform.answer(call)
        return {
            "gone": Reply(hangs_up=True),
            "busy": Reply({"errcode": -1, "errmsg": "system busy"}),
            "broken": Reply(b"<html>"),
            "500": Reply({"errcode": 0, "errmsg": "ok"}, 502),
        }[fault]

    platform.faults.append(strike)
    row = send(world, chat, "message.create", text="抽奖结果")
    platform.faults.clear()
    for _time in range(2):
        Sending.objects.update(retry_at=None)
        Bucket.objects.update(shut_until=None)
        deliver(world.connection, world.wire)

    row.refresh_from_db()
    assert (row.state, len(world.corp.masses)) == ("unknown", 1)


def test_no_secret_stands_in_any_refusal(world, platform, chat):
    world.wire = Wire({**KEYS, "secret": "A-VERY-SECRET"}, (HOST,), clock=world.clock)
    with pytest.raises(KeyRefused) as refused:
        send(world, chat, "message.create", text="四")
    lines = [str(line.words) for line in WECOM.check(world.wire)]

    assert "A-VERY-SECRET" not in " ".join([str(refused.value), *lines])


def test_the_check_says_what_is_wrong_and_what_to_do(world, platform, chat, settings):
    def looked(wire: Wire = world.wire) -> list[tuple[str, bool, str]]:
        return [(str(line.label), line.is_good, str(line.words)) for line in WECOM.check(wire)]

    good = looked()
    platform.plant("get_follow_user_list", 60020)
    stranger = looked()
    platform.plant("groupchat/list", 48002)
    forbidden = looked()
    platform.plant("groupchat/list", 81017)
    many = looked()
    wrong = looked(Wire({**KEYS, "secret": "WRONG"}, (HOST,), clock=world.clock))
    world.corp.employees.clear()
    nobody = looked()
    settings.SIMULATORS = {HOST: "http://127.0.0.1:9"}
    away = looked(Wire(KEYS, (HOST,), clock=world.clock))

    assert good == many == [("企业ID与Secret", True, ""), ("客户联系权限", True, ""), ("客户群", True, "")]
    assert stranger[1][1:] == (False, "本机地址不在应用的“企业可信IP”中，请在企业微信管理后台添加。")
    assert forbidden[2][2].startswith("应用没有这项权限")
    assert [line[1] for line in (wrong[0], away[0])] == [False, False]
    assert "40001" in wrong[0][2]
    assert nobody[1][2].startswith("没有员工开通客户联系")

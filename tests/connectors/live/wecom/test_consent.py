"""Whoever did not agree to it, or took it back before it left, gets nothing they did not ask for."""

from __future__ import annotations

import pytest

from qunying.connectors.delivering import ask_after, deliver
from qunying.jobs.actions import database_now
from qunying.kit.errors import Invalid
from qunying.members.actions import Account, erase, meet, merge, opt_out, withdraw_consent
from qunying.members.models import Member, Purpose, Via
from qunying.outbox import actions as outbox
from qunying.outbox.actions import sending as sendings
from qunying.outbox.beats import take_back
from qunying.outbox.models import Receiver, Sending, Todo
from tests.connectors.live.wecom.world import LAN, QING, World, simulated
from tests.connectors.live.world import AT, open_brand
from tests.members.world import agree

pytestmark = pytest.mark.django_db
ZHOU = "wmCMKT000000000000000000000003"


@pytest.fixture
def world(settings):
    world = World(*open_brand())
    with simulated(settings, world):
        chat = world.corp.open_chat("茶友福利群", "kefu01")
        for who, name in ((QING, "阿青"), (LAN, "小兰"), (ZHOU, "小周")):
            world.corp.befriend(who, name, "kefu01")
        world.corp.callbacks.clear()
        world.bind(chat)
        yield world


@pytest.fixture
def people(world) -> dict[str, Member]:
    accounts = [Account("wecom.external_userid", "", who, who) for who in (QING, LAN, ZHOU)]
    homes = meet(world.brand, accounts, batch=None, at=AT)
    return {one.value: Member.objects.select_related("brand").get(pk=homes[one.key]) for one in accounts}


def order(world: World, people: dict[str, Member], *to: str, **more: object) -> Sending:
    channel = world.connection.seats.get().channel
    wish = outbox.Wish(
        "mass.create",
        {"text": "周末优惠", "customers": list(to), "sender": "kefu01"},
        receivers={who: people[who].pk for who in to if who in people},
        **more,  # type: ignore[arg-type]  # the tests name fields
    )
    return outbox.order(channel, wish=wish, key="+".join(who[-4:] for who in to), at=database_now())


def carry(world: World, row: Sending) -> list[str]:
    """Let the outbox carry it out; answers to whom the platform was asked to write."""
    before = set(world.corp.masses)
    deliver(world.connection, world.wire)
    row.refresh_from_db()
    return [str(to) for handle in world.corp.masses.keys() - before for to in world.corp.masses[handle].to]


def reasons(row: Sending) -> dict[str, str]:
    return dict(Receiver.objects.filter(sending=row).values_list("account", "refused"))


def withdraw(member: Member) -> None:
    withdraw_consent(member, purpose=Purpose.MARKETING, via=Via.PLATFORM, said_at=AT, at=AT)


def test_of_a_list_only_those_who_agree_are_written_to(world, people):
    agree(people[QING], on=AT)
    agree(people[LAN], on=AT)
    opt_out(people[LAN], reason="来电要求", via=Via.STAFF, at=AT, by=None)

    row = order(world, people, QING, LAN, ZHOU)
    at_once = reasons(row)
    written = carry(world, row)

    assert at_once == reasons(row) == {QING: "", LAN: "opted_out", ZHOU: "no_consent"}
    assert (written, row.state, row.params["customers"]) == ([QING], "pending", [QING, LAN, ZHOU])
    assert order(world, people, QING, LAN, ZHOU).pk == row.pk


def test_with_nobody_left_it_is_over_at_once_with_the_reasons(world, people):
    opt_out(people[LAN], reason="来电要求", via=Via.STAFF, at=AT, by=None)

    row = order(world, people, LAN, ZHOU)

    kept = Sending.objects.get(pk=row.pk)
    assert (row.state, row.words) == (kept.state, kept.words) == ("refused", "在拒收名单上 1；没有同意过 1")
    assert carry(world, row) == []


@pytest.mark.parametrize("checked", [True, pytest.param(False, id="broken")])
def test_who_withdraws_while_it_waits_gets_nothing(world, people, monkeypatch, checked):
    if not checked:
        monkeypatch.setattr(sendings, "release", lambda _row, *, now: True)
    for who in (QING, LAN):
        agree(people[who], on=AT)
    both, alone = order(world, people, QING, LAN), order(world, people, LAN)
    withdraw(people[LAN])

    written = carry(world, both)
    alone.refresh_from_db()

    assert (LAN not in written) == checked
    assert (alone.state, alone.left_at is None, alone.words) == (
        ("refused", True, "已撤回同意 1") if checked else ("pending", False, "")
    )


def test_a_no_under_another_account_of_the_same_person_counts(world, people):
    agree(people[QING], on=AT)
    row = order(world, people, QING)
    withdraw(people[ZHOU])
    merge(people[QING], member=people[ZHOU], evidence="同一手机", at=AT)

    assert (carry(world, row), row.state) == ([], "refused")


def test_who_was_erased_while_it_waited_is_named_nowhere_and_gets_nothing(world, people):
    for who in (QING, LAN):
        agree(people[who], on=AT)
    row = order(world, people, QING, LAN)
    erase(people[LAN], at=AT, by=None)

    written = carry(world, row)

    assert written == [QING]
    assert LAN not in str(row.params) + str(reasons(row))


def test_an_answer_to_what_they_did_needs_no_consent(world, people):
    row = order(world, people, ZHOU, is_unsolicited=False)

    assert (carry(world, row), reasons(row)) == ([ZHOU], {ZHOU: ""})


def test_people_nobody_knows_are_refused_and_nothing_is_ordered(world, people):
    with pytest.raises(Invalid, match="unknown_receivers"):
        order(world, people, QING, "wmSTRANGER")

    assert (Sending.objects.count(), Receiver.objects.count()) == (0, 0)


def test_whose_import_was_undone_gets_nothing(world, people):
    agree(people[QING], on=AT)
    row = order(world, people, QING)
    people[QING].delete()

    assert (carry(world, row), reasons(row)) == ([], {QING: "unknown"})


def test_words_for_one_person_alone_wait_for_that_person_only(world, people):
    channel = world.connection.seats.get().channel
    agree(people[QING], on=AT)
    rows = [
        outbox.order(
            channel,
            wish=outbox.Wish("message.create", {"text": "您好"}, receivers={who: people[who].pk}),
            key=who,
            at=database_now(),
        )
        for who in (QING, LAN)
    ]
    group = outbox.order(
        channel, wish=outbox.Wish("message.create", {"text": "各位"}), key="group", at=database_now()
    )

    assert [row.state for row in (*rows, group)] == ["queued", "refused", "queued"]


def at_hand(world: World, people: dict[str, Member], *to: str) -> Sending:
    """What those who agree are to get, waiting for the employee's tap."""
    for who in to:
        agree(people[who], on=AT)
    row = order(world, people, *to)
    assert carry(world, row) == list(to)
    return row


def go_on(world: World) -> None:
    """Everybody does what is theirs: the beat, what is in line, the question what has become of it."""
    take_back()
    deliver(world.connection, world.wire)
    for _each in Sending.objects.filter(state="pending"):
        ask_after(world.connection, world.wire)
    deliver(world.connection, world.wire)


def test_who_withdraws_before_the_tap_gets_nothing_and_the_others_get_it_once(world, people):
    row = at_hand(world, people, QING, LAN)
    withdraw(people[LAN])

    for _again in range(3):
        go_on(world)
    rest = Sending.objects.get(key=f"rest:{row.pk}")
    row.refresh_from_db()

    assert (row.state, reasons(row)) == ("called_off", {QING: "", LAN: "withdrawn"})
    assert (rest.state, reasons(rest), world.corp.masses[rest.handle].to) == ("pending", {QING: ""}, [QING])
    assert world.corp.masses[row.handle].is_cancelled
    assert [*Todo.objects.order_by("pk").values_list("state", "reason")] == [
        ("failed", "有接收人不再同意接收，请不要再发"),
        ("waiting", ""),
    ]
    assert Sending.objects.count() == 3


def test_whose_task_was_tapped_before_it_could_be_taken_back_gets_nothing_twice(world, people):
    row = at_hand(world, people, QING, LAN)
    withdraw(people[LAN])
    world.corp.tap(row.handle)

    go_on(world)
    row.refresh_from_db()

    assert (row.state, row.tally["sent"]) == ("sent", 2)
    assert not Sending.objects.filter(key=f"rest:{row.pk}").exists()


def test_what_was_for_one_who_withdrew_is_over_and_while_a_stop_stands_it_is_taken_back_all_the_same(
    world, people
):
    row = at_hand(world, people, LAN)
    outbox.stop(world.brand, community=None, reason="发错了", by=world.chief, at=AT)
    withdraw(people[LAN])

    go_on(world)
    row.refresh_from_db()

    assert (row.state, Sending.objects.count()) == ("called_off", 2)


def test_a_task_nobody_withdrew_from_stays_and_who_agrees_later_is_not_slipped_in(world, people):
    agree(people[QING], on=AT)
    row = order(world, people, QING, LAN)
    carry(world, row)
    agree(people[LAN], on=AT)

    go_on(world)
    row.refresh_from_db()

    assert (row.state, reasons(row)) == ("pending", {QING: "", LAN: "no_consent"})
    assert Sending.objects.count() == 1

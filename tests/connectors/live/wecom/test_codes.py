"""A code is out in the world for good: what is behind it turns by itself, once each, and says so."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qunying.brands.models import AuditEntry
from qunying.communities.fact_kinds import CONTACT_ADDED, JOINED
from qunying.communities.models import JoinSource
from qunying.connectors import actions
from qunying.connectors.actions import Wanted
from qunying.connectors.actions.coding import AGAIN, _next
from qunying.connectors.beats import turn_codes
from qunying.connectors.delivering import deliver
from qunying.connectors.models import Code
from qunying.demo.simulators.server import Reply
from qunying.demo.simulators.wecom_codes import scan
from qunying.facts.models import Fact
from qunying.jobs.actions import database_now
from qunying.kit.errors import Invalid, Refused
from qunying.members.actions import set_staff
from qunying.members.models import Identity
from qunying.outbox.models import Sending
from tests.connectors.live.wecom.world import World, simulated
from tests.connectors.live.world import open_brand

pytestmark = pytest.mark.django_db
WORKERS = 4


@pytest.fixture
def platform(settings, world):
    world.seconds = database_now().timestamp()
    world.corp.hire("kefu02", "店长阿叶")
    world.corp.hire("kefu03", "客服小山")
    with simulated(settings, world) as platform:
        yield platform


@pytest.fixture
def chats(world, platform):
    """Three groups that belong to communities, as they were when last looked at."""
    found = [world.corp.open_chat(name, "kefu01") for name in ("一群", "二群", "三群")]
    world.hear()
    world.bind(*found, f"contacts.{world.corp.corp}")
    return found


def groups(world: World, *chats: str) -> list[object]:
    seats = {seat.channel.key: seat.channel for seat in world.connection.seats.select_related("channel")}
    return [seats[chat] for chat in chats]


def save(world: World, wanted: Wanted, code: Code | None = None) -> Code:
    return actions.save_code(world.connection, code=code, wanted=wanted, at=database_now(), by=world.chief)


def of_groups(world: World, *chats: str, **more: object) -> Wanted:
    shape = {"most": 3, "chats": groups(world, *chats), **more}
    return Wanted("group", "货架群码", **shape)  # type: ignore[arg-type]  # named by the tests


def rounds(world: World, times: int = 2, *, later: dt.timedelta = dt.timedelta()) -> int:
    """What is asked for is carried out, and what follows from it; answers how often codes turned."""
    turned = 0
    for _round in range(times):
        deliver(world.connection, world.wire)
        turned += actions.tend_codes(world.connection, at=database_now() + later)
    deliver(world.connection, world.wire)
    return turned + actions.tend_codes(world.connection, at=database_now() + later)


def made(world: World, wanted: Wanted) -> Code:
    code = save(world, wanted)
    rounds(world)
    code.refresh_from_db()
    return code


def theirs(world: World, code: Code, name: str) -> object:
    return world.corp.codes[code.handle][name]


def turns(code: Code) -> list[tuple[str, list[str], list[str]]]:
    return list(code.turns.order_by("pk").values_list("why", "before", "after"))


def page(client: Client, world: World) -> str:
    return client.get(f"/b/tea/connections/{world.connection.pk}/codes/").content.decode()


def test_a_full_group_makes_room_for_the_next_once_and_the_last_one_stays_with_a_warning(
    world, client, chats
):
    code = made(world, of_groups(world, *chats[:2]))
    before = theirs(world, code, "chat_id_list")
    for number in range(2):
        scan(world.corp, code.state, f"wm{number}", "客")
    world.hear()
    turned = rounds(world, 3)
    code.refresh_from_db()
    scan(world.corp, code.state, "wm9", "客")
    world.hear()
    world.corp.join(chats[1], "wm8", "客")
    world.hear()

    assert (before, turned, theirs(world, code, "chat_id_list")) == ([chats[0]], 1, [chats[1]])
    assert (rounds(world, 3), theirs(world, code, "chat_id_list")) == (0, [chats[1]])
    assert turns(code) == [("made", [], [chats[0]]), ("full", [chats[0]], [chats[1]])]
    assert theirs(world, code, "remark") == "货架群码"
    text = page(client, world)
    assert "最后一个群已有 3 人（上限 3），后面没有群了" in text
    assert ["已换下" in text, "在用" in text, code.picture in text] == [True] * 3


def test_a_group_that_shrank_again_does_not_come_back_until_somebody_says_so(world, chats):
    code = made(world, of_groups(world, *chats))
    for number in range(2):
        scan(world.corp, code.state, f"wm{number}", "客")
    world.hear()
    rounds(world)
    world.corp.leave(chats[0], "wm0")
    world.hear()
    world.wait(60)
    world.ask()
    after = (rounds(world), theirs(world, code, "chat_id_list"))
    save(world, of_groups(world, *chats), code)
    rounds(world)

    assert (after, theirs(world, code, "chat_id_list")) == ((0, [chats[1]]), [chats[0]])


def test_on_its_day_the_next_group_comes_in_once_and_several_stand_behind_a_code_at_a_time(world, chats):
    today = dt.datetime.now(world.brand.clock.zone).date()
    code = made(world, of_groups(world, *chats, at_once=2, turn_on=today + dt.timedelta(days=1)))
    before = theirs(world, code, "chat_id_list")
    early = rounds(world)
    Code.objects.update(turn_on=today)
    turned = [rounds(world), rounds(world)]
    code.refresh_from_db()

    assert (before, early, turned) == (chats[:2], 0, [1, 0])
    assert (theirs(world, code, "chat_id_list"), code.turn_on) == ([chats[2]], None)
    assert turns(code)[-1] == ("day", chats[:2], [chats[2]])


def test_an_employee_who_left_is_exchanged_for_the_backup_and_comes_back_when_he_serves_again(
    world, client, chats
):
    wanted = Wanted(
        "contact", "名片码", employees=["kefu01", "kefu02"], backups=["kefu03"], skip_verify=False
    )
    code = made(world, wanted)
    before = theirs(world, code, "user")
    del world.corp.employees["kefu02"]
    world.wait(3600)
    world.ask()
    turned = rounds(world, 3)
    while_away = theirs(world, code, "user")
    world.corp.hire("kefu02", "店长阿叶")
    world.wait(3600)
    world.ask()
    rounds(world)

    assert (before, turned, while_away) == (["kefu01", "kefu02"], 1, ["kefu01", "kefu03"])
    assert (theirs(world, code, "user"), theirs(world, code, "skip_verify")) == (["kefu01", "kefu02"], False)
    assert [why for why, *_rest in turns(code)] == ["made", "left", "left"]


def test_an_employee_whose_time_on_the_staff_was_ended_here_is_exchanged_too(world, chats):
    code = made(world, Wanted("contact", "名片码", employees=["kefu01"], backups=["kefu03"]))
    member = Identity.objects.get(value="kefu01").member
    first = dt.date(2025, 1, 1)
    set_staff(member, spans=[(first, first)], at=database_now(), by=world.chief)
    rounds(world)

    assert theirs(world, code, "user") == ["kefu03"]


def test_who_comes_by_a_code_carries_it_as_the_source_of_joining(world, chats):
    joining = made(world, of_groups(world, chats[0], state="shelf_a", most=100))
    adding = made(world, Wanted("contact", "名片码", employees=["kefu01"]))
    led = [scan(world.corp, "shelf_a", "wm1", "客"), scan(world.corp, "名片码", "wm2", "友")]
    world.hear()

    names = dict(JoinSource.objects.values_list("pk", "name"))
    told = {
        kind: [
            names[value]
            for value in Fact.objects.filter(kind=kind, value__in=names).values_list("value", flat=True)
        ]
        for kind in (JOINED, CONTACT_ADDED)
    }
    assert led == ["一群", "客服小茶"]
    assert ("shelf_a" in told[JOINED], told[CONTACT_ADDED]) == (True, ["名片码"])
    assert (joining.state, adding.state) == ("shelf_a", "名片码")


def test_what_the_platform_refuses_is_said_and_tried_again_after_an_hour(world, platform, client, chats):
    code = made(world, of_groups(world, *chats[:2]))
    world.corp.dismiss(chats[1])
    for number in range(2):
        scan(world.corp, code.state, f"wm{number}", "客")
    world.hear()
    turned = [rounds(world, 3), rounds(world, 3)]
    text = page(client, world)
    later = rounds(world, 1, later=AGAIN)

    assert (turned, later) == ([1, 0], 1)
    assert "企业微信里没有这个群，或它已解散：请把它从活码里去掉。" in text
    assert theirs(world, code, "chat_id_list") == [chats[0]]


def test_a_turn_that_got_no_answer_is_said_again_and_is_one_turn(world, platform, chats):
    code = made(world, of_groups(world, *chats[:2]))
    for number in range(2):
        scan(world.corp, code.state, f"wm{number}", "客")
    world.hear()
    actions.tend_codes(world.connection, at=database_now())
    platform.faults.append(lambda asked: (platform.answer(asked), Reply(hangs_up=True))[1])
    deliver(world.connection, world.wire)
    lost = Sending.objects.get(op="code.change").state
    Sending.objects.update(retry_at=None)
    rounds(world)

    assert (lost, theirs(world, code, "chat_id_list")) == ("queued", [chats[1]])
    assert len(turns(code)) == 2


def test_a_code_is_taken_back_on_the_platform_and_its_mark_is_free_again(world, client, chats):
    code = made(world, of_groups(world, chats[0]))
    here = f"/b/tea/connections/{world.connection.pk}/codes/"
    asked = "确认作废？" in page(client, world)
    client.post(f"{here}{code.pk}/removal/")
    client.post(f"{here}{code.pk}/removal/")
    shown = "作废 · 排队中" in page(client, world)
    rounds(world)
    again = made(world, of_groups(world, chats[0]))

    assert (asked, shown) == (True, True)
    assert list(world.corp.codes) == [again.handle]
    assert Sending.objects.filter(op="code.delete").count() == 1
    assert f"code-{code.pk}" not in page(client, world)


def test_one_that_was_never_made_is_called_off(world, chats):
    code = save(world, of_groups(world, chats[0]))
    actions.drop_code(code, at=database_now(), by=world.chief)
    rounds(world)

    assert (world.corp.codes, Sending.objects.get().state) == ({}, "called_off")
    with pytest.raises(Refused, match="code_dropped"):
        save(world, of_groups(world, chats[0]), code)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "code_name"),
        ({"state": "s" * 31}, "code_name"),
        ({"chats": []}, "code_groups"),
        ({"at_once": 6}, "code_at_once"),
        ({"new_chats": "群" * 41}, "code_new_chats"),
        ({"kind": "contact", "employees": []}, "code_employees"),
        ({"state": "taken"}, "code_taken"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(world, chats, change, code):
    save(world, Wanted("contact", "旧的", state="taken", employees=["kefu01"]))
    before = (Code.objects.count(), Sending.objects.count())

    with pytest.raises(Invalid, match=code):
        save(world, replace(of_groups(world, chats[0]), **change))
    assert (Code.objects.count(), Sending.objects.count()) == before


def test_the_form_takes_the_order_of_groups_and_says_what_is_missing(world, client, chats):
    world.wait(3600)
    world.ask()
    here = f"/b/tea/connections/{world.connection.pk}/codes/"
    first, second = (channel.pk for channel in groups(world, *chats[:2]))  # type: ignore[attr-defined]  # channels
    shape = {"name": "<b>码</b>", "state": "", "most": 100, "at_once": 1, "first_number": 1, "new_chats": ""}
    empty = client.post(f"{here}new/group/", shape)
    client.post(f"{here}new/group/", {**shape, f"order-{first}": 2, f"order-{second}": 1})
    code = Code.objects.get()
    edited = client.get(f"{here}{code.pk}/").content.decode()
    people = client.post(f"{here}new/contact/", {"name": "名片", "employees": ["kefu02"]}, follow=True)

    assert (empty.status_code, "请给至少一个群写上顺序" in empty.content.decode()) == (422, True)
    assert [place.channel.key for place in code.places.order_by("place")] == [chats[1], chats[0]]
    assert ("&lt;b&gt;码&lt;/b&gt;" in page(client, world), "<b>码</b>" in edited) == (True, False)
    assert "活码已保存" in people.content.decode()
    assert list(AuditEntry.objects.filter(deed="code.saved").values_list("after__name", flat=True)) == [
        "<b>码</b>",
        "名片",
    ]


def test_the_page_makes_the_same_number_of_queries_for_one_code_and_for_three(
    world, client, chats, django_assert_num_queries
):
    made(world, of_groups(world, *chats))
    page(client, world)
    with CaptureQueriesContext(connection) as one:
        page(client, world)
    for number in range(2):
        made(world, of_groups(world, *chats, state=f"s{number}"))
    with django_assert_num_queries(len(one)):
        page(client, world)


def a_full_group(world: World) -> Code:
    """A code whose group is full, without a platform."""
    chats = ("wr1", "wr2")
    for chat in chats:
        actions.seat(
            world.connection, chat=chat, name=chat, community=None, at=database_now(), by=world.chief
        )
    code = save(world, of_groups(world, *chats))
    Sending.objects.update(state="sent", ids=["cfg", "https://example.org/q"])
    notes = {"seen:wr1": b'{"members":{"a":[1,1],"b":[1,2],"c":[1,2]}}'}
    actions.hear(world.connection, (), at=database_now(), notes=notes)
    return code


def race(one: object) -> None:
    gate = threading.Barrier(WORKERS)

    def run() -> None:
        gate.wait()
        try:
            one()  # type: ignore[operator]  # a function
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_workers_that_find_the_same_group_full_at_once_turn_once():
    world = World(*open_brand())
    code = a_full_group(world)
    race(turn_codes)

    assert turns(code) == [("made", [], ["wr1"]), ("full", ["wr1"], ["wr2"])]
    assert Sending.objects.filter(op="code.change").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_looks_and_turns_without_taking_turns_turns_twice():
    """The broken twin: looked for without the lock, then written."""
    world = World(*open_brand())
    code = a_full_group(world)
    actions.tend_codes(world.connection, at=database_now())
    code.turns.filter(why="full").delete()
    looked = threading.Barrier(WORKERS)

    def one() -> None:
        mine = Code.objects.select_related("connection__brand").get()
        mine.places.update(had_at=None)
        step = _next(mine, database_now())
        looked.wait()
        if step.behind != mine.behind:
            mine.turns.create(at=database_now(), before=mine.behind, after=step.behind, why=step.why)

    race(one)

    assert code.turns.filter(why="full").count() > 1

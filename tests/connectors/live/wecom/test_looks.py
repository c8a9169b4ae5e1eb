"""What a look at WeCom tells: who came, who went and when, whatever becomes of the callbacks."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from qunying.communities.models import Membership, Spell
from qunying.connectors import actions
from qunying.connectors.beats import settle_all
from qunying.connectors.incoming import Act, Chat, Entry, Figure, Options, Person
from qunying.connectors.live.wecom import WECOM
from qunying.connectors.live.wecom.client import Busy, call
from qunying.facts.models import Fact
from qunying.kit.errors import Upstream
from qunying.members.models import Identity, Member
from qunying.metrics.models import Figure as Kept
from tests.connectors.live.wecom.world import CORP, LAN, QING, World, moves, simulated
from tests.connectors.live.world import NOW, open_brand

pytestmark = pytest.mark.django_db
API = Path(__file__).parents[3] / "samples" / "wire" / "wecom_api.jsonl"
ANSWERS = {each["op"]: each["response"] for each in map(json.loads, API.read_text("utf-8").splitlines())}
GROUP = ANSWERS["groupchat_get"]["group_chat"]
MS = NOW * 1000


@pytest.fixture
def world():
    return World(*open_brand())


@pytest.fixture
def platform(settings, world):
    with simulated(settings, world) as platform:
        yield platform


@pytest.fixture
def chat(world, platform):
    """A group of an owner and 阿青 that belongs to a community."""
    chat = world.corp.open_chat("茶友福利群", "kefu01")
    world.corp.join(chat, QING, "阿青", state="qr_shelf_a")
    world.hear()
    world.bind(chat)
    return chat


def look(was: object = None, *, at: int = MS + 3_600_000, gone: object = None, **more: object) -> list[Entry]:
    told = {
        "look": "chat",
        "corp": CORP,
        "at": at,
        "was": was,
        "gone": gone or {},
        "ended": None,
        "chat": GROUP,
    }
    return list(WECOM.decode(json.dumps(told | more).encode(), 0))


def present(chat: str) -> set[str]:
    """Accounts that are in the group now, by our reckoning."""
    inside = Spell.objects.filter(left_at=None, membership__community__channels__key=chat)
    return set(
        Identity.objects.filter(member__in=inside.values("membership__member")).values_list(
            "value", flat=True
        )
    )


OWNER = Person(
    "kefu01", "wecom.userid", "", "kefu01", "客服小茶", roles=("owner",), is_staff=True, is_listed=True
)
CUSTOMER = Person(
    QING,
    "wecom.external_userid",
    "",
    QING,
    "阿青",
    is_listed=True,
    attributes={"unionid": "oCMKT_union_0001"},
)
PLACE = Chat("wrCMKT0000000000000000000001", "茶友福利群", "wecom")


def test_the_first_look_at_a_group_tells_when_and_how_everybody_came():
    assert look() == [
        PLACE,
        OWNER,
        CUSTOMER,
        Act("join", MS, "kefu01", source="直接邀请入群"),
        Act("join", MS + 60_000, QING, source="qr_shelf_a"),
    ]


def test_later_looks_tell_only_who_came_who_left_and_who_was_away_in_between():
    gone = {LAN: [MS + 1_000_000, True]}
    was = {"at": MS + 500, "members": {LAN: [NOW - 50, 2], QING: [NOW - 90, 2], "kefu02": [NOW, 1]}}

    assert look(was, gone=gone) == [
        PLACE,
        OWNER,
        CUSTOMER,
        Person(LAN, "wecom.external_userid", "", LAN),
        Act("remove", MS + 1_000_000, LAN),
        Act("leave", MS + 500, QING),
        Person("kefu02", "wecom.userid", "", "kefu02", is_staff=True),
        Act("leave", MS + 3_600_000, "kefu02"),
        Act("join", MS, "kefu01", source="直接邀请入群"),
        Act("join", MS + 60_000, QING, source="qr_shelf_a"),
    ]


def test_a_colleague_who_brought_somebody_and_is_no_longer_there_is_named_all_the_same():
    member = {**GROUP["member_list"][1], "state": "", "join_scene": 1, "invitor": {"userid": "kefu09"}}

    assert look(chat={**GROUP, "member_list": [member]})[2:] == [
        Person("kefu09", "wecom.userid", "", "kefu09", is_staff=True),
        Act("join", MS + 60_000, QING, other="kefu09", source="直接邀请入群"),
    ]


def test_daily_numbers_are_those_of_an_imported_sheet():
    items = ANSWERS["groupchat_statistic_by_day"]["items"]
    empty = {"stat_time": items[0]["stat_time"] + 86_400, "data": {"chat_total": 0, "msg_total": 0}}
    told = {"look": "days", "corp": CORP, "at": 0, "owner": "kefu01", "items": [*items, empty]}
    names = ("new_chats", "chats", "speaking_chats", "new_members", "members", "speaking_members", "messages")

    assert list(WECOM.decode(json.dumps(told).encode(), 0)) == [
        Chat("wecom.statistics", "企业微信客户群每日统计", "wecom", "sheet"),
        *(
            Figure(20148, name, value, "kefu01")
            for name, value in zip(names, (1, 3, 2, 10, 120, 37, 260), strict=True)
        ),
    ]


def test_a_friends_name_and_tags_come_from_the_detail():
    told = {
        "look": "contact",
        "corp": CORP,
        "at": 0,
        "contact": ANSWERS["contact_get"]["external_contact"],
        "follow": ANSWERS["contact_get"]["follow_user"],
    }
    attributes = {"unionid": "oCMKT_union_0001", "生命周期": "活跃"}

    assert list(WECOM.decode(json.dumps(told).encode(), 0)) == [
        Chat(f"contacts.{CORP}", "企业微信客户联系", "wecom", "dm"),
        Person(QING, "wecom.external_userid", "", QING, "阿青", attributes=attributes),
    ]


def test_a_member_who_comes_and_goes_is_seen_within_seconds_and_said_to_have_been_removed(world, chat):
    world.corp.join(chat, LAN, "小兰", scene=1, inviter="kefu01")
    came = world.hear(after=6)
    world.wait(600)
    world.corp.leave(chat, LAN, removed=True)
    went = world.hear(after=6)

    assert (came, went) == (1, 1)
    assert moves(chat) == [
        ("kefu01", "joined", NOW),
        (QING, "joined", NOW),
        (LAN, "joined", NOW + 60),
        (LAN, "removed", NOW + 666),
    ]
    assert present(chat) == {"kefu01", QING}


def test_a_detail_that_comes_late_is_met_by_the_second_look(world, chat):
    world.corp.delay = 20
    world.corp.join(chat, LAN, "小兰")
    early = world.hear(after=6)
    late = (world.wait(30), world.ask())[1]

    assert (early, late) == (0, 1)
    assert present(chat) == {"kefu01", QING, LAN}


def test_callbacks_that_never_arrive_are_made_up_for_within_the_hour(world, chat):
    world.corp.join(chat, LAN, "小兰")
    world.wait(60)
    world.corp.leave(chat, QING)
    world.corp.callbacks.clear()
    world.wait(3_600)
    doubted = world.ask()
    noticed = int(world.seconds)
    world.wait(61)
    sure = world.ask()

    assert (doubted, sure) == (0, 1)
    assert present(chat) == {"kefu01", LAN}
    assert moves(chat)[-1] == (QING, "left", noticed)


def test_one_who_left_and_came_back_while_the_detail_was_late_is_present(world, chat):
    world.wait(3_600)
    world.corp.delay = 20
    world.corp.leave(chat, QING)
    world.wait(15)
    world.corp.join(chat, QING, "阿青")
    world.corp.callbacks.clear()
    world.wait(10)
    gone = world.ask()
    world.wait(61)
    back = world.ask()

    assert (gone, back) == (0, 1)
    assert present(chat) == {"kefu01", QING}


def test_looking_again_at_what_has_not_changed_brings_nothing(world, chat, platform):
    for _hour in range(3):
        world.wait(3_601)
        assert world.ask() == 0

    assert world.connection.notes.filter(key__startswith="due:").count() == 0
    assert sum(call.path.endswith("groupchat/get") for call in platform.calls) == 2 + 3


def test_a_group_that_is_dissolved_is_left_by_everybody(world, chat):
    world.wait(100)
    world.corp.dismiss(chat)
    world.hear()

    assert present(chat) == set()
    assert [move for move in moves(chat) if move[1] == "left"] == [
        ("kefu01", "left", NOW + 160),
        (QING, "left", NOW + 160),
    ]


def test_a_restart_forgets_nothing_and_reading_everything_again_changes_nothing(world, chat):
    world.corp.leave(chat, QING)
    world.wire = type(world.wire)(
        world.wire.keys, world.wire.hosts, clock=world.clock, notes=world.wire.notes
    )
    world.hear()
    before = list(Fact.objects.order_by("pk").values())
    actions.replay(
        world.connection,
        rows=list(world.connection.inbound.values_list("pk", flat=True)),
        at=world.now,
        by=world.chief,
    )
    settle_all()

    assert present(chat) == {"kefu01"}
    assert list(Fact.objects.order_by("pk").values()) == before


def test_a_platform_that_falls_silent_halfway_loses_no_errand(world, platform, chat):
    others = [world.corp.open_chat(f"群{number}", "kefu01") for number in range(3)]
    world.corp.callbacks.clear()
    world.wait(3_601)
    platform.plant("groupchat/get", -1, times=1)
    with pytest.raises(Upstream, match="no_answer"):
        world.ask()
    world.ask()

    held = set(world.connection.inbound.filter(state="held").values_list("chat", flat=True))
    assert set(others) <= held


def test_a_shut_call_is_left_alone_and_goes_on_where_it_stopped(world, platform, chat):
    world.corp.join(chat, LAN, "小兰")
    world.corp.knock(world.post)
    world.wait(6)
    platform.plant("groupchat/get", 45009)
    calls = len(platform.calls)
    for _attempt in range(3):
        with pytest.raises(Busy):
            world.ask()
    shut = len(platform.calls) - calls
    world.wait(61)

    assert shut == 1
    assert world.ask() == 1
    assert LAN in present(chat)


def test_a_corporation_with_too_many_owners_is_listed_some_owners_at_a_time(world, platform):
    for number in range(105):
        world.corp.hire(f"k{number:03d}", f"员工{number}")
    chats = {world.corp.open_chat(f"群{number}", f"k{number:03d}") for number in range(0, 105, 10)}
    world.corp.callbacks.clear()
    platform.most_owners, platform.page = 10, 4
    world.connection.position = "0 99999"  # daily numbers are another matter
    world.wait(60)
    world.ask()

    held = set(world.connection.inbound.filter(state="held").values_list("chat", flat=True))
    assert held - {"wecom.statistics"} == chats


def test_daily_numbers_are_fetched_once_a_day_and_back_to_the_first_day_there_is(world, platform, chat):
    world.wait(40 * 86_400)
    for day in range(2):
        world.corp.say(chat, QING, at=NOW + day * 86_400)
        world.corp.say(chat, QING, at=NOW + day * 86_400 + 1)
    for _time in range(2):
        world.ask()
    world.bind("wecom.statistics")
    asked = sum(call.path.endswith("group_by_day") for call in platform.calls)
    rows = Kept.objects.filter(source="wecom", owner="kefu01")

    assert asked == 6 + 2  # when it was connected, six times thirty days; now the forty since
    assert list(rows.filter(name="messages", value__gt=0).order_by("day").values_list("day", "value")) == [
        (20148, 2),
        (20149, 2),
    ]
    assert rows.filter(name="members").count() == 40


def test_a_friend_is_known_by_name_once_the_detail_has_come(world, platform):
    world.corp.befriend(QING, "阿青", "kefu01", state="qr_shelf_a")
    world.corp.tags["et1"] = ("生命周期", "活跃")
    call(world.wire, "tags.mark", userid="kefu01", external_userid=QING, add_tag=["et1"], remove_tag=[])
    world.hear()
    world.bind(f"contacts.{CORP}")

    member = Member.objects.get(pk=Identity.objects.get(value=QING).member_id)
    assert (member.name, member.attributes) == ("阿青", {"生命周期": "活跃"})
    assert not Membership.objects.filter(member=member, spells__isnull=False).exists()


def test_live_looks_and_an_imported_member_list_are_the_same_people_and_the_same_joins(world, chat, tmp_path):
    path = tmp_path / "企业微信客户群成员.csv"
    path.write_text(
        f"群名称,群ID,成员ID,群成员,入群时间,入群方式,成员类型\n"
        f"茶友福利群,{chat},{QING},阿青,2025-03-01 08:00:00,扫描群二维码,外部\n"
        f"茶友福利群,{chat},kefu01,客服小茶,2025-03-01 08:00:00,直接邀请入群,员工\n",
        "utf-8",
    )
    before = (Fact.objects.count(), Member.objects.count(), moves(chat))
    actions.take_files(world.brand, [path], order=actions.Order(Options()), at=world.now)

    assert (Fact.objects.count(), Member.objects.count(), moves(chat)) == before


@pytest.mark.parametrize("seed", range(3))
def test_whatever_becomes_of_the_callbacks_in_the_end_exactly_those_are_present_who_are_there(
    world, chat, seed
):
    chance = random.Random(seed)
    people = [f"wmSIM{number:025d}" for number in range(12)]
    for _step in range(40):
        group = world.corp.groups[chat]
        who = chance.choice(people)
        world.corp.delay = chance.choice((0, 2, 10, 45))
        if who in group.members:
            world.corp.leave(chat, who, removed=chance.random() < 0.3)
        else:
            world.corp.join(chat, who, who[-3:], scene=chance.choice((1, 2, 3)))
        world.wait(chance.choice((1, 5, 40, 2_000, 90_000)))
        if chance.random() < 0.6:
            world.corp.knock(world.post, chance=chance, drops=0.3, doubles=0.3)
        if chance.random() < 0.7:
            world.ask()
    for _time in range(2):
        world.wait(4_000)
        world.ask()

    assert present(chat) == set(world.corp.groups[chat].members)

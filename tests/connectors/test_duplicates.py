"""Promises of a member table about people the brand knows already: tell them anew, fill what is empty, or skip."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from pathlib import Path

import pytest
from django.conf import settings

from qunying.brands.actions import open_brand
from qunying.brands.models import Brand
from qunying.communities.actions import find_community
from qunying.communities.models import Community, Membership
from qunying.connectors.actions import Order, as_json, preview, rebuild, take_files, total, undo
from qunying.connectors.actions.taking import open_batch, run_batch, take_in
from qunying.connectors.incoming import Duplicates, Options
from qunying.connectors.models import ImportBatch
from qunying.facts.models import Fact
from qunying.members.models import Identity, Telling
from qunying.members.sealing import Sealing
from tests.core.dump import dump

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
UPDATE, KEEP, SKIP = Duplicates
POLICIES = pytest.mark.parametrize("policy", list(Duplicates))
_number = itertools.count(1)
HEAD = "手机号,昵称,群昵称,城市,等级,群名称,入群时间"
OLD = [
    "13800000001,阿青,青青,杭州,,茶友群,2026-03-01",
    "13800000002,小周,,,银卡,茶友群,2026-03-02",
]
NEW = [
    "13800000001,陈青,大青,上海,金卡,茶友群,2026-03-05",
    "13800000002,,,苏州,,新茶群,2026-03-06",
    "13800000003,林林,,宁波,,新茶群,2026-03-07",
]


@pytest.fixture
def brand(tmp_path: Path, settings) -> Brand:  # pytest-django's, which puts them back
    settings.HOME = tmp_path
    return fresh()


def fresh(like: Brand | None = None) -> Brand:
    brand = open_brand(f"茶 {next(_number)}", at=NOW, slug=f"cha{next(_number)}")
    if like is not None:
        brand.key = like.key
        brand.save(update_fields=["key"])
    return brand


def sheet(folder: Path, rows: list[str], head: str = HEAD) -> Path:
    path = folder / f"名单{next(_number)}.csv"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return path


def order(policy: Duplicates, community: Community | None = None) -> Order:
    return Order(Options(duplicates=policy), community.pk if community else None)


def take(
    brand: Brand, rows: list[str], policy: Duplicates = UPDATE, community: Community | None = None
) -> ImportBatch:
    path = sheet(_home(), rows)
    return take_files(brand, [path], order=order(policy, community), at=NOW)[0]


def _home() -> Path:
    return Path(settings.HOME)


def shown(brand: Brand, last: int) -> tuple[str, list[str], dict[str, str], list[str]]:
    """Name, older names, attributes and communities of the person with this number."""
    sealing = Sealing(brand)
    value = sealing.account("phone", f"+861380000000{last}")
    row = Identity.objects.select_related("member").get(brand=brand, value=value)
    places = Membership.objects.filter(member=row.member).order_by("community__name")
    return (
        row.name,
        row.aliases,
        sealing.all_known(row.member.attributes),
        [place.community.name for place in places],
    )


def people(batch: ImportBatch) -> tuple[int, int, int]:
    told = batch.summary["total"]
    return told["new_people"], told["known_people"], told["repeated_rows"]


@pytest.mark.parametrize(
    ("policy", "first", "second", "facts"),
    [
        (
            UPDATE,
            ("陈青", ["青青", "阿青", "大青"], {"城市": "上海", "等级": "金卡"}, ["茶友群"]),
            ("小周", [], {"城市": "苏州", "等级": "银卡"}, ["新茶群", "茶友群"]),
            5,
        ),
        (
            KEEP,
            ("阿青", ["青青"], {"城市": "杭州", "等级": "金卡"}, ["茶友群"]),
            ("小周", [], {"城市": "苏州", "等级": "银卡"}, ["新茶群", "茶友群"]),
            5,
        ),
        (
            SKIP,
            ("阿青", ["青青"], {"城市": "杭州"}, ["茶友群"]),
            ("小周", [], {"等级": "银卡"}, ["茶友群"]),
            3,
        ),
    ],
)
def test_known_people_are_told_anew_filled_in_or_left_alone(brand, policy, first, second, facts):
    take(brand, OLD)

    batch = take(brand, NEW, policy)

    assert (shown(brand, 1), shown(brand, 2)) == (first, second)
    assert shown(brand, 3) == ("林林", [], {"城市": "宁波"}, ["新茶群"])
    assert Fact.objects.filter(brand=brand.pk).count() == facts
    assert people(batch) == (1, 2, 0)


def test_skipping_writes_nothing_of_known_people_and_no_group_of_theirs_alone(brand):
    take(brand, OLD)
    before = dump(brand)

    batch = take(brand, [row.replace("新茶群", "别的群") for row in NEW[:2]], SKIP)

    assert dump(brand) == before
    assert not Telling.objects.filter(batch=batch.pk).exists()
    assert people(batch) == (0, 2, 0)


@POLICIES
def test_undoing_the_later_list_gives_back_what_was_there_before(brand, policy):
    take(brand, OLD)
    before = dump(brand)

    undo(take(brand, NEW, policy), at=NOW)

    assert dump(brand) == before


@POLICIES
@pytest.mark.parametrize("between", [UPDATE, KEEP, SKIP])
def test_undoing_the_earlier_list_leaves_what_the_later_ones_alone_bring(brand, policy, between):
    alone = fresh(like=brand)
    middle = ["13800000001,青姐,,,铂金,老茶群,2026-03-03", "13800000003,林,,北京,,老茶群,2026-03-04"]
    earlier = take(brand, OLD)
    for each in (brand, alone):
        take(each, middle, between)
        take(each, NEW, policy)

    undo(earlier, at=NOW)

    assert dump(brand) == dump(alone)


@POLICIES
def test_a_rebuild_a_second_reading_and_the_same_list_again_change_nothing(brand, policy):
    take(brand, OLD)
    batch = take(brand, NEW, policy)
    before = dump(brand)

    take_in(batch, at=NOW)
    rebuild(brand, at=NOW)
    after = dump(brand)
    again = take(brand, NEW, policy)

    assert (after, dump(brand)) == (before, before)
    assert people(again) == (0, 3, 0)


@POLICIES
def test_an_import_that_goes_on_after_a_break_ends_as_if_it_had_not_broken(brand, policy, monkeypatch):
    whole = fresh(like=brand)
    for each in (brand, whole):
        take(each, OLD)
    take(whole, NEW, policy)
    monkeypatch.setattr("qunying.connectors.intake.FLUSH", 1)
    batch = open_batch(brand, [sheet(_home(), NEW)], order=order(policy), at=NOW)

    class PowerCutError(Exception):
        pass

    def stop(taken: int, _total: int) -> None:
        raise PowerCutError

    with pytest.raises(PowerCutError):
        take_in(batch, at=NOW, tick=stop)
    run_batch(batch, at=NOW)

    assert dump(brand) == dump(whole)
    assert people(batch) == (1, 2, 0)


@pytest.mark.parametrize(
    ("policy", "name", "attributes"),
    [
        (UPDATE, "陈青", {"城市": "上海", "等级": "金卡"}),
        (KEEP, "阿青", {"城市": "杭州", "等级": "金卡"}),
        (SKIP, "阿青", {"城市": "杭州", "等级": "金卡"}),
    ],
)
def test_of_one_person_twice_in_a_list_both_rows_count(brand, policy, name, attributes):
    rows = [
        "13800000001,阿青,,杭州,,茶友群,2026-03-01",
        "13800000001,陈青,,上海,金卡,茶友群,2026-03-01",
        "13800000001,,,,,新茶群,2026-03-02",
    ]

    batch = take(brand, rows, policy)

    told = shown(brand, 1)
    assert (told[0], told[2], told[3]) == (name, attributes, ["新茶群", "茶友群"])
    assert people(batch) == (1, 0, 2)
    (warning,) = [line for line in batch.summary["files"][0]["warnings"] if "写过的人" in line]
    assert warning.startswith("文件里有 2 行") and ("以后面的行为准" in warning) == (policy is UPDATE)


@POLICIES
def test_a_dry_run_counts_the_same_people_and_changes_nothing(brand, policy):
    take(brand, OLD)
    before = dump(brand)
    path = sheet(_home(), [*NEW, NEW[0]])

    looked = preview(brand, [path], order=order(policy), at=NOW)
    untouched = dump(brand)
    batch, done = take_files(brand, [path], order=order(policy), at=NOW)

    assert untouched == before
    assert people(batch) == (1, 2, 1)
    assert (total(brand, looked), as_json(looked[0], brand)) == (
        total(brand, done),
        as_json(done[0], brand),
    )


MEMBERS = "群名称,成员名称,成员ID,入群时间,入群方式,邀请人,群主"


def back_end(brand: Brand, rows: list[str], policy: Duplicates = UPDATE) -> ImportBatch:
    path = _home() / f"企业微信客户群成员{next(_number)}.csv"
    path.write_text("\n".join([MEMBERS, *rows]), encoding="utf-8")
    return take_files(brand, [path], order=order(policy), at=NOW)[0]


def test_who_let_a_new_person_in_is_named_even_if_skipped(brand):
    back_end(brand, ["茶友群,阿青,wm1,2026-03-01 10:00,扫码,,"])

    batch = back_end(
        brand,
        ["茶友群,阿青,wm1,2026-03-02 10:00,扫码,,", "茶友群,小周,wm2,2026-03-03 10:00,邀请,阿青,"],
        SKIP,
    )

    inviter = Identity.objects.get(brand=brand, value="wm1").member_id
    kept = Fact.objects.filter(brand=brand.pk, batch=batch.pk)
    assert people(batch) == (1, 1, 0)
    assert kept.filter(member=inviter, other=None).count() == 0
    assert kept.exclude(other=None).count() == 2


@POLICIES
def test_lists_put_into_one_community_are_taken_back_one_by_one(brand, policy):
    """Two files without a group column, both said to be of the same community."""
    alone = fresh(like=brand)
    homes = [find_community(each, name="茶友群", at=NOW) for each in (brand, alone)]
    first, second = ["13800000001,阿青", "13800000002,小周"], ["13800000001,青青", "13800000003,林林"]
    head = "手机号,昵称"
    paths = [sheet(_home(), rows, head) for rows in (first, second)]
    earlier = take_files(brand, paths[:1], order=order(UPDATE, homes[0]), at=NOW)[0]
    before = dump(brand)
    later = take_files(brand, paths[1:], order=order(policy, homes[0]), at=NOW)[0]
    take_files(alone, paths[1:], order=order(policy, homes[1]), at=NOW)

    undo(earlier, at=NOW)
    assert dump(brand)["memberships"] == dump(alone)["memberships"]
    again = take_files(brand, paths[:1], order=order(UPDATE, homes[0]), at=NOW)[0]
    undo(again, at=NOW)
    undo(later, at=NOW)
    take_files(brand, paths[:1], order=order(UPDATE, homes[0]), at=NOW)
    assert dump(brand) == before


SAID = """platform,chat_id,chat_name,message_id,timestamp,user_id,user_name,kind,text
qq,1,茶友群,m1,2026-03-02 10:00,90001,阿青,message,早
"""


def talk(brand: Brand, home: Community) -> None:
    """Somebody says something in the community's own chat."""
    path = _home() / "聊天.csv"
    path.write_text(SAID, encoding="utf-8")
    take_files(brand, [path], order=order(UPDATE, home), at=NOW)


@POLICIES
def test_who_stands_in_a_list_besides_talking_stands_there_as_long_as_the_list_does(brand, policy):
    talked = fresh(like=brand)
    homes = [find_community(each, name="茶友群", at=NOW) for each in (brand, talked)]
    names = sheet(_home(), ["90001,阿青"], "QQ号,昵称")
    talk(talked, homes[1])

    earlier = take_files(brand, [names], order=order(policy, homes[0]), at=NOW)[0]
    talk(brand, homes[0])
    undo(earlier, at=NOW)
    left = dump(brand)
    undo(take_files(brand, [names], order=order(policy, homes[0]), at=NOW)[0], at=NOW)

    assert (left, dump(brand)) == (dump(talked), dump(talked))


@POLICIES
def test_staff_of_several_lists_stay_staff_of_the_lists_that_are_left(brand, policy):
    alone = fresh(like=brand)
    here = ["茶友群,林,lin,2026-03-05 10:00,扫码,,林"]
    there = ["老茶群,林,lin,2026-03-01 10:00,扫码,,林"]
    first = back_end(brand, here)
    before = dump(brand)
    back_end(alone, there, policy)

    undo(back_end(brand, there, policy), at=NOW)
    assert dump(brand) == before

    back_end(brand, there, policy)
    undo(first, at=NOW)
    assert dump(brand) == dump(alone)


def chat_file(key: str, *, lists: tuple[str, ...], speaker: str) -> Path:
    """A ChatLab file of the chat with this number: whom its list names, and the one who says something."""
    path = _home() / f"聊天{next(_number)}.json"
    meta = {"name": f"群{key}", "platform": "qq", "type": "group", "groupId": key}
    said = {
        "platformMessageId": "m1",
        "sender": speaker,
        "timestamp": 1_772_400_000,
        "type": 0,
        "content": "早",
    }
    people = [{"platformId": one, "accountName": f"茶友{one}"} for one in lists]
    path.write_text(
        json.dumps({"chatlab": {"version": "0.0.2"}, "meta": meta, "members": people, "messages": [said]})
    )
    return path


def test_who_stands_in_the_list_of_another_chat_stays_when_the_first_is_taken_back(brand):
    alone = fresh(like=brand)
    homes = [find_community(each, name="茶友群", at=NOW) for each in (brand, alone)]
    paths = [chat_file(key, lists=("90001", "90002"), speaker="90001") for key in ("1", "2")]
    first = take_files(brand, paths[:1], order=order(UPDATE, homes[0]), at=NOW)[0]
    take_files(brand, paths[1:], order=order(UPDATE, homes[0]), at=NOW)
    take_files(alone, paths[1:], order=order(UPDATE, homes[1]), at=NOW)

    undo(first, at=NOW)

    assert dump(brand)["memberships"] == dump(alone)["memberships"]


def test_an_import_that_brought_nobody_is_taken_back_though_a_later_lists_file_is_gone(brand):
    talk(brand, find_community(brand, name="茶友群", at=NOW))
    nobody = take_files(brand, [chat_file("3", lists=(), speaker="90001")], order=order(UPDATE), at=NOW)[0]
    later = take_files(brand, [sheet(_home(), ["90001,阿青"], "QQ号,昵称")], order=order(SKIP), at=NOW)[0]
    ImportBatch.objects.filter(pk=later.pk).update(path="")

    undo(nobody, at=NOW)

    nobody.refresh_from_db()
    assert (nobody.state, Fact.objects.filter(brand=brand.pk).count()) == ("undone", 1)

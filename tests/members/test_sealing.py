"""Phones, mails, IDs, cards, addresses and names are sealed in the database and still found, told apart and erased."""

from __future__ import annotations

import datetime as dt
import importlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from qunying.audiences.likeness import suggestions
from qunying.brands.actions import open_brand
from qunying.brands.models import Brand
from qunying.connectors.actions import Order, take_files, undo
from qunying.connectors.incoming import Options
from qunying.kit.errors import Invalid
from qunying.kit.sensitive import normal
from qunying.members.actions import erase
from qunying.members.models import Identity, Member, Suppression, Telling
from qunying.members.sealing import PREFIX, Sealing
from tests.metrics.house import House, build

NOW = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
PHONE, OTHER = "13812345678", "13912340000"
SECRETS = (
    PHONE,
    OTHER,
    "330106199003071234",
    "6222021234567890128",
    "tea.lover@qq.com",
    "文三路 123 号",
    "欧阳青青",
)
HEAD = "手机号,昵称,群名称,紧急联系电话,身份证号,银行卡,电子邮箱2,收货地址,真实姓名,城市,备注"
ROW = (
    f"{PHONE},阿青,茶友群,{OTHER},330106199003071234,6222021234567890128,tea.lover@qq.com,"
    f"杭州文三路 123 号,欧阳青青,杭州,快递放门口 {OTHER}"
)


@pytest.fixture
def brand(db, tmp_path, settings) -> Brand:
    settings.HOME = tmp_path / "home"
    return open_brand("茶", at=NOW, slug="tea")


def bring(brand: Brand, folder: Path, *rows: str, name: str = "名单"):
    path = folder / f"{name}.csv"
    path.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    batch, _reports = take_files(brand, [path], order=Order(Options()), at=NOW)
    return batch


def told(brand: Brand, member: Member) -> dict[str, str]:
    return Sealing(brand).all_known(member.attributes)


def everything_kept() -> str:
    """Every value of every row of every table, as a dump would hold it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                found += [
                    bytes(value).decode("utf-8", "replace")
                    if isinstance(value, bytes | memoryview)
                    else value
                    if isinstance(value, str)
                    else json.dumps(value, ensure_ascii=False, default=str)
                    for value in row
                ]
    text = "\n".join(found)
    return text + text.encode().decode("unicode_escape", "replace")  # JSON may hold \\u escapes


def test_a_dump_of_every_table_holds_no_personal_value_of_a_list_in_clear(brand, tmp_path):
    bring(brand, tmp_path, ROW)

    kept = everything_kept()

    assert [secret for secret in SECRETS if secret in kept] == []
    assert "杭州" in kept
    (member,) = Member.objects.filter(brand=brand)
    assert (member.name, Identity.objects.get(member=member).value[: len(PREFIX)]) == ("阿青", PREFIX)
    assert told(brand, member) == {
        "紧急联系电话": OTHER,
        "身份证号": "330106199003071234",
        "银行卡": "6222021234567890128",
        "电子邮箱2": "tea.lover@qq.com",
        "收货地址": "杭州文三路 123 号",
        "真实姓名": "欧阳青青",
        "城市": "杭州",
        "备注": f"快递放门口 {OTHER}",
    }


@pytest.mark.django_db(transaction=True)
def test_the_database_file_holds_no_personal_value_in_clear(tmp_path, settings):
    settings.HOME = tmp_path / "home"
    bring(open_brand("茶", at=NOW, slug="tea"), tmp_path, ROW)
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's pages lie outside our home; the dump is looked at above")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    path = Path(str(connection.settings_dict["NAME"]))
    files = list(path.parent.glob(f"{path.name}*"))

    assert files
    assert [one for one in SECRETS for file in files if one.encode() in file.read_bytes()] == []


def test_who_comes_again_in_a_later_list_is_the_same_person_however_the_phone_is_written(brand, tmp_path):
    bring(brand, tmp_path, ROW)

    again = ROW.replace(f"{PHONE},", "+86 138-1234-5678,", 1).replace("杭州,", "上海,")
    bring(brand, tmp_path, again, name="二月")

    (member,) = Member.objects.filter(brand=brand)
    assert (Identity.objects.count(), told(brand, member)["城市"]) == (1, "上海")


def test_an_undone_list_leaves_the_same_sealed_texts_as_before(brand, tmp_path):
    bring(brand, tmp_path, ROW)
    before = [row.attributes for row in Member.objects.order_by("pk")]

    later = bring(brand, tmp_path, ROW.replace(OTHER, "13700001111"), name="二月")
    between = [row.attributes for row in Member.objects.order_by("pk")]
    undo(later, at=NOW)

    assert between != before
    assert [row.attributes for row in Member.objects.order_by("pk")] == before


def test_rows_from_before_are_sealed_once_and_their_people_known_again(brand, tmp_path):
    bring(brand, tmp_path, ROW)
    sealing, account = Sealing(brand), Identity.objects.get()
    clear = told(brand, Member.objects.get())
    Member.objects.update(attributes={**clear, "年龄": 30})
    Telling.objects.update(attributes=clear)
    Identity.objects.update(value=sealing.known(account.value))
    migration = importlib.import_module("qunying.members.migrations.0006_seal_values")

    bring(brand, tmp_path, ROW, name="再来")  # while it is still in clear
    Member.objects.update(attributes={**clear, "年龄": 30})
    for _again in range(2):
        migration.seal(apps, SimpleNamespace(connection=connection))

    (member,) = Member.objects.all()
    kept = everything_kept()
    assert [secret for secret in SECRETS if secret in kept] == []
    assert Identity.objects.get().value == account.value
    assert (member.attributes["年龄"], told(brand, member)) == (30, {**clear, "年龄": "30"})


def test_an_erased_person_is_gone_and_does_not_come_back(brand, tmp_path):
    bring(brand, tmp_path, ROW)
    member = Member.objects.get()

    erase(member, at=NOW, by=None)
    bring(brand, tmp_path, ROW, name="再来")

    member.refresh_from_db()
    assert (member.attributes, Identity.objects.count(), Suppression.objects.count()) == ({}, 0, 1)
    assert Member.objects.filter(erased_at=None).count() == 0


TYPED = ("13812345678", "+86 138 1234 5678", "138-1234-5678", "１３８１２３４５６７８")


@pytest.mark.django_db
@pytest.mark.parametrize("typed", TYPED)
def test_a_whole_phone_finds_its_people_by_account_and_by_what_is_told_of_them(typed):
    house = build(people=("阿青", "小周", "老吴"))
    sealing = Sealing(house.brand)
    one, two = (house.members[f"wm0000000{n}"] for n in (0, 1))
    Identity.objects.filter(member=one).update(scheme="phone", value=sealing.account("phone", f"+86{PHONE}"))
    Member.objects.filter(pk=two).update(attributes={"紧急联系电话": sealing.keep("紧急联系电话", PHONE)})

    assert found(house, house.client(), typed) == ["小周", "阿青"]
    assert found(house, house.client("analyst"), typed) == []
    assert found(house, house.client(), "seal") == []
    assert found(house, house.client(), "13812345679") == []


def found(house: House, client: Client, typed: str) -> list[str]:
    page = client.get(house.url("members/"), {"q": typed}).content.decode()
    return sorted(name for name in ("阿青", "小周", "老吴") if f">{name}<" in page)


@pytest.mark.django_db
def test_two_with_one_phone_are_told_to_be_alike_however_it_is_written():
    house = build(people=("阿青", "小周", "老吴"))
    sealing = Sealing(house.brand)
    for who, phone in (("wm00000000", PHONE), ("wm00000001", "+86 138 1234 5678"), ("wm00000002", OTHER)):
        Member.objects.filter(pk=house.members[who]).update(
            attributes={"phone": sealing.keep("phone", phone)}
        )

    alike = suggestions(house.brand, Member.objects.get(pk=house.members["wm00000000"]), reach=None)

    assert [row.member.name for row in alike] == ["小周"]


HOSTILE = ("sealed:1:", "sealed:1:abc:def", f"sealed:1:{PHONE}", "sealed:1:a:b:c", "\x00手机", "🍵" * 40)


@given(
    called=st.sampled_from(["手机号", "身份证", "地址", "姓名", "email", "备注", ""]),
    value=st.text() | st.sampled_from(HOSTILE),
)
def test_whatever_is_sealed_opens_to_what_it_was(called, value):
    sealing = Sealing(Brand(key=b"k" * 32))

    kept = sealing.keep(called, value)

    assert (sealing.known(kept), sealing.keep(called, value)) == (value, kept)
    assert kept == value or kept.startswith(PREFIX)
    assert not (value.startswith(PREFIX) and kept == value)


phones = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
ways = st.sampled_from(["{}", "+86{}", "+86 {}", "86-{}", "0086{}", " {} "])


@given(phones, phones, ways, ways)
def test_marks_of_phones_are_equal_exactly_when_the_numbers_are(one, other, way, another):
    sealing = Sealing(Brand(key=b"k" * 32))

    marks = [sealing.keep("手机", text).split(":")[2] for text in (way.format(one), another.format(other))]

    assert (marks[0] == marks[1]) == (one == other)


@pytest.mark.parametrize(
    ("kind", "ways"),
    [
        ("email", ("Tea@QQ.com", "tea@qq.com ", "ｔｅａ@qq.com")),
        ("id_number", ("33010619900307123x", "330106 19900307 123X")),
        ("bank_card", ("6222 0212 3456 7890 128", "6222021234567890128")),
        ("address", ("杭州 文三路", "杭州文三路")),
    ],
)
def test_one_value_is_one_however_it_is_written(kind, ways):
    assert len({normal(kind, way) for way in ways}) == 1


def test_another_brand_and_a_changed_text_are_not_opened():
    sealing, other = Sealing(Brand(key=b"k" * 32)), Sealing(Brand(key=b"o" * 32))
    kept = sealing.keep("手机", PHONE)

    assert other.keep("手机", PHONE).split(":")[2:] != kept.split(":")[2:]
    for opened, by in (
        (kept, other),
        (kept[:-3] + "AAA", sealing),
        (kept[:-9], sealing),
        ("sealed:1:x:é", sealing),
    ):
        with pytest.raises(Invalid):
            by.known(opened)


@pytest.mark.django_db
def test_the_export_of_a_community_and_the_card_hold_what_was_told(tmp_path, settings):
    settings.HOME = tmp_path
    house = build(people=("阿青",))
    sealing = Sealing(house.brand)
    Identity.objects.update(scheme="phone", scope="", value=sealing.account("phone", f"+86{PHONE}"))

    page = house.client().get(house.url("members/")).content.decode()
    asked = {"every": "1", "filter": "", "form": "csv", "reason": "回访"}
    answer: Any = house.client().post(house.url("members/export/"), asked)
    file = b"".join(answer.streaming_content).decode()

    assert ("138****5678" in page, PREFIX in page) == (True, False)
    assert (PHONE in file, PREFIX in file) == (True, False)

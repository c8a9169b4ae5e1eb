"""授权与拒收 on the card, the list of opt-outs and the texts people agree to: seen, noted, taken back, imported."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qunying.brands.models import AuditEntry
from qunying.members.actions import Unwanted, give_consent, merge, opt_out_many, unmerge, write_consent_text
from qunying.members.consent import Why, may_be_told
from qunying.members.models import Consent, ConsentText, Member, OptOut, Purpose, Via
from tests.members.world import AT, WORDS
from tests.metrics.house import HOSTILE, House, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return build(people=("阿青", "小周", "老吴"), communities=2)


def one(house: House, name: str = "阿青") -> Member:
    return Member.objects.select_related("brand").get(brand=house.brand, name=name)


def a_text(house: House, words: str = WORDS) -> ConsentText:
    return write_consent_text(house.brand, purpose=Purpose.MARKETING, words=words, at=AT, by=house.staff())


def card(house: House, client: Client, member: Member) -> str:
    return client.get(house.url(f"members/{member.pk}/consent/")).content.decode()


def why(house: House, member: Member) -> Why | None:
    return may_be_told(house.brand, [member.pk], purpose=Purpose.MARKETING).refused.get(member.pk)


def note(house: House, member: Member, client: Client | None = None, **form: str):
    told = {"purpose": "marketing", "via": "staff", "off": "0", **form}
    return (client or house.client()).post(house.url(f"members/{member.pk}/consents/"), told)


def test_a_yes_and_a_no_are_noted_on_the_card_with_the_version_of_the_words(house):
    member, client = one(house), house.client()
    a_text(house)
    note(house, member, evidence="报名表 3 号")
    agreed = card(house, client, member)
    a_text(house, "新的措辞")
    note(house, member, off="1")
    withdrawn = card(house, client, member)

    assert "已同意" in agreed and "同意第 1 版" in agreed and "报名表 3 号" in agreed
    assert "已撤回" in withdrawn and "同意第 1 版" in withdrawn and "同意文本第 2 版" in withdrawn
    assert list(
        Consent.objects.order_by("pk").values_list("is_given", "text__version", "via", "by__role")
    ) == [
        (True, 1, "staff", "owner"),
        (False, None, "staff", "owner"),
    ]
    assert why(house, member) == Why.WITHDRAWN


def test_of_a_yes_and_a_no_on_the_same_past_day_the_no_counts(house):
    member = one(house)
    a_text(house)
    on = (house.now - dt.timedelta(days=3)).date().isoformat()
    note(house, member, on=on, off="1")
    note(house, member, on=on)

    assert why(house, member) == Why.WITHDRAWN


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "还没有同意文本，请先"),
        ({"purpose": "all"}, "还没有同意文本，请先"),
        ({"off": "1", "purpose": "all"}, "请选择一个列出的用途"),
        ({"off": ""}, "请选择一个列出的用途"),
        ({"off": "1", "via": "pigeon"}, "请选择在哪里表示的"),
        ({"off": "1", "on": "2999-01-01"}, "不能晚于现在"),
        ({"off": "1", "on": "昨天"}, "不能晚于现在"),
    ],
)
def test_what_cannot_be_noted_is_refused_in_words_and_leaves_nothing(house, form, told):
    answer = note(house, one(house), **form)

    assert (answer.status_code, Consent.objects.count()) == (422, 0)
    assert told in answer.content.decode()


def test_put_on_the_list_and_taken_off_with_reasons_that_the_card_keeps(house):
    member, client = one(house), house.client()
    url = house.url(f"members/{member.pk}/opt-outs/")
    give_consent(member, text=a_text(house), via=Via.PAGE, said_at=AT, at=AT)

    none = client.post(url, {"reason": " "})
    client.post(url, {"reason": "来电要求"})
    listed = why(house, member), card(house, client, member)
    client.post(url, {"reason": "本人要求恢复", "off": "1"})
    again = client.post(url, {"reason": "本人要求恢复", "off": "1"})
    off = why(house, member), card(house, client, member)

    assert (none.status_code, again.status_code) == (422, 404)
    assert listed[0] == Why.OPTED_OUT and "此人在拒收名单上" in listed[1]
    assert off[0] is None and "来电要求" in off[1] and "本人要求恢复" in off[1]
    deeds = AuditEntry.objects.filter(deed__contains="opt").values_list("deed", "about")
    assert list(deeds) == [
        ("member.opted_out", f"member:{member.pk}"),
        ("member.opt_out_ended", f"member:{member.pk}"),
    ]


def test_words_said_while_merged_are_shown_as_not_counting_after_it_is_undone(house):
    first, second = one(house), one(house, "小周")
    a_text(house)
    done = merge(first, member=second, evidence="", at=AT)
    note(house, first)
    unmerge(done, at=AT)

    assert "现在不算" in card(house, house.client(), second)
    assert (why(house, first), why(house, second)) == (None, Why.NO_CONSENT)


@pytest.mark.parametrize("text", [*HOSTILE, "\x00零"])
def test_hostile_words_stay_words(house, text):
    member, client = one(house), house.client()
    client.post(house.url("consent-texts/new/"), {"purpose": "marketing", "words": text})
    note(house, member, evidence=text)
    client.post(house.url("opt-outs/new/"), {"accounts": f"{text}4711", "reason": text})
    client.get(house.url("opt-outs/"), {"q": text})
    pages = [card(house, client, member)] + [
        client.get(house.url(path)).content.decode() for path in ("opt-outs/", "consent-texts/")
    ]
    sheet = client.post(house.url("opt-outs/export/"))

    assert all("<script>alert" not in shown for shown in pages)
    assert ConsentText.objects.get().words == text.replace("\x00", "")
    lines = b"".join(sheet).decode("utf-8-sig").splitlines()
    assert not any(cell.strip('"').startswith(("=", "@")) for line in lines for cell in line.split(","))


def test_many_are_added_by_account_and_found_again_by_name_and_whole_number(house):
    client = house.client()
    account = one(house).identities.get().value
    answer = client.post(
        house.url("opt-outs/new/"), {"accounts": f"{account}\n\n138 1234 5678\n{account}", "reason": "投诉"}
    )
    again = client.post(house.url("opt-outs/new/"), {"accounts": "13812345678", "reason": "投诉"})

    def found(query: str) -> list[str]:
        page = client.get(house.url("opt-outs/"), {"q": query})
        return [entry.name or entry.row.hint for entry in page.context["entries"]]

    assert (answer.status_code, again.status_code, OptOut.objects.count()) == (302, 302, 2)
    assert [found(query) for query in ("阿青", "+86 13812345678", "1381", "")] == [
        ["阿青"],
        ["138****5678"],
        [],
        ["138****5678", "阿青"],
    ]
    assert "13812345678" not in client.get(house.url("opt-outs/")).content.decode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "姓名,手机号,原因\n周,13812345678,短信回复退订\n吴,13912345678,\n".encode()),
        ("b.csv", "姓名,手机号,原因\n周,13812345678,短信回复退订\n吴,13912345678,\n".encode("gb18030")),
        ("c.txt", b"13812345678\n13912345678\n"),
    ],
)
def test_a_table_of_numbers_is_imported_once_however_often_it_comes(house, name, content):
    client, url = house.client(), house.url("opt-outs/import/")

    for _time in range(2):
        answer = client.post(url, {"file": SimpleUploadedFile(name, content), "reason": "12321 名单"})

    assert answer.status_code == 302
    kept = OptOut.objects.order_by("hint").values_list("hint", "reason", "via")
    first = "12321 名单" if name == "c.txt" else "短信回复退订"
    assert list(kept) == [("138****5678", first, "import"), ("139****5678", "12321 名单", "import")]


def test_what_is_no_table_is_refused_and_leaves_nothing(house):
    client, url = house.client(), house.url("opt-outs/import/")
    answers = [
        client.post(url, {"reason": "x"}),
        client.post(url, {"file": SimpleUploadedFile("a.csv", b""), "reason": "x"}),
        client.post(url, {"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04junk"), "reason": "x"}),
        client.post(url, {"file": SimpleUploadedFile("a.csv", b"13812345678\n"), "reason": ""}),
    ]

    assert [answer.status_code for answer in answers] == [422] * 4
    assert OptOut.objects.count() == 0


def test_the_list_asks_as_much_for_one_row_as_for_three(house):
    client = house.client()

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as told:
            client.get(house.url("opt-outs/"))
        return len(told)

    numbers = [Unwanted(one(house, name).identities.get().value) for name in ("阿青", "小周", "老吴")]
    opt_out_many(house.brand, numbers[:1], reason="x", via=Via.STAFF, at=AT, by=None)
    cost()
    first = cost()
    opt_out_many(house.brand, numbers[1:], reason="x", via=Via.STAFF, at=AT, by=None)

    assert cost() == first


def test_who_has_some_communities_sees_the_known_people_of_those_and_adds_nobody_by_account(house):
    every = [Unwanted(one(house, name).identities.get().value) for name in ("阿青", "小周")]
    opt_out_many(house.brand, [*every, Unwanted("13812345678")], reason="x", via=Via.STAFF, at=AT, by=None)
    narrow = house.client("operator", reach=[house.communities[1].pk])

    shown = narrow.get(house.url("opt-outs/"))
    refused = [
        narrow.post(house.url("opt-outs/new/"), {"accounts": "13912345678", "reason": "x"}),
        narrow.post(
            house.url("opt-outs/import/"),
            {"file": SimpleUploadedFile("a.csv", b"13912345678\n"), "reason": "x"},
        ),
    ]
    strange = OptOut.objects.get(member=None)
    gone = narrow.post(house.url(f"opt-outs/{strange.pk}/removal/"), {"reason": "x"})

    inside = {entry.name for entry in shown.context["entries"]}
    assert (len(inside), "按账号或手机号加入" in shown.content.decode()) == (1, False)
    assert [answer.status_code for answer in refused] == [409, 409]
    assert (gone.status_code, OptOut.objects.filter(ended_at=None).count()) == (404, 3)


def test_who_may_not_see_personal_data_reads_no_notes_and_writes_nothing(house):
    member = one(house)
    a_text(house)
    note(house, member, evidence="报名表 13812345678")
    analyst = house.client("analyst")

    shown = card(house, analyst, member)
    tried = note(house, member, analyst, off="1")

    assert "已同意" in shown and "138" not in shown and "consents/" not in shown
    assert (tried.status_code, why(house, member)) == (403, None)
    assert "13812345678" not in card(house, house.client(), member)


def test_other_words_are_a_new_version_and_the_old_one_stays(house):
    client = house.client()
    for words in (WORDS, WORDS, f"{WORDS}随时可退订。"):
        client.post(house.url("consent-texts/new/"), {"purpose": "marketing", "words": words})

    shown = client.get(house.url("consent-texts/")).content.decode()

    assert list(ConsentText.objects.order_by("version").values_list("version", "words")) == [
        (1, WORDS),
        (2, f"{WORDS}随时可退订。"),
    ]
    assert "第 1 版" in shown and "第 2 版" in shown
    assert (
        house.client("operator").post(house.url("consent-texts/new/"), {"purpose": "marketing"}).status_code
        == 403
    )

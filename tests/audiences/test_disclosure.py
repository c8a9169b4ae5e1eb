"""Phones, mails and the like on a member's card: masked for everybody, looked at one by one, every look logged."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import get_args

import pytest
from django.test import Client

from qunying.audiences.sensitive import Kind
from qunying.brands.deeds import DEEDS
from qunying.brands.models import AuditEntry
from qunying.members.actions import erase, merge
from qunying.members.models import Identity, Member
from tests.metrics.house import House, build

pytestmark = pytest.mark.django_db
PHONE, MAIL, NOTE = "13812345678", "tea.lover@qq.com", "快递放门口，电话 139 8765 4321"
ACCOUNT, OTHER = "+8613712340000", "wm00000001"
HOSTILE = '"><script>alert(1)</script>手机'
MASKS = ["138****5678", "t***@qq.com", "快递放门口,电话 139****4321", "137****0000"]


@pytest.fixture
def house() -> House:
    """The first person has a phone as the account, and more of it in a table's columns."""
    house = build(people=("阿青", "小周", "老吴"), communities=2)
    Identity.objects.filter(value="wm00000000").update(scheme="phone", scope="", value=ACCOUNT)
    told = {"手机号": PHONE, "email": MAIL, "note": NOTE, "city": "杭州", HOSTILE: PHONE}
    Member.objects.filter(pk=house.members["wm00000000"]).update(attributes=told)
    return house


def card(house: House, client: Client, *, part: str = "", drawer: bool = False) -> str:
    headers = {"HX-Request": "true"} if drawer else {}
    pk = house.members["wm00000000"]
    return client.get(house.url(f"members/{pk}/{part}"), headers=headers).content.decode()


def look(house: House, client: Client, what: str, *, member: str = "wm00000000"):
    return client.post(house.url(f"members/{house.members[member]}/disclosures/"), {"what": what})


def keys(page: str) -> list[str]:
    """What the page's buttons ask for."""
    return [unescape(key) for key in re.findall(r'name="what" value="([^"]*)"', page)]


def looks() -> list[tuple[str, str, object, object]]:
    rows = AuditEntry.objects.filter(deed__endswith="_seen").order_by("number")
    return [(row.deed, row.about, row.before, row.after) for row in rows]


@pytest.mark.parametrize("drawer", [False, True])
def test_page_and_drawer_mask_for_everybody_with_a_button_beside_each(house, drawer):
    client = house.client()

    page = card(house, client, drawer=drawer) + card(house, client, part="accounts/", drawer=drawer)

    account = Identity.objects.get(value=ACCOUNT)
    assert [mask for mask in MASKS if mask not in page] == []
    assert [clear for clear in (PHONE, MAIL, "139 8765", ACCOUNT, "<script>alert") if clear in page] == []
    assert "杭州" in page
    assert set(keys(page)) == {
        *(f"attribute:{name}" for name in ("手机号", "email", "note", HOSTILE)),
        f"account:{account.pk}",
    }


def test_every_button_answers_the_text_once_and_the_log_tells_the_look_but_not_the_text(house):
    client, pk = house.client("support"), house.members["wm00000000"]
    asked = keys(card(house, client, part="accounts/"))

    answers = {what: look(house, client, what) for what in asked}

    texts = {what: unescape(answer.content.decode()).strip() for what, answer in answers.items()}
    account = Identity.objects.get(value=ACCOUNT)
    assert texts == {
        "attribute:手机号": f"<bdi>{PHONE}</bdi>",
        "attribute:email": f"<bdi>{MAIL}</bdi>",
        "attribute:note": f"<bdi>{NOTE}</bdi>",
        f"attribute:{HOSTILE}": f"<bdi>{PHONE}</bdi>",
        f"account:{account.pk}": f"<bdi>{ACCOUNT}</bdi>",
    }
    assert {answer["Cache-Control"] for answer in answers.values()} == {"private, no-store"}
    deeds = [f"member.{'email' if what == 'attribute:email' else 'phone'}_seen" for what in asked]
    assert looks() == [(deed, f"member:{pk}", None, None) for deed in deeds]


def test_a_look_at_hostile_text_is_no_markup(house):
    text = "<img src=x onerror=alert(1)> 13812345678"
    Member.objects.filter(pk=house.members["wm00000000"]).update(attributes={"备注": text})
    client = house.client()

    assert "<img" not in card(house, client)
    assert "&lt;img" in look(house, client, "attribute:备注").content.decode()


def test_who_lacks_the_permission_sees_masks_without_buttons_and_is_refused(house):
    client = house.client("analyst")

    page = card(house, client, part="accounts/")

    assert [mask in page for mask in MASKS] == [True, True, False, True]
    assert (keys(page), "杭州" in page, "快递" in page) == ([], False, False)
    assert look(house, client, "attribute:手机号").status_code == 403
    assert looks() == []


def test_staff_of_other_communities_find_nobody_to_look_at(house):
    far = house.client("support", reach=[house.communities[1].pk])
    near = house.client("moderator", reach=[house.communities[0].pk])

    assert [look(house, client, "attribute:手机号").status_code for client in (far, near)] == [404, 200]
    assert len(looks()) == 1


@pytest.mark.parametrize(
    "what", ["", "attribute:city", "attribute:nothing", "account:1000000", "account:{other}"]
)
def test_what_is_not_masked_or_anothers_is_not_found(house, what):
    other = Identity.objects.get(value=OTHER)

    answer = look(house, house.client(), what.format(other=other.pk))

    assert (answer.status_code, looks()) == (404, [])
    assert "刷新页面" in answer.content.decode()


def test_a_look_needs_a_post_with_the_pages_token(house):
    client = Client(enforce_csrf_checks=True)
    client.force_login(house.owner, backend="django.contrib.auth.backends.ModelBackend")

    bare = look(house, client, "attribute:手机号")
    got = client.get(house.url(f"members/{house.members['wm00000000']}/disclosures/?what=attribute:手机号"))

    assert (bare.status_code, got.status_code, looks()) == (403, 405, [])


def test_a_merged_persons_accounts_are_looked_at_as_the_roots_and_an_erased_one_is_gone(house):
    client = house.client()
    root, other = (Member.objects.get(pk=house.members[who]) for who in (OTHER, "wm00000000"))
    account = Identity.objects.get(value=ACCOUNT)
    merge(root, member=other, evidence="", score=100, at=house.now, by=house.staff())

    merged = look(house, client, f"account:{account.pk}", member=OTHER)
    erase(root, at=house.now, by=house.staff())

    assert ACCOUNT in merged.content.decode()
    assert look(house, client, f"account:{account.pk}", member=OTHER).status_code == 404
    assert looks() == [("member.phone_seen", f"member:{root.pk}", None, None)]


def test_lists_mask_and_files_hold_what_the_permission_allows(house):
    client = house.client()
    Member.objects.filter(name="老吴").update(name=f"老吴 {PHONE}")

    page = client.get(house.url("members/")).content.decode()
    answer = client.post(house.url("members/export/"), {"every": "1", "filter": "", "form": "csv"})

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    cells = {cell for row in csv.reader(io.StringIO(text)) for cell in row}
    assert ("137****0000" in page, "老吴 138****5678" in page) == (True, True)
    assert (ACCOUNT in page, PHONE in page) == (False, False)
    assert {f"'{ACCOUNT}", f"老吴 {PHONE}"} <= cells or {ACCOUNT, f"老吴 {PHONE}"} <= cells
    assert AuditEntry.objects.latest("number").deed == "members.exported"


def test_every_kind_of_look_has_its_words():
    assert [kind for kind in get_args(Kind) if f"member.{kind}_seen" not in DEEDS] == []

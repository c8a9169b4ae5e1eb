"""Phones, mails and the like on a member's card: masked for everybody, looked at one by one, every look logged."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import get_args

import pytest
from django.test import Client

from qunying.brands.deeds import DEEDS
from qunying.brands.models import AuditEntry
from qunying.kit.sensitive import Kind
from qunying.members.actions import erase, merge
from qunying.members.models import Identity, Member
from tests.metrics.house import House, build

pytestmark = pytest.mark.django_db
PHONE, MAIL, NOTE = "13812345678", "tea.lover@qq.com", "快递放门口，电话 139 8765 4321"
ACCOUNT, OTHER = "+8613712340000", "wm00000001"
REASON = "核对订单"
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


def look(house: House, client: Client, what: str, *, member: str = "wm00000000", reason: str = REASON):
    url = house.url(f"members/{house.members[member]}/disclosures/")
    return client.post(url, {"what": what, "reason": reason})


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
    called = [*("手机号", "email", "note", HOSTILE), "phone"]
    after = {f"attribute:{one}": {"field": one, "reason": REASON} for one in called[:4]}
    after[f"account:{account.pk}"] = {"field": "phone", "reason": REASON}
    assert looks() == [
        (deed, f"member:{pk}", None, after[what]) for deed, what in zip(deeds, asked, strict=True)
    ]


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

    assert (bare.status_code, PHONE in got.content.decode(), looks()) == (403, False, [])


def test_the_button_asks_why_before_anything_is_shown_or_logged(house):
    client, pk = house.client("support"), house.members["wm00000000"]

    form = client.get(house.url(f"members/{pk}/disclosures/"), {"what": f"attribute:{HOSTILE}"})

    text = form.content.decode()
    assert (keys(text), 'name="reason"' in text) == ([f"attribute:{HOSTILE}"], True)
    assert (PHONE in text, "<script>" in text, looks()) == (False, False, [])
    ids = [
        re.findall(r' id="([^"]*)"', asking(house, client, what))
        for what in ("attribute:手机号", "attribute:地址")
    ]
    assert len({*ids[0], *ids[1]}) == 4  # two may stand open on one card


def asking(house: House, client: Client, what: str) -> str:
    url = house.url(f"members/{house.members['wm00000000']}/disclosures/")
    return client.get(url, {"what": what}).content.decode()


@pytest.mark.parametrize("reason", ["", " ", "查", "\t查\n", "长" * 101])
def test_without_a_reason_nothing_is_shown(house, reason):
    answer = look(house, house.client(), "attribute:手机号", reason=reason)

    assert (answer.status_code, PHONE in answer.content.decode(), looks()) == (422, False, [])
    assert "2 到 100 个字" in answer.content.decode()


@pytest.mark.parametrize("reason", ["查单", "长" * 100, "  核对\n 订单 ", '"><script>alert(1)</script>'])
def test_the_reason_is_kept_in_one_line_as_it_was_typed(house, reason):
    look(house, house.client(), "attribute:手机号", reason=reason)

    (entry,) = AuditEntry.objects.filter(deed="member.phone_seen")
    page = house.client().get(house.url("audit/")).content.decode()
    assert entry.after == {"field": "手机号", "reason": " ".join(reason.split())}
    assert "<script>alert" not in page


def test_a_merged_persons_accounts_are_looked_at_as_the_roots_and_an_erased_one_is_gone(house):
    client = house.client()
    root, other = (Member.objects.get(pk=house.members[who]) for who in (OTHER, "wm00000000"))
    account = Identity.objects.get(value=ACCOUNT)
    merge(root, member=other, evidence="", score=100, at=house.now, by=house.staff())

    merged = look(house, client, f"account:{account.pk}", member=OTHER)
    erase(root, at=house.now, by=house.staff())

    assert ACCOUNT in merged.content.decode()
    assert look(house, client, f"account:{account.pk}", member=OTHER).status_code == 404
    after = {"field": "phone", "reason": REASON}
    assert looks() == [("member.phone_seen", f"member:{root.pk}", None, after)]


def test_lists_mask_and_files_hold_what_the_permission_allows(house):
    client = house.client()
    Member.objects.filter(name="老吴").update(name=f"老吴 {PHONE}")

    page = client.get(house.url("members/")).content.decode()
    answer = client.post(
        house.url("members/export/"), {"every": "1", "filter": "", "form": "csv", "reason": REASON}
    )

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    cells = {cell for row in csv.reader(io.StringIO(text)) for cell in row}
    assert ("137****0000" in page, "老吴 138****5678" in page) == (True, True)
    assert (ACCOUNT in page, PHONE in page) == (False, False)
    assert {f"'{ACCOUNT}", f"老吴 {PHONE}"} <= cells or {ACCOUNT, f"老吴 {PHONE}"} <= cells
    last = AuditEntry.objects.latest("number")
    assert (last.deed, (last.after or {})["reason"]) == ("members.exported", REASON)


def test_an_export_without_a_reason_is_refused_and_not_logged(house):
    answer = house.client().post(house.url("members/export/"), {"every": "1", "filter": "", "form": "csv"})

    assert answer.status_code == 422
    assert not AuditEntry.objects.filter(deed="members.exported").exists()


def test_every_kind_of_look_has_its_words():
    assert [kind for kind in get_args(Kind) if f"member.{kind}_seen" not in DEEDS] == []


def test_the_card_tells_whoever_reads_the_log_who_looked_at_what_and_why(house):
    look(house, house.client("support"), "attribute:手机号", reason='"><script>alert(1)</script>')
    owner = house.client()

    page = card(house, owner, part="looks/")

    who = AuditEntry.objects.get(deed="member.phone_seen").who
    told = [who, "查看群成员的手机号", "手机号", "&quot;&gt;&lt;script&gt;alert(1)"]
    assert [text for text in told if text not in page] == []
    assert PHONE not in page
    assert "还没有人看过" in owner.get(house.url(f"members/{house.members[OTHER]}/looks/")).content.decode()


def test_who_may_not_read_the_log_has_no_list_of_who_looked(house):
    client = house.client("support")

    assert "looks/" not in card(house, client)
    assert client.get(house.url(f"members/{house.members['wm00000000']}/looks/")).status_code == 403


def test_the_log_is_narrowed_to_looks_and_exports_and_to_one_person(house):
    client, pk = house.client(), house.members["wm00000000"]
    look(house, client, "attribute:手机号")
    client.post(house.url("members/export/"), {"every": "1", "filter": "", "form": "csv", "reason": REASON})

    def deeds(query: str) -> list[str]:
        page = client.get(house.url(f"audit/?{query}")).content.decode()
        return re.findall(r'<td class="main"><b>([^<]*)</b>', page)

    assert deeds("deed=personal") == ["导出群成员", "查看群成员的手机号"]
    assert deeds(f"deed=personal&about=member:{pk}") == ["查看群成员的手机号"]
    assert deeds("deed=personal&about=member:1000000") == []


def test_a_reason_that_names_the_person_or_a_phone_is_kept_without_them(house):
    typed = f"阿青的订单，回电 {ACCOUNT} 或 {PHONE}"

    look(house, house.client(), "attribute:手机号", reason=typed)

    (entry,) = AuditEntry.objects.filter(deed="member.phone_seen")
    kept = str(entry.after)
    assert [text for text in ("阿青", PHONE, ACCOUNT) if text in kept] == []
    assert "的订单" in kept and "138****5678" in kept

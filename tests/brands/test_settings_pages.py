"""Promises of the settings pages: staff and roles, brand settings, tokens, the log."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from django.test import Client

from qunying.brands.actions import appoint, log, open_account, open_brand
from qunying.brands.deeds import DEEDS
from qunying.brands.models import Account, ApiToken, AuditEntry, Brand, Staff
from qunying.communities.actions import change_community, find_community
from tools.tree import PACKAGE

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)
HERE = "/b/shancha/"


@pytest.fixture
def brand() -> Brand:
    open_account("lin", password="x" * 12, at=AT, name="林")
    return open_brand("山茶", at=AT, slug="shancha")


@pytest.fixture
def client(brand) -> Client:
    client = Client()
    client.force_login(Account.objects.get(login="lin"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_new_colleague_gets_a_password_that_is_shown_once_and_works(client, brand):
    place = find_community(brand, name="一群", at=AT)
    form = {"login": "zhou", "name": "小周", "role": "operator", "scope": "chosen", "communities": [place.pk]}

    answer = client.post(f"{HERE}staff/", form)
    password = answer.context["password"]
    again = client.get(f"{HERE}staff/")

    staff = Staff.objects.get(account__login="zhou")
    assert (staff.role, staff.reach, staff.name) == ("operator", [place.pk], "小周")
    assert staff.account.check_password(password)
    assert password in answer.content.decode()
    assert (again.context["password"], password in again.content.decode()) == ("", False)
    assert password not in str(list(AuditEntry.objects.values_list("before", "after")))


def test_a_login_of_another_brand_is_not_taken_over(client):
    other = open_brand("别的", at=AT, slug="other")
    Staff.objects.filter(brand=other).delete()
    appoint(other, account=open_account("zhou", password="x" * 12, at=AT), role="owner", at=AT, by=None)

    answer = client.post(
        f"{HERE}staff/", {"login": "zhou", "name": "小周", "role": "analyst", "scope": "all"}
    )

    assert answer.status_code == 409
    assert not Staff.objects.filter(account__login="zhou", brand__slug="shancha").exists()


def test_role_and_scope_change_and_the_colleague_can_be_dismissed(client, brand):
    place = find_community(brand, name="一群", at=AT)
    row = appoint(
        brand, account=open_account("zhou", password="x" * 12, at=AT), role="operator", at=AT, by=None
    )

    client.post(f"{HERE}staff/{row.pk}/", {"role": "analyst", "scope": "chosen", "communities": [place.pk]})
    row.refresh_from_db()
    changed = (row.role, row.reach)
    client.post(f"{HERE}staff/{row.pk}/dismissal/")
    row.refresh_from_db()

    assert changed == ("analyst", [place.pk])
    assert not row.is_active
    assert [entry.deed for entry in AuditEntry.objects.order_by("-number")[:2]] == [
        "staff.dismissed",
        "staff.appointed",
    ]


def test_the_last_owner_cannot_leave(client, brand):
    row = Staff.objects.get(account__login="lin")

    assert client.post(f"{HERE}staff/{row.pk}/dismissal/").status_code == 409
    assert client.post(f"{HERE}staff/{row.pk}/", {"role": "analyst", "scope": "all"}).status_code == 409
    assert Staff.objects.get(pk=row.pk).role == "owner"


def test_settings_are_saved_and_logged_with_before_and_after(client, brand):
    form = client.get(f"{HERE}settings/").context["form"]
    values = {name: field.initial for name, field in form.fields.items()} | {"name": "山茶2", "text_days": 30}

    answer = client.post(
        f"{HERE}settings/",
        {key: value for key, value in values.items() if value is not None and value is not False},
    )

    brand.refresh_from_db()
    entry = AuditEntry.objects.get(deed="brand.changed")
    assert answer.status_code == 302
    assert (brand.name, brand.preferences["text_days"]) == ("山茶2", 30)
    assert entry.before is not None and entry.after is not None
    assert (entry.before["name"], entry.after["name"], entry.who) == ("山茶", "山茶2", "林")


def test_a_setting_out_of_range_is_refused(client, brand):
    answer = client.post(f"{HERE}settings/", {"name": "山茶", "text_days": -1, "file_days": 30})

    assert "text_days" in answer.context["form"].errors
    assert Brand.objects.get().preferences == {}


def test_a_token_is_shown_once_kept_as_a_hash_and_can_be_revoked(client):
    answer = client.post(f"{HERE}settings/tokens/", {"name": "报表", "scopes": ["numbers.read"]})
    token = answer.context["token"]
    row = ApiToken.objects.get()

    again = client.get(f"{HERE}settings/tokens/").content.decode()
    client.post(f"{HERE}settings/tokens/{row.pk}/revocation/")

    assert token.startswith("qy_") and token in answer.content.decode() and token not in again
    assert token.encode() not in bytes(row.digest)
    assert ApiToken.objects.get().revoked_at is not None


def test_who_issues_a_token_reads_what_it_takes_to_see_people_in_full(client):
    page = client.get(f"{HERE}settings/tokens/").content.decode()

    assert "读完整资料须写明理由，并记入操作日志。" in page


def test_the_log_is_narrowed_by_who_what_and_the_brands_days(client, brand):
    for name in ("一", "二"):
        client.post(f"{HERE}settings/tokens/", {"name": name, "scopes": ["numbers.read"]})
    today = AuditEntry.objects.latest("number").at.astimezone(brand.clock.zone).date().isoformat()

    def numbers(query: str) -> list[int]:
        return [row.number for row in client.get(f"{HERE}audit/?{query}").context["rows"]]

    assert numbers("") == [2, 1]
    assert numbers("deed=token.issued&who=林") == [2, 1]
    assert numbers("deed=brand.changed") == []
    assert (numbers(f"since={today}&until={today}"), numbers("until=2020-01-01")) == ([2, 1], [])


def test_checking_the_log_tells_an_altered_entry(client):
    client.post(f"{HERE}settings/tokens/", {"name": "一", "scopes": ["numbers.read"]})
    whole = client.post(f"{HERE}audit/check/", follow=True).content.decode()
    AuditEntry.objects.filter(number=1).update(who="别人")
    broken = client.post(f"{HERE}audit/check/", follow=True).content.decode()

    assert "操作日志完整，没有被改动过。" in whole
    assert "第 1 条与记录不符" in broken


def test_the_exported_log_is_safe_in_a_spreadsheet_and_its_export_is_logged(client):
    client.post(f"{HERE}settings/tokens/", {"name": "=cmd|calc", "scopes": ["numbers.read"]})

    answer = client.post(f"{HERE}audit/file/", {"deed": "token.issued"})

    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert (rows[0][0], len(rows), rows[1][3], rows[1][4]) == ("编号", 2, "签发 API 令牌", "令牌 =cmd|calc")
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    assert AuditEntry.objects.latest("number").deed == "audit.exported"


def test_every_deed_that_is_logged_has_its_words():
    written = {
        deed
        for path in sorted(PACKAGE.rglob("*.py"))
        for deed in re.findall(r'deed="([a-z_]+\.[a-z_]+)"', path.read_text("utf-8"))
    }

    assert sorted(written - set(DEEDS)) == []


def test_the_log_tells_a_data_scope_by_the_names_of_its_communities(client, brand):
    places = [find_community(brand, name=name, at=AT) for name in ("早茶群", "晚茶群")]
    other = find_community(open_brand("别的", at=AT, slug="other"), name="别家群", at=AT)
    lin = Staff.objects.get(brand=brand, account__login="lin")
    zhou = open_account("zhou", password="x" * 12, at=AT, name="小周")
    for reach in (None, [places[0].pk, places[1].pk], [], [other.pk]):
        appoint(brand, account=zhou, role="operator", at=AT, by=lin, reach=reach)

    rows = client.get(f"{HERE}audit/").context["rows"]

    assert [[change for change in row.changes if change[0] == "数据范围"] for row in rows[:3]] == [
        [("数据范围", "没有社群", str(other.pk))],
        [("数据范围", "早茶群、晚茶群", "没有社群")],
        [("数据范围", "全部社群", "早茶群、晚茶群")],
    ]


def test_the_log_says_what_it_keeps_by_key_in_words(client, brand):
    place = find_community(brand, name="一群", at=AT)
    lin = Staff.objects.get(account__login="lin")
    change_community(
        place,
        values={"kind": "camp", "labels": ["早茶", "打卡"], "is_test": True, "capacity": 200},
        at=AT,
        by=lin,
    )
    told = {"filter": {"stage": "new", "tag": "老茶客", "q": "…"}, "every": True}
    log(brand, deed="members.exported", about="members", at=AT, by=lin, after=told)
    log(brand, deed="run.started", about="run:1", at=AT, by=lin, after={"playbook": "onboarding.week"})
    log(brand, deed="run.started", about="run:2", at=AT, by=lin, after={"playbook": "gone.since"})

    rows = client.get(f"{HERE}audit/").context["rows"]

    assert [set(row.changes) for row in rows] == [
        {("运营SOP", "—", "gone.since")},
        {("运营SOP", "—", "新人七日引导")},
        {("条件", "—", "搜索：…；阶段：新成员；标签：老茶客"), ("全部符合条件", "—", "是")},
        {
            ("类型", "兴趣群", "训练营"),
            ("标签", "—", "早茶、打卡"),
            ("测试群", "否", "是"),
            ("人数上限", "—", "200"),
        },
    ]

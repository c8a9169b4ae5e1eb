"""Promises of what every page gets: only the communities in scope, the menu of the role, freshness, the checklist."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from qunying.brands.actions import appoint, open_account, open_brand
from qunying.brands.models import Brand
from qunying.communities.actions import cover, find_community
from qunying.console.menu import menu
from qunying.kit import catalog
from qunying.settings import LANGUAGES

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)


@pytest.fixture
def brand() -> Brand:
    open_account("lin", password="x" * 12, at=AT)
    made = open_brand("山茶", at=AT, slug="shancha")
    for name, last in (("一群", 20_520), ("二群", 20_518)):
        cover(find_community(made, name=name, at=AT), first=20_500, last=last, has_speech=True)
    return made


def signed_in(brand: Brand, role: str, reach: list[int] | None = None) -> Client:
    account = open_account(f"{role}-{reach}", password="x" * 12, at=AT)
    appoint(brand, account=account, role=role, at=AT, by=None, reach=reach)
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def opened(brand: Brand, role: str, reach: list[int] | None = None, query: str = ""):
    return signed_in(brand, role, reach).get(f"/b/shancha/start/{query}").context


def test_the_switcher_holds_only_the_communities_in_the_data_scope(brand):
    second = brand.communities.get(name="二群")

    everything, limited = opened(brand, "operator"), opened(brand, "analyst", [second.pk])

    assert sorted(row.name for row in everything["communities"]) == ["一群", "二群"]
    assert [row.name for row in limited["communities"]] == ["二群"]


def test_a_community_out_of_scope_cannot_be_chosen(brand):
    first, second = brand.communities.order_by("pk")

    inside = opened(brand, "operator", [second.pk], f"?c={second.pk}")
    outside = opened(brand, "analyst", [second.pk], f"?c={first.pk}")

    assert (inside["scope"].name, bool(outside["scope"])) == ("二群", False)


def test_freshness_names_the_last_day_and_who_is_behind(brand):
    assert str(opened(brand, "operator")["freshness"]) == (
        "数据截至 2026-03-08（时区 Asia/Shanghai）；另有 1 个社群的数据较早"
    )


def test_the_menu_holds_what_the_role_may_open(brand):
    shown = {item.url for group in opened(brand, "founder")["menu"] for item in group.items}

    allowed = {
        item.route
        for item in catalog.collect("menu")
        if item.may in ("numbers.read", "advice.read", "reports.share", "audit.read", "roster.read")
    }
    assert len(shown) == len(allowed)
    assert "/b/shancha/audit/" in shown and "/b/shancha/staff/" not in shown


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("owner", ["添加员工", "新建 API 令牌", "新建社群", "新建人群包", "打开报告", "导入文件"]),
        ("analyst", ["新建人群包", "打开报告"]),
        ("volunteer", []),
    ],
)
def test_the_palette_offers_the_deeds_of_the_role(brand, role, offered):
    client = signed_in(brand, role)

    page = client.get("/b/shancha/start/")
    shown = page.context["shortcuts"]

    assert [str(deed.label) for deed in shown] == offered
    assert [client.get(deed.url).status_code for deed in shown] == [200] * len(offered)
    palette = page.content.decode().partition('id="palette"')[2].partition("</dialog>")[0]
    assert re.findall(r'<a href="([^"]+)">', palette) == [deed.url for deed in shown]
    assert re.findall(r'data-from="([^"]+)"', palette) == ["#side > a", "#scope-menu a"]
    assert re.findall(r'name="language" value="([^"]+)"', palette) == [code for code, _name in LANGUAGES]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("", "dashboard"),
        ("start/", ""),
        ("communities/7/", "communities"),
        ("advice/3/", "findings"),
        ("people/", "members"),
        ("settings/tokens/", "tokens"),
    ],
)
def test_the_menu_marks_the_entry_the_page_belongs_to(brand, path, current):
    account = open_account("op", password="x" * 12, at=AT)
    staff = appoint(brand, account=account, role="owner", at=AT, by=None)

    marked = [
        each.url
        for group in menu(staff, path=f"/b/shancha/{path}")
        for each in group.items
        if each.is_current
    ]

    assert marked == ([reverse(current, args=["shancha"])] if current else [])


def test_the_checklist_counts_what_is_done_and_can_be_put_away(brand):
    account = open_account("op", password="x" * 12, at=AT)
    appoint(brand, account=account, role="owner", at=AT, by=None)
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")

    first = client.get("/b/shancha/start/").context["checklist"]
    client.post("/b/shancha/start/overview/")
    second = client.get("/b/shancha/start/").context["checklist"]
    client.post("/b/shancha/start/checklist/", {"state": "off"})
    away = client.get("/b/shancha/start/").context["checklist"]

    assert (first.done, first.total, str(first.next_label)) == (1, 5, "标记员工")
    assert second.done == 2
    assert not away

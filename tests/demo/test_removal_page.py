"""Promises of the button that takes the demo away."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from qunying.brands.actions import open_account, open_brand
from qunying.brands.models import Account, Brand
from qunying.communities.actions import find_community
from qunying.demo.actions import SLUG

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)


@pytest.fixture
def client(tmp_path, settings) -> Client:
    settings.HOME = tmp_path
    account = open_account("lin", password="x" * 12, at=AT)
    demo = open_brand("山茶", at=AT, slug=SLUG, is_demo=True)
    find_community(demo, name="会员群", at=AT)
    find_community(open_brand("自己的", at=AT, slug="own"), name="会员群", at=AT)
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_demo_goes_once_its_name_is_typed_and_other_brands_stay(client):
    wrong = client.post(f"/b/{SLUG}/settings/demo/removal/", {"word": "山"}).status_code
    before = Brand.objects.count()

    answer = client.post(f"/b/{SLUG}/settings/demo/removal/", {"word": "山茶"})

    assert (wrong, before, answer["Location"]) == (422, 2, "/")
    assert [(brand.slug, brand.communities.count()) for brand in Brand.objects.all()] == [("own", 1)]
    assert client.get("/")["Location"].startswith("/b/own/")


def test_a_brand_that_is_no_demo_offers_no_removal(client):
    page = client.get("/b/own/settings/").content.decode()

    assert "删除演示数据" not in page
    assert client.post("/b/own/settings/demo/removal/", {"word": "自己的"}).status_code == 404
    assert Brand.objects.count() == 2


def test_who_loses_the_only_brand_can_found_one(client):
    Brand.objects.filter(slug="own").delete()

    client.post(f"/b/{SLUG}/settings/demo/removal/", {"word": "山茶"})
    client.post("/brands/", {"brand": "新牌子", "zone": "Asia/Shanghai"})

    assert [(brand.name, brand.staff.get().account) for brand in Brand.objects.all()] == [
        ("新牌子", Account.objects.get(login="lin"))
    ]

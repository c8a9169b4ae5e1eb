"""A brand with one community, its owner, and findings as examinations leave them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from pyroaring import BitMap

from qunying.brands.actions import appoint, open_account, open_brand
from qunying.brands.models import Brand, Staff
from qunying.communities.actions import find_community
from qunying.communities.models import Community
from qunying.diagnosis.models import Finding

AT = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)
"""A Monday, ten in the morning in Shanghai."""
EVIDENCE: dict[str, object] = {"now": 12.0, "usual": 40.0, "fall": 0.7, "days": 5}


@pytest.fixture
def brand(db: None) -> Brand:
    return open_brand("茶", at=AT, slug="tea")


@pytest.fixture
def club(brand: Brand) -> Community:
    return find_community(brand, name="茶友群", at=AT)


@pytest.fixture
def owner(brand: Brand) -> Staff:
    return staff_of(brand, "owner", "owner")


def staff_of(brand: Brand, login: str, role: str, reach: list[int] | None = None) -> Staff:
    account = open_account(login, password="long enough", at=AT)
    return appoint(brand, account=account, role=role, at=AT, by=None, reach=reach)


@pytest.fixture
def finding_of(brand: Brand) -> Callable[..., Finding]:
    def make(community: Community, detector: str = "activity.fell", subject: str = "") -> Finding:
        return Finding.objects.create(
            brand=community.brand,
            community=community,
            detector=detector,
            subject=subject,
            severity=2,
            opened_on=dt.date(2026, 2, 26),
            last_seen_on=dt.date(2026, 3, 1),
            evidence=EVIDENCE,
            series={"first": 20500, "now": [40.0, 12.0], "usual": [41.0, 40.0], "share": False},
            members=BitMap().serialize(),
        )

    return make


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff.account, backend="django.contrib.auth.backends.ModelBackend")
    return client

"""People in full for programs: posted for with a reason, every look logged; reading masks."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from qunying.brands import actions as brands
from qunying.brands.models import AuditEntry
from qunying.members.models import Member
from tests.matrix_world import build

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)
ROOT = "/api/v1/"
PHONE = "13812345678"


@pytest.fixture
def house(tmp_path, settings):
    settings.HOME = tmp_path
    return build("a", tmp_path)


def get(house, path: str, *, token: str = "all"):
    return Client().get(f"{ROOT}brands/a/{path}", headers={"Authorization": f"Bearer {house.tokens[token]}"})


def disclose(house, path: str, *, token: str = "all", **said: object):
    headers = {"Authorization": f"Bearer {house.tokens[token]}"}
    return Client().post(f"{ROOT}brands/a/{path}", said, content_type="application/json", headers=headers)


def looks(house) -> list[tuple[str, str, object]]:
    rows = AuditEntry.objects.filter(brand=house.brand, deed__endswith=".disclosed").order_by("number")
    return [(row.deed, row.about, row.after) for row in rows]


@pytest.fixture
def told(house) -> Member:
    """A member whose phone is known."""
    member = Member.objects.get(pk=house.members[1].pk)
    member.attributes = {"手机号": PHONE, "城市": "杭州"}
    member.save()
    return member


def test_reading_people_masks_phones_for_every_token_and_logs_nothing(house, told):
    card, listed = get(house, f"members/{told.pk}").json(), get(house, "members").json()["items"]

    masked = {"手机号": "138****5678", "城市": "杭州"}
    assert (card["attributes"], [row["attributes"] for row in listed]) == (masked, [{}, masked])
    assert looks(house) == []


def test_who_says_why_gets_people_in_full_and_the_log_tells_it(house, told):
    one = disclose(house, f"members/{told.pk}/disclosures", reason="核对订单").json()
    every = disclose(house, "members/disclosures?limit=1", reason="回访").json()
    after = disclose(house, f"members/disclosures?limit=1&cursor={every['next']}", reason="回访").json()

    ids = [member.pk for member in house.members[:2]]
    assert (one["attributes"], after["items"][0]["attributes"]) == ({"手机号": PHONE, "城市": "杭州"},) * 2
    assert looks(house) == [
        ("member.disclosed", f"member:{told.pk}", {"reason": "核对订单"}),
        ("members.disclosed", "brand:a", {"members": ids[:1], "reason": "回访"}),
        ("members.disclosed", "brand:a", {"members": ids[1:], "reason": "回访"}),
    ]


@pytest.mark.parametrize("said", [{}, {"reason": ""}, {"reason": "查"}, {"reason": ["核对"]}, {"reason": 12}])
def test_without_a_reason_no_program_gets_people_in_full(house, told, said):
    for path in (f"members/{told.pk}/disclosures", "members/disclosures"):
        answer = disclose(house, path, **said)
        assert (answer.status_code, answer.json()["code"]) == (422, "brands.no_reason")

    assert looks(house) == []


def test_a_token_without_the_permission_is_refused_in_full(house, told):
    token = "narrow reader"
    house.tokens[token] = brands.issue_token(house.first, name=token, scopes=["members.read"], at=AT)

    assert disclose(house, "members/disclosures", token=token, reason="回访").status_code == 403
    assert disclose(house, f"members/{told.pk}/disclosures", token=token, reason="回访").status_code == 403
    assert get(house, f"members/{told.pk}", token=token).json()["attributes"] == {}
    assert looks(house) == []

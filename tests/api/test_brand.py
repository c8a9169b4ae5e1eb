"""Who works for the brand and what it has set, for programs of those who may change it."""

from __future__ import annotations

import pytest

from qunying.brands.actions import change_brand, dismiss, open_brand
from qunying.brands.preferences import value
from qunying.brands.roles import PERMISSIONS, ROLES
from qunying.kit import catalog
from tests.api.asking import AT, asked, told
from tests.communities.world import a_brand, a_colleague, a_community

pytestmark = pytest.mark.django_db


def test_colleagues_are_told_with_role_and_data_scope_and_those_who_left_are_not():
    brand, owner = a_brand()
    community = a_community(brand)
    helper = a_colleague(brand, "阿青", "volunteer", reach=[community.pk])
    dismiss(a_colleague(brand, "老吴", "operator"), at=AT, by=owner)
    a_stranger()

    items = told(owner, "staff", "staff.edit")["items"]

    assert [(row["id"], row["name"], row["login"], row["role"], row["communities"]) for row in items] == [
        (owner.pk, owner.name, owner.account.login, "owner", None),
        (helper.pk, "阿青", helper.account.login, "volunteer", [community.pk]),
    ]
    assert {tuple(row) for row in items} == {
        ("id", "name", "login", "role", "role_label", "communities", "appointed_at")
    }


def a_stranger() -> None:
    a_colleague(open_brand("别家", at=AT, slug="other"), "外人", "owner")


def test_each_role_is_told_with_what_it_may():
    _brand, owner = a_brand()

    answer = told(owner, "staff", "staff.edit")

    assert {role["key"]: set(role["may"]) for role in answer["roles"]} == {
        role.key: set(role.may) for role in ROLES
    }
    assert {row["key"]: row["label"] for row in answer["permissions"]} == {
        key: str(label) for key, label in PERMISSIONS.items()
    }


def test_settings_are_told_with_their_values_and_defaults():
    brand, owner = a_brand()
    chosen = {entry.key: value(brand, entry.key) for entry in catalog.collect("preferences")}
    change_brand(brand, at=AT, by=owner, name="新茶", preferences={**chosen, "text_days": 30})

    answer = told(owner, "settings", "brand.edit")

    assert (answer["name"], answer["zone"]) == ("新茶", "Asia/Shanghai")
    assert {row["key"]: repr(row["value"]) for row in answer["items"]} == {
        key: repr(word) for key, word in {**chosen, "text_days": 30}.items()
    }
    assert answer["items"][0]["label"] and all(
        set(row) == {"key", "label", "hint", "value"} for row in answer["items"]
    )


@pytest.mark.parametrize(("path", "needs"), [("staff", "staff.edit"), ("settings", "brand.edit")])
def test_both_take_the_permission_of_their_page(path: str, needs: str):
    _brand, owner = a_brand()
    others = [key for key in PERMISSIONS if key != needs]

    assert [asked(owner, path, *scopes).status_code for scopes in ([needs], others)] == [200, 403]

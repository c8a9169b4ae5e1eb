"""Communities: opened, edited one by one or many at once, found by every field."""

from __future__ import annotations

import pytest

from qunying.communities.forms import labels_of
from qunying.communities.models import Community
from tests.metrics.house import House, build

pytestmark = pytest.mark.django_db

FILLED = {
    "name": "杭州茶会",
    "level": "community",
    "kind": "region",
    "purpose": "线下品茶",
    "persona": "杭州的上班族",
    "platform": "wecom",
    "capacity": "500",
    "owner": "小林",
    "labels": "线下，杭州, 线下",
    "silent_days": "10",
    "parent": "",
}


@pytest.fixture
def house() -> House:
    return build(communities=3)


def listed(house: House, query: str) -> set[str]:
    return {
        branch.row.name
        for branch in house.client().get(house.url(f"communities/?{query}")).context["branches"]
    }


def test_every_field_of_the_form_is_kept_and_can_be_asked_for(house):
    house.client().post(house.url("communities/new/"), FILLED)

    made = Community.objects.get(name="杭州茶会")
    assert (made.kind, made.purpose, made.persona, made.platform) == (
        "region",
        "线下品茶",
        "杭州的上班族",
        "wecom",
    )
    assert (made.capacity, made.owner, made.labels, made.silent_days) == (500, "小林", ["线下", "杭州"], 10)
    asked = (
        "kind=region",
        "purpose=线下品茶",
        "persona=杭州的上班族",
        "capacity=set",
        "owner=小林",
        "label=杭州",
        "q=品茶",
    )
    assert [listed(house, query) for query in asked] == [{"杭州茶会"}] * len(asked)


def test_an_edit_changes_what_was_sent_and_only_that_community(house):
    row = house.communities[0]

    house.client().post(house.url(f"communities/{row.pk}/edit/"), {**FILLED, "name": row.name})

    assert Community.objects.filter(owner="小林").get().pk == row.pk


def test_a_name_that_is_taken_is_said_beside_the_field(house):
    first, second = house.communities[:2]

    answers = [
        house.client().post(house.url("communities/new/"), {**FILLED, "name": first.name}),
        house.client().post(house.url(f"communities/{second.pk}/edit/"), {**FILLED, "name": first.name}),
    ]

    assert [answer.context["form"].errors["name"] for answer in answers] == [
        ["已有同名的社群，请换一个名称。"]
    ] * 2
    assert Community.objects.filter(name=first.name).count() == 1


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("owner", "小林", "小林"),
        ("labels", "华东，会员", ["华东", "会员"]),
        ("capacity", "200", 200),
        ("kind", "fans", "fans"),
    ],
)
def test_one_field_is_set_on_several_at_once(house, field, value, kept):
    ids = [row.pk for row in house.communities[:2]]

    house.client().post(
        house.url("communities/fields/"), {"ids": f"{ids[0]},{ids[1]}", "field": field, "value": value}
    )

    assert [getattr(row, field) == kept for row in Community.objects.order_by("pk")] == [True, True, False]


@pytest.mark.parametrize(
    ("field", "value"), [("capacity", "many"), ("kind", "club"), ("name", "同名"), ("covered_to", "1")]
)
def test_a_value_that_does_not_fit_changes_none(house, field, value):
    before = list(Community.objects.order_by("pk").values())
    ids = ",".join(str(row.pk) for row in house.communities)

    answer = house.client().post(
        house.url("communities/fields/"), {"ids": ids, "field": field, "value": value}
    )

    assert answer.status_code == 422
    assert list(Community.objects.order_by("pk").values()) == before


def test_many_at_once_stops_at_what_is_out_of_reach(house):
    near = house.client("operator", reach=[house.communities[0].pk])
    ids = ",".join(str(row.pk) for row in house.communities)

    answer = near.post(house.url("communities/fields/"), {"ids": ids, "field": "owner", "value": "小林"})

    assert answer.status_code == 404
    assert Community.objects.filter(owner="小林").count() == 0


def test_a_region_adds_up_its_communities_and_counts_a_person_once(house):
    client = house.client()
    client.post(house.url("communities/new/"), {**FILLED, "name": "华东", "level": "region"})
    region = Community.objects.get(name="华东")
    for row in house.communities:
        client.post(
            house.url(f"communities/{row.pk}/edit/"), {**FILLED, "name": row.name, "parent": region.pk}
        )

    whole = {card.key: card.value for card in client.get(house.url()).context["cards"]}
    below = {card.key: card.value for card in client.get(house.url(), {"c": region.pk}).context["cards"]}

    assert below == whole
    assert [branch.depth for branch in client.get(house.url("communities/")).context["branches"]] == [
        0,
        1,
        1,
        1,
    ]


def test_a_community_that_has_no_data_yet_has_a_page(house):
    house.client().post(house.url("communities/new/"), FILLED)
    made = Community.objects.get(name="杭州茶会")

    page = house.client().get(house.url(f"communities/{made.pk}/"))

    assert "这个社群还没有数据" in page.content.decode()


def test_labels_are_read_between_commas_of_either_width():
    assert labels_of(" 线下，杭州, 线下,, ") == ["线下", "杭州"]


@pytest.mark.parametrize("role", ["founder", "moderator", "analyst"])
def test_a_role_that_may_not_edit_sees_no_form(house, role):
    answer = house.client(role).get(house.url("communities/new/"))

    assert answer.status_code == 403
    assert not house.client(role).get(house.url("communities/")).context["may_edit"]

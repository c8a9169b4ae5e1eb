"""A tagging is taken back for exactly the people it changed."""

from __future__ import annotations

import datetime as dt

import pytest

from qunying.brands.actions import appoint
from qunying.members.models import MemberTag
from tests.metrics.house import House, build

pytestmark = pytest.mark.django_db
PEOPLE = ("阿青", "小周", "老吴", "阿禾", "沉默的人")


@pytest.fixture
def house() -> House:
    return build(people=PEOPLE, communities=2)


def toasts(client, answer) -> list[tuple[str, str]]:
    """(text, address that takes it back) of what the page after a deed says."""
    return [
        (str(told), told.extra_tags.removeprefix("undo:"))
        for told in client.get(answer["Location"]).context["messages"]
    ]


def tagged() -> set[tuple[str, str, dt.datetime]]:
    return set(MemberTag.objects.values_list("member__name", "origin", "created_at"))


def test_tagging_many_is_taken_back_for_exactly_those_it_changed(house):
    client, first = house.client(), house.members["wm00000000"]
    client.post(house.url(f"members/{first}/tag/"), {"tag": "老茶客"})
    before = tagged()

    answer = client.post(house.url("members/tags/"), {"every": "1", "filter": "", "tag": "老茶客"})
    ((text, undo),) = toasts(client, answer)[-1:]
    between = len(tagged())
    client.post(undo)

    assert (text, between) == ("已给 4 位群成员打上标签“老茶客”", 5)
    assert tagged() == before


def test_untagging_is_taken_back_with_origin_and_moment_and_only_once(house):
    client, first = house.client(), house.members["wm00000000"]
    client.post(house.url(f"members/{first}/tag/"), {"tag": "老茶客"})
    client.post(house.url("members/tags/"), {"every": "1", "filter": "q=阿", "tag": "老茶客"})
    before = tagged()

    answer = client.post(house.url(f"members/{first}/tag/"), {"tag": "老茶客", "off": "1"})
    client.post(toasts(client, answer)[-1][1])
    answer = client.post(
        house.url("members/tags/"), {"every": "1", "filter": "", "tag": "老茶客", "off": "1"}
    )
    undo = toasts(client, answer)[-1][1]
    gone = tagged()
    codes = [client.post(undo).status_code for _twice in range(2)]

    assert (gone, codes) == (set(), [302, 409])
    assert tagged() == before


def test_taking_a_tagging_back_leaves_whom_somebody_tagged_anew(house):
    client, first = house.client(), house.members["wm00000000"]
    answer = client.post(house.url(f"members/{first}/tag/"), {"tag": "老茶客"})
    undo = toasts(client, answer)[-1][1]
    client.post(house.url(f"members/{first}/tag/"), {"tag": "老茶客", "off": "1"})
    client.post(house.url(f"members/{first}/tag/"), {"tag": "老茶客"})
    before = tagged()

    client.post(undo)

    assert tagged() == before


def test_a_deed_that_changed_nobody_and_another_brand_offer_nothing_to_take_back(house):
    client, first = house.client(), house.members["wm00000000"]
    undo = toasts(client, client.post(house.url(f"members/{first}/tag/"), {"tag": "老茶客"}))[-1][1]
    nobody = toasts(client, client.post(house.url(f"members/{first}/tag/"), {"tag": "老茶客"}))[-1]
    other = build("other")
    appoint(other.brand, account=house.owner, role="owner", at=house.now, by=None)

    answer = client.post(undo.replace("/b/tea/", "/b/other/"))

    assert (nobody[1], answer.status_code, len(tagged())) == ("", 409, 1)

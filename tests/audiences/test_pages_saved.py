"""Saved audiences: frozen, combined as sets, deleted and brought back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from qunying.audiences.actions import combine
from qunying.audiences.models import Audience
from qunying.kit.errors import Invalid
from tests.metrics.house import House, build

bits = st.frozensets(st.integers(0, 300), max_size=40)


@pytest.fixture
def house() -> House:
    return build(people=("阿青", "小周", "老吴", "阿禾"), communities=2)


def save(house: House, name: str, query: str) -> Audience:
    house.client().post(house.url("audiences/new/"), {"every": "1", "filter": query, "name": name})
    return Audience.objects.get(brand=house.brand, name=name)


@given(parts=st.lists(bits, min_size=2, max_size=4))
def test_combining_is_set_algebra(parts):
    maps = [BitMap(part) for part in parts]

    found = {how: set(combine(maps, how)) for how in ("and", "or", "minus")}

    first, rest = set(parts[0]), [set(part) for part in parts[1:]]
    assert found == {
        "and": first.intersection(*rest),
        "or": first.union(*rest),
        "minus": first.difference(*rest),
    }


@pytest.mark.parametrize(("many", "how"), [(1, "and"), (2, "xor")])
def test_a_combination_that_makes_no_sense_is_refused(many, how):
    with pytest.raises(Invalid):
        combine([BitMap([1])] * many, how)


@pytest.mark.django_db
@pytest.mark.parametrize(("how", "size"), [("and", 1), ("or", 3), ("minus", 1)])
def test_two_saved_lists_become_a_third(house, how, size):
    first, second = save(house, "姓名有阿", "q=阿"), save(house, "第二群", f"c={house.communities[1].pk}")

    data = {"parts": [first.pk, second.pk], "first": first.pk, "how": how, "name": "合"}
    house.client().post(house.url("audiences/combination/"), data)

    made = Audience.objects.get(name="合")
    assert (made.size, made.origin, made.as_of_on) == (size, "algebra", first.as_of_on)
    assert house.client().get(house.url(f"audiences/{made.pk}/")).context["page"].paginator.count == size


@pytest.mark.django_db
def test_the_list_is_frozen_on_its_day(house):
    saved = save(house, "全部", "")
    shown = house.client().get(house.url(f"audiences/{saved.pk}/"))

    assert (saved.size, saved.as_of_on) == (
        4,
        house.now.astimezone(house.brand.clock.zone).date() - dt.timedelta(days=1),
    )
    assert {row.name for row in shown.context["rows"]} == {"阿青", "小周", "老吴", "阿禾"}


@pytest.mark.django_db
def test_a_name_that_is_taken_is_refused(house):
    save(house, "全部", "")
    answer = house.client().post(
        house.url("audiences/new/"), {"every": "1", "filter": "q=阿", "name": "全部"}
    )

    assert answer.status_code == 409
    assert Audience.objects.count() == 1


@pytest.mark.django_db
def test_a_deleted_one_comes_back_as_it_was(house):
    saved = save(house, "全部", "")
    before = Audience.objects.values().get()
    client = house.client()

    client.post(house.url(f"audiences/{saved.pk}/deletion/"))
    assert Audience.objects.count() == 0
    client.post(house.url(f"audiences/{saved.pk}/restored/"))
    client.post(house.url(f"audiences/{saved.pk}/restored/"))

    after = Audience.objects.values().get()
    assert {**after, "blob": bytes(after["blob"])} == {**before, "blob": bytes(before["blob"])}


@pytest.mark.django_db
def test_nobody_can_bring_back_what_they_did_not_delete(house):
    saved = save(house, "全部", "")
    house.client().post(house.url(f"audiences/{saved.pk}/deletion/"))

    answer = house.client("operator").post(house.url(f"audiences/{saved.pk}/restored/"))

    assert answer.status_code == 404
    assert Audience.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "export/", "deletion/"])
def test_another_brand_s_audience_is_not_found(house, path):
    other = build("other")
    saved = save(other, "别家的", "")
    ask = house.client().post if path else house.client().get

    assert ask(house.url(f"audiences/{saved.pk}/{path}")).status_code == 404
    assert Audience.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["audiences/", "audiences/{pk}/"])
def test_a_list_asks_the_database_equally_often_for_one_row_and_three(house, path):
    client, counts = house.client(), []
    first = save(house, "沉睡", "stage=dormant")
    path = path.format(pk=first.pk)
    for more in ((), ("全部", "姓名有阿")):
        for name in more:
            save(house, name, "q=阿" if "阿" in name else "")
        client.get(house.url(path))
        with CaptureQueriesContext(connection) as asked:
            client.get(house.url(path))
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 9


@pytest.mark.django_db
def test_only_people_within_reach_are_listed(house):
    saved = save(house, "全部", "")

    near = house.client("operator", reach=[house.communities[1].pk]).get(house.url(f"audiences/{saved.pk}/"))

    assert {row.name for row in near.context["rows"]} == {"小周", "阿禾"}

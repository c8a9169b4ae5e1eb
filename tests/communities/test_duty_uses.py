"""Where the roster helps: on the page of a community, and on the page of today."""

from __future__ import annotations

import datetime as dt

import pytest

from qunying.communities.actions.duty import cover
from qunying.communities.duty import DAY
from qunying.communities.today import TODAY
from tests.communities.test_duty_pages import HERE, HOSTILE, client_of, this_week
from tests.communities.world import AT, MONDAY, a_brand, a_colleague, a_community, a_shift

pytestmark = pytest.mark.django_db


def test_my_shifts_of_today_are_told_with_what_is_left_of_the_night_and_what_i_took_over():
    brand, owner = a_brand()
    community, mine = a_community(brand), a_colleague(brand, "阿青")
    today = MONDAY + 2 * DAY
    night = a_shift(owner, community, staff=mine, hours="22:00-06:00", weekdays=(1,))
    taken = a_shift(owner, None, hours="12:00-13:00")
    given = a_shift(owner, community, staff=mine, hours="14:00-15:00")
    a_shift(owner, community, staff=mine, hours="08:00-09:00", weekdays=(1,))
    a_shift(owner, community, staff=mine, hours="20:00-00:00", weekdays=(1,))
    cover(taken, on=today, staff=mine, at=AT, by=owner)
    cover(given, on=today, staff=owner, at=AT, by=owner)

    (part,) = TODAY
    told = [part.show(row, mine) for row in part.rows(mine, today, True)]

    assert [(thing.title, thing.where) for thing in told] == [
        ("12:00–13:00", "整个品牌"),
        ("22:00–次日 06:00", "茶友群"),
    ]
    assert night.pk in part.rows(mine, today, True).values_list("pk", flat=True)
    assert [row.pk for row in part.rows(owner, today, True)] == [given.pk]


def test_the_page_of_a_community_says_who_is_on_duty_now_where_there_is_a_roster():
    brand, owner = a_brand()
    community, client = a_community(brand), client_of(owner)
    url = f"/b/tea/communities/{community.pk}/"

    pages = [client.get(url).content.decode()]
    shift = a_shift(
        owner, None, hours="00:00-00:00", staff=a_colleague(brand, HOSTILE), from_on=this_week() - DAY
    )
    pages.append(client.get(url).content.decode())
    for step in (0, 1):
        day = dt.datetime.now(dt.UTC).date() + step * DAY
        client.post(f"{HERE}shifts/{shift.pk}/cover/", {"on": f"{day}", "staff": ""})
    pages.append(client.get(url).content.decode())

    head = [page.partition('<div class="acts">')[0].partition("<h1>")[2] for page in pages]
    assert [("现在值班" in one, "=1+1&lt;script" in one, "无人值班" in one) for one in head] == [
        (False, False, False),
        (True, True, False),
        (True, False, True),
    ]

"""The pages of the improvement loop: who may see and do what, how many queries a list costs, at most three clicks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pyroaring import BitMap

from qunying.brands.actions import open_brand
from qunying.brands.models import Brand, Staff
from qunying.communities.actions import cover, find_community
from qunying.communities.models import Community
from qunying.diagnosis.models import Finding
from qunying.metrics.models import Reading
from qunying.outbox.models import Todo
from qunying.playbooks.actions import advise, start
from qunying.playbooks.models import Advice, Run
from tests.metrics.house import build
from tests.playbooks.conftest import AT, signed_in, staff_of

Make = Callable[..., Finding]
LISTS = ("findings", "runs", "today", "playbooks")


def statuses(staff: Staff, brand: Brand, names: tuple[str, ...] = LISTS) -> list[int]:
    client = signed_in(staff)
    return [client.get(reverse(name, args=[brand.slug])).status_code for name in names]


def test_pages_are_open_to_roles_that_may_and_closed_to_others(brand: Brand, owner: Staff):
    support, analyst = staff_of(brand, "support", "support"), staff_of(brand, "analyst", "analyst")

    assert statuses(owner, brand) == [200, 200, 200, 200]
    assert statuses(support, brand) == [403, 403, 200, 403]
    assert statuses(analyst, brand) == [200, 200, 403, 200]


def test_who_may_not_decide_cannot_accept(brand: Brand, club: Community, finding_of: Make):
    analyst = staff_of(brand, "analyst", "analyst")
    advice = advise(finding_of(club))[0]

    answer = signed_in(analyst).post(reverse("advice_run", args=[brand.slug, advice.pk]))

    assert (answer.status_code, Run.objects.count()) == (403, 0)


def test_ids_of_another_brand_or_community_do_not_exist(
    brand: Brand, club: Community, owner: Staff, finding_of: Make
):
    other = open_brand("other", at=AT, slug="other")
    theirs = finding_of(find_community(other, name="别家", at=AT))
    advice = advise(theirs)[0]
    stranger = staff_of(other, "stranger", "owner")
    run = start(advice, by=stranger, owner=stranger, at=AT)
    client, before = signed_in(owner), (Run.objects.count(), Todo.objects.filter(state="done").count())

    got = [client.get(reverse(name, args=[brand.slug, pk])).status_code for name, pk in (
        ("finding", theirs.pk), ("finding_members", theirs.pk), ("advice", advice.pk), ("run", run.pk),
    )]  # fmt: skip
    posted = [client.post(reverse(name, args=[brand.slug, pk]), {"reason": "x"}).status_code for name, pk in (
        ("finding_dismissal", theirs.pk), ("finding_audience", theirs.pk), ("advice_run", advice.pk),
        ("advice_dismissal", advice.pk), ("run_stop", run.pk), ("todo_state", Todo.objects.get().pk),
    )]  # fmt: skip

    assert (got, posted) == ([404] * 4, [404] * 6)
    assert (Run.objects.count(), Todo.objects.filter(state="done").count()) == before
    assert [row.is_dismissed for row in Finding.objects.all()] == [False]


def test_a_staff_member_sees_findings_of_own_communities_only(
    brand: Brand, club: Community, finding_of: Make
):
    far = find_community(brand, name="远方群", at=AT)
    near, away = finding_of(club), finding_of(far)
    narrow = signed_in(staff_of(brand, "narrow", "operator", reach=[club.pk]))

    page = narrow.get(reverse("findings", args=[brand.slug])).content.decode()

    assert (reverse("finding", args=[brand.slug, near.pk]) in page, "远方群" in page) == (True, False)
    assert narrow.get(reverse("finding", args=[brand.slug, away.pk])).status_code == 404


def test_members_behind_a_finding_are_masked_as_everywhere(finding_of: Make):
    house = build(people=("<b>小周</b>", "老吴 13812345678", "tea.lover@qq.com", "阿青"))
    club = house.communities[0]
    finding = finding_of(club)
    everybody = BitMap(club.memberships.values_list("bit", flat=True)).serialize()
    Finding.objects.filter(pk=finding.pk).update(members=everybody)
    address = reverse("finding_members", args=[house.brand.slug, finding.pk])

    pages = [house.client(role).get(address).content.decode() for role in ("owner", "analyst")]

    assert [sorted(re.findall("data-drawer><bdi>(.*?)</bdi>", page)) for page in pages] == [
        ["&lt;b&gt;小周&lt;/b&gt;", "t***@qq.com", "老吴 138****5678", "阿青"],
        ["&lt;**", "t**", "老**", "阿**"],
    ]


@pytest.mark.parametrize("name", ["findings", "runs", "today"])
@pytest.mark.parametrize("tab", ["open", "timeline"])
def test_a_list_costs_as_many_queries_for_three_rows_as_for_one(
    name: str, tab: str, brand: Brand, club: Community, owner: Staff, finding_of: Make
):
    client, counts = signed_in(owner), []
    for number in range(3):
        finding = finding_of(club, subject=str(number))
        start(advise(finding)[0], by=owner, owner=owner, at=AT)
        client.get(reverse(name, args=[brand.slug]), {"tab": tab})
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(reverse(name, args=[brand.slug]), {"tab": tab})
        counts.append(len(seen))

    assert counts == [counts[0]] * 3


def test_from_the_list_to_the_plan_is_one_click(
    brand: Brand, club: Community, owner: Staff, finding_of: Make
):
    advice = advise(finding_of(club))[0]
    client = signed_in(owner)
    page = client.get(reverse("findings", args=[brand.slug])).content.decode()
    assert f'action="{reverse("advice_run", args=[brand.slug, advice.pk])}"' in page

    answer = client.post(reverse("advice_run", args=[brand.slug, advice.pk]))

    run = Run.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("run", args=[brand.slug, run.pk]))
    assert (run.owner, Advice.objects.get(pk=advice.pk).state) == (owner, "accepted")


def test_looking_writes_nothing(brand: Brand, club: Community, owner: Staff, finding_of: Make):
    finding = finding_of(club)
    advice = advise(finding)[0]
    client = signed_in(owner)

    with CaptureQueriesContext(connection) as seen:
        for name, pk in (("finding", finding.pk), ("advice", advice.pk)):
            assert client.get(reverse(name, args=[brand.slug, pk])).status_code == 200

    ours = ("diagnosis_", "playbooks_", "outbox_")
    writes = [row["sql"] for row in seen if row["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql for sql in writes if any(table in sql for table in ours)] == []


def test_a_dismissed_finding_moves_to_its_tab_with_its_reason(
    brand: Brand, club: Community, owner: Staff, finding_of: Make
):
    finding = finding_of(club)
    client, here = signed_in(owner), reverse("findings", args=[brand.slug])

    client.post(reverse("finding_dismissal", args=[brand.slug, finding.pk]), {"reason": "节日放假"})

    link = reverse("finding", args=[brand.slug, finding.pk])
    shown = {
        tab: client.get(here, {"tab": tab}).content.decode() for tab in ("open", "timeline", "dismissed")
    }
    assert {tab: link in page for tab, page in shown.items()} == {
        "open": False,
        "timeline": True,
        "dismissed": True,
    }
    assert "节日放假" in shown["dismissed"]


def test_where_messages_have_no_words_the_page_says_what_was_not_judged(
    brand: Brand, club: Community, owner: Staff
):
    cover(club, first=20_500, last=20_510, has_speech=True)
    rows = [
        Reading(brand=brand, community=club, metric=metric, day=20_505, value=value)
        for metric, value in (("messages", 12), ("valid_messages", 0))
    ]
    Reading.objects.bulk_create(rows)
    client, address = signed_in(owner), reverse("findings", args=[brand.slug])

    textless = client.get(address).content.decode()
    Reading.objects.filter(metric="valid_messages").update(value=1)
    spoken = client.get(address).content.decode()

    told = [("没有消息文字" in page, "集中投诉" in page) for page in (textless, spoken)]
    assert told == [(True, True), (False, False)]

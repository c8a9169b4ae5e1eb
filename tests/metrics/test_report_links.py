"""Links to reports for people without an account, and comments under reports."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from qunying.kit.errors import Missing, NotAllowed
from qunying.members.erasing import Traces
from qunying.members.models import Member
from qunying.metrics.actions.reports import comment, forget_person, revoke_share, share_report, take_back
from qunying.metrics.models import Comment, Share
from qunying.metrics.reports.scopes import of_share
from tests.metrics.chats import NOW, Chat
from tests.metrics.reports_world import owner_of, signed_in, staff_of, three_weeks

pytestmark = pytest.mark.django_db

WEEK = {"from": "2026-03-16", "to": "2026-03-22"}


@pytest.fixture
def tea() -> Chat:
    return three_weeks()


def shared(chat: Chat, *, live_days: int = 7, at: dt.datetime = NOW) -> Share:
    first = chat.first + 14
    return share_report(
        owner_of(chat.brand), community=None, first=first, last=first + 6, live_days=live_days, at=at
    )


def test_a_link_opens_without_an_account_and_shows_no_names_or_ways_in(tea):
    signed_in(owner_of(tea.brand)).post("/b/tea/report/shares/", {**WEEK, "days": "30"})
    share = Share.objects.get()

    page = Client().get(f"/s/{share.token}/")

    text = page.content.decode()
    assert (page.status_code, page["X-Robots-Tag"]) == (200, "noindex")
    assert [word in text for word in ("d**", "dora", "/b/tea/", "<form")] == [True, False, False, False]
    assert len(share.token) >= 40


def test_a_link_ends_on_its_day(tea):
    share = shared(tea, live_days=7)

    before, after = NOW + dt.timedelta(days=6, hours=23), NOW + dt.timedelta(days=7)

    assert of_share(share.token, at=before)[0] == share
    with pytest.raises(Missing) as gone:
        of_share(share.token, at=after)
    assert gone.value.code == "metrics.link_closed"


def test_a_revoked_link_an_ended_one_and_a_guess_look_the_same(tea):
    revoked, ended = shared(tea, live_days=300), shared(tea, live_days=1)
    client = signed_in(owner_of(tea.brand))

    client.post(f"/b/tea/report/shares/{revoked.pk}/revocation/")

    answers = [Client().get(f"/s/{token}/") for token in (revoked.token, ended.token, "guess")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    revoked.refresh_from_db()
    assert revoked.revoked_at is not None


def test_revoking_again_keeps_the_first_time(tea):
    share, owner = shared(tea), owner_of(tea.brand)

    revoke_share(share, at=NOW, by=owner)
    revoke_share(share, at=NOW + dt.timedelta(days=1), by=owner)

    share.refresh_from_db()
    assert share.revoked_at == NOW


def test_a_link_of_somebody_with_a_narrow_reach_shows_that_reach_alone(tea):
    narrow = staff_of(tea.brand, "operator", reach=[tea.communities[1].pk])
    share = share_report(
        narrow, community=None, first=tea.first + 14, last=tea.first + 20, live_days=7, at=NOW
    )

    _share, about = of_share(share.token, at=NOW)

    assert [row.name for row in about.scope.communities] == ["tea c1"]
    assert about.asker.ask("messages", tea.first + 14, tea.first + 20).value == 7


def test_the_list_shows_links_with_their_state_in_the_same_number_of_queries(
    tea, django_assert_max_num_queries
):
    client = signed_in(owner_of(tea.brand))
    shared(tea, live_days=300)
    with django_assert_max_num_queries(30) as one:
        client.get("/b/tea/report/shares/")
    shared(tea, live_days=1)
    revoke_share(shared(tea), at=NOW, by=owner_of(tea.brand))

    with django_assert_max_num_queries(30) as three:
        text = client.get("/b/tea/report/shares/").content.decode()

    assert len(three) == len(one)
    assert [text.count(word) for word in ("已停用", "已过期")] == [1, 1]


def test_links_and_comments_of_another_brand_are_not_there(tea):
    other = three_weeks("coffee")
    share = shared(other)
    row = comment(owner_of(other.brand), community=None, first=1, last=7, text="备注", at=NOW)
    client = signed_in(owner_of(tea.brand))

    answers = [
        client.post(f"/b/tea/report/shares/{share.pk}/revocation/"),
        client.post(f"/b/tea/report/comments/{row.pk}/removal/"),
        client.post(f"/b/tea/report/shares/?c={other.communities[0].pk}", {**WEEK, "days": "7"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    share.refresh_from_db()
    assert (share.revoked_at, Comment.objects.filter(pk=row.pk).count()) == (None, 1)
    assert Share.objects.filter(brand=tea.brand).count() == 0


def test_who_may_not_share_cannot(tea):
    client = signed_in(staff_of(tea.brand, "moderator"))

    answer = client.post("/b/tea/report/shares/", {**WEEK, "days": "7"})

    assert (answer.status_code, Share.objects.count()) == (403, 0)


@pytest.mark.parametrize("text", ["0", "366", "soon", ""])
def test_a_life_that_makes_no_sense_is_refused(tea, text):
    answer = signed_in(owner_of(tea.brand)).post("/b/tea/report/shares/", {**WEEK, "days": text})

    assert (answer.status_code, Share.objects.count()) == (422, 0)


# -- comments -------------------------------------------------------------------------------------------------------


def test_a_comment_stands_under_the_report_of_its_days_and_on_its_link(tea):
    client = signed_in(owner_of(tea.brand))

    client.post("/b/tea/report/comments/", {**WEEK, "text": "周三断货，咨询变多"})

    shown = [client.get(f"/b/tea/report/?span=week&on={day}") for day in ("2026-03-18", "2026-03-10")]
    shown.append(Client().get(f"/s/{shared(tea, live_days=300).token}/"))
    assert ["周三断货" in page.content.decode() for page in shown] == [True, False, True]


def test_a_comment_on_one_community_stands_under_that_alone(tea):
    client = signed_in(owner_of(tea.brand))
    here, there = (row.pk for row in tea.communities)

    client.post(f"/b/tea/report/comments/?c={here}", {**WEEK, "text": "门店装修"})

    pages = [
        client.get(f"/b/tea/report/?on=2026-03-18{place}") for place in (f"&c={here}", f"&c={there}", "")
    ]
    assert ["门店装修" in page.content.decode() for page in pages] == [True, False, False]


def test_only_the_author_takes_a_comment_back(tea):
    row = comment(owner_of(tea.brand), community=None, first=1, last=7, text="备注", at=NOW)
    analyst = staff_of(tea.brand, "analyst")

    with pytest.raises(NotAllowed):
        take_back(row, at=NOW, by=analyst)
    assert signed_in(analyst).post(f"/b/tea/report/comments/{row.pk}/removal/").status_code == 404
    assert signed_in(owner_of(tea.brand)).post(f"/b/tea/report/comments/{row.pk}/removal/").status_code == 302

    assert Comment.objects.count() == 0


def test_an_empty_comment_is_refused(tea):
    answer = signed_in(owner_of(tea.brand)).post("/b/tea/report/comments/", {**WEEK, "text": "  "})

    assert (answer.status_code, Comment.objects.count()) == (422, 0)


def test_an_erased_person_leaves_the_comments_too(tea):
    row = comment(owner_of(tea.brand), community=None, first=1, last=7, text="请联系 dora 回访", at=NOW)
    member = Member.objects.get(pk=tea.member["dora"])

    touched = forget_person(member, Traces((member.pk,), ("dora",)))

    row.refresh_from_db()
    assert (touched, row.text) == (1, "请联系 ▇ 回访")

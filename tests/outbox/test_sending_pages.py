"""What goes out is seen with its state and reason, decided on by people, and stopped at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qunying.brands.models import Brand, Staff
from qunying.communities.actions import find_community
from qunying.communities.models import Channel, Community
from qunying.outbox.actions import Wish, claim, conclude, order, stop
from qunying.outbox.models import Sending, Stop
from qunying.outbox.outcomes import Outcome, Result
from tests.members.world import agree, people
from tests.playbooks.conftest import brand, club, owner, signed_in, staff_of

__all__ = ["brand", "club", "owner"]
NOW = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)


@pytest.fixture
def channel(brand: Brand, club: Community) -> Channel:
    return Channel.objects.create(brand=brand, community=club, platform="telegram", key="1", name="茶群")


def ordered(channel: Channel, by: Staff | None = None, *, key: str = "a", approvals: int = 0) -> Sending:
    wish = Wish("message.create", {"text": "早上好<script>"}, approvals=approvals)
    return order(channel, wish=wish, key=key, at=NOW, by=by)


def taken(channel: Channel) -> Sending:
    row = claim([channel.pk], now=NOW)
    assert row is not None
    return row


def page(client: Client, brand: Brand, route: str, *args: int) -> str:
    return client.get(reverse(route, args=[brand.slug, *args])).content.decode()


def test_the_list_tells_state_and_reason(brand, owner, channel):
    ordered(channel)
    row = taken(channel)
    conclude(row, outcome=Outcome(Result.REJECTED, code="400", words="机器人不在群里"), now=NOW)
    ordered(channel, key="b")

    shown = page(signed_in(owner), brand, "sendings")
    only = signed_in(owner).get(reverse("sendings", args=[brand.slug]), {"state": "rejected"})

    assert "机器人不在群里" in shown and "被平台拒绝" in shown
    assert "<script>" not in shown.partition('id="list"')[2].partition("</table>")[0]
    assert [line.row.pk for line in only.context["lines"]] == [row.pk]


def test_an_approver_approves_and_the_one_who_ordered_it_cannot(brand, owner, channel):
    row = ordered(channel, owner, approvals=1)
    approver = staff_of(brand, "approver", "approver")
    address = reverse("sending_approval", args=[brand.slug, row.pk])

    own = signed_in(owner).post(address)
    other = signed_in(approver).post(address)

    row.refresh_from_db()
    assert (own.status_code, other.status_code, row.state) == (409, 302, "queued")


def test_an_unknown_end_is_decided_by_who_looked(brand, owner, channel):
    rows = [ordered(channel, key=key) for key in "ab"]
    for _each in rows:
        conclude(taken(channel), outcome=Outcome(Result.UNKNOWN), now=NOW)
    client = signed_in(owner)

    client.post(reverse("sending_look", args=[brand.slug, rows[0].pk]), {"arrived": "1"})
    client.post(reverse("sending_look", args=[brand.slug, rows[1].pk]))

    assert "没有发出，重发" not in page(client, brand, "sending", rows[0].pk)
    assert [Sending.objects.get(pk=row.pk).state for row in rows] == ["sent", "queued"]


def test_one_tap_stops_the_brand_shows_what_left_and_only_another_resumes(brand, owner, channel):
    ordered(channel)
    left = taken(channel)
    Sending.objects.filter(pk=left.pk).update(left_at=dt.datetime.now(dt.UTC), state="sent")
    ordered(channel, key="b")
    client = signed_in(owner)

    client.post(reverse("stop_now", args=[brand.slug]), {"reason": "发错了"})
    stopped, shown = claim([channel.pk], now=NOW), page(client, brand, "stops")
    address = reverse("stop_over", args=[brand.slug, Stop.objects.get().pk])
    codes = [signed_in(by).post(address).status_code for by in (owner, staff_of(brand, "second", "approver"))]

    assert stopped is None
    assert "发错了" in shown and "早上好" in shown
    assert codes == [409, 302]
    assert claim([channel.pk], now=NOW) is not None


def test_who_has_some_communities_sees_and_stops_only_those(brand, owner, club, channel):
    row = ordered(channel)
    narrow = staff_of(brand, "narrow", "operator")
    narrow.reach = []
    narrow.save()
    client = signed_in(narrow)

    codes = [
        client.get(reverse("sending", args=[brand.slug, row.pk])).status_code,
        client.post(reverse("stop_now", args=[brand.slug]), {"community": str(club.pk)}).status_code,
        client.post(reverse("stop_now", args=[brand.slug])).status_code,
    ]

    assert codes == [404, 404, 403]
    signed_in(owner).post(reverse("stop_now", args=[brand.slug]))
    Sending.objects.update(left_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1))
    assert "早上好" in page(signed_in(owner), brand, "stops")
    assert "早上好" not in page(client, brand, "stops")
    assert page(client, brand, "sendings").count("机器人") == 0


def test_a_community_nobody_has_shows_nothing(brand, owner, channel):
    ordered(channel)

    answer = signed_in(owner).get(reverse("sendings", args=[brand.slug]), {"community": "9" * 24})

    assert (answer.status_code, answer.context["lines"]) == (200, [])


def test_every_page_says_where_sending_is_stopped_to_those_it_concerns(brand, owner, club, channel):
    other = find_community(brand, name="别的群", at=NOW)
    for community, reason in ((club, "价格写错"), (other, "链接失效")):
        stop(brand, community=community, reason=reason, by=owner, at=NOW)
    narrow = signed_in(staff_of(brand, "narrow", "operator", [other.pk]))
    elsewhere = signed_in(staff_of(brand, "elsewhere", "analyst", []))

    shown, asked = _counted(owner, brand)
    resumed = signed_in(staff_of(brand, "second", "approver"))
    for row in Stop.objects.all():
        resumed.post(reverse("stop_over", args=[brand.slug, row.pk]))

    assert all(
        word in shown for word in ("“茶友群”已停发", "价格写错", "链接失效", owner.name, "03-02 12:00")
    )
    assert reverse("stops", args=[brand.slug]) in shown
    assert "链接失效" not in page(signed_in(owner), brand, "start")
    assert _counted(owner, brand)[1] == asked - 1
    stop(brand, community=other, reason="链接失效", by=owner, at=NOW)
    assert ["链接失效" in page(client, brand, "start") for client in (narrow, elsewhere)] == [True, False]


def _counted(staff: Staff, brand: Brand) -> tuple[str, int]:
    """A page, and how many questions it asked."""
    client = signed_in(staff)
    page(client, brand, "start")
    with CaptureQueriesContext(connection) as asked:
        shown = page(client, brand, "start")
    return shown, len(asked)


def test_a_page_says_to_whom_it_does_not_go_and_why_and_names_nobody(brand, owner, channel):
    yes, no = people(brand, "阿青", "小兰<b>")
    agree(yes)
    wish = Wish(
        "mass.create",
        {"text": "优惠", "customers": ["wm-1", "wm-2"], "sender": "kefu"},
        receivers={"wm-1": yes.pk, "wm-2": no.pk},
    )
    row = order(channel, wish=wish, key="mass", at=NOW)
    alone = order(channel, wish=replace(wish, params={"text": "您好"}), key="alone", at=NOW)

    shown = page(signed_in(owner), brand, "sending", row.pk)
    over = page(signed_in(owner), brand, "sending", alone.pk)
    volunteer = page(signed_in(staff_of(brand, "volunteer", "volunteer")), brand, "sending", row.pk)

    link = f'href="{reverse("member", args=[brand.slug, no.pk])}"'
    assert "共 2 位，其中 1 位没有同意接收营销消息" in shown and "没有同意过" in shown
    assert (link in shown, link in volunteer, "小兰" in shown) == (True, False, False)
    assert "未获同意，不发" in over and "没有同意过 1" in over

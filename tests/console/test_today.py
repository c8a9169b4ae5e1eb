"""今日待办: one list of what waits for a person in every app, obeying role and data scope, counted in the menu."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qunying.brands import today as declared
from qunying.brands.access import BrandRequest
from qunying.brands.models import Brand, Staff
from qunying.communities.actions import find_community
from qunying.communities.models import Channel, Community
from qunying.connectors.actions import connect, note_failure
from qunying.console import waiting
from qunying.console.asked import known
from qunying.diagnosis.models import Finding
from qunying.kit import days
from qunying.kit.errors import Upstream
from qunying.metrics.models import Reading
from qunying.outbox.actions import Wish, approve, assign, claim, conclude, drop, order, say
from qunying.outbox.outcomes import Outcome, Result
from qunying.playbooks.actions import advise, start
from qunying.playbooks.models import StepRow
from tests.playbooks.conftest import AT, brand, club, finding_of, owner, signed_in, staff_of

__all__ = ["brand", "club", "finding_of", "owner"]
TODAY = AT.date()
Make = Callable[..., Finding]


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(AT, tick=False):
        yield


def how_many(staff: Staff) -> int:
    request = cast(BrandRequest, SimpleNamespace(brand=staff.brand, staff=staff))
    return known(request).waiting


def ago(count: int) -> dt.date:
    return TODAY - dt.timedelta(days=count)


def told(staff: Staff, **asked: str | int) -> list[tuple[str, int, str]]:
    """Kind, days carried over and owner of each thing on the page, as it stands there."""
    page = signed_in(staff).get(reverse("today", args=[staff.brand.slug]), asked)
    assert page.status_code == 200
    lines = [line for _label, lines in page.context["sections"] for line in lines]
    return [(line.part.key, line.late, line.thing.owner) for line in lines]


def todo_of(place: Community, staff: Staff | None, due_on: dt.date, key: str) -> None:
    assign(place, text=f"待办{key}", due_on=due_on, staff=staff, cause="", key=key, at=AT)


def wish(place: Community, key: str, *, by: Staff | None, approvals: int = 0, text: str = "早上好"):
    channel, _new = Channel.objects.get_or_create(
        brand=place.brand, community=place, platform="telegram", key=str(place.pk)
    )
    words = Wish("message.create", {"text": text}, approvals=approvals)
    return order(channel, wish=words, key=key, at=AT, by=by)


def ends(place: Community, key: str, result: Result, *, by: Staff | None) -> None:
    row = claim([wish(place, key, by=by).channel_id], now=AT)
    assert row is not None
    conclude(row, outcome=Outcome(result, words="机器人不在群里"), now=AT)


def broken(brand: Brand, by: Staff) -> None:
    made = connect(
        brand, connector_key="telegram", name="机器人", keys={"token": "99:a-secret-of-the-bot"}, at=AT, by=by
    )
    note_failure(
        made, Upstream("connectors.no_answer", host="api.telegram.org"), at=AT - dt.timedelta(days=2)
    )


def unanswered(finding_of: Make, place: Community) -> None:
    row = finding_of(place, "questions.unanswered")
    row.evidence = {**row.evidence, "questions": 9, "open": 5}
    row.save()


def test_what_waits_in_every_app_stands_in_one_list_the_longest_due_first(
    brand: Brand, club: Community, owner: Staff, finding_of: Make
):
    todo_of(club, owner, ago(3), "a")
    say(club, text="早", kind="value", due_on=ago(1), staff=None, cause="", key="d", at=AT)
    todo_of(club, None, ago(-1), "b")
    wish(club, "s", by=None, approvals=1)
    ends(club, "r", Result.REJECTED, by=owner)
    broken(brand, owner)
    unanswered(finding_of, club)
    run = start(advise(finding_of(club))[0], by=owner, owner=owner, at=AT)
    drop(brand.pk, cause=f"run:{run.pk}")
    StepRow.objects.filter(number=2).update(due_on=TODAY)

    page = signed_in(owner).get(reverse("today", args=[brand.slug])).content.decode()
    found = told(owner)

    assert found == [
        ("playbooks.questions", 4, ""),
        ("outbox.todos", 3, "owner"),
        ("connectors.trouble", 2, ""),
        ("outbox.drafts", 1, ""),
        ("outbox.approvals", 0, ""),
        ("outbox.failures", 0, "owner"),
        ("playbooks.steps", 0, "owner"),
        ("outbox.todos", -1, ""),
    ]
    assert "拖到今天 3 天" in page and "机器人不在群里" in page
    assert how_many(owner) == len(found)
    assert f'<span class="count">{len(found)}</span>' in page


def test_a_message_too_long_for_the_list_is_cut_where_one_sees_it(
    brand: Brand, club: Community, owner: Staff
):
    wish(club, "s", by=None, approvals=1, text="长" * 81)
    wish(club, "t", by=None, approvals=1, text="短" * 80)

    page = signed_in(owner).get(reverse("today", args=[brand.slug])).content.decode()

    assert f"<bdi>发消息 · {'长' * 79}…</bdi>" in page and f"<bdi>发消息 · {'短' * 80}</bdi>" in page


def test_mine_are_ones_own_and_nobodys_and_only_who_decides_may_see_everybodys(
    brand: Brand, club: Community, owner: Staff
):
    moderator, approver = staff_of(brand, "moderator", "moderator"), staff_of(brand, "approver", "approver")
    for key, staff in (("a", owner), ("b", moderator), ("c", None)):
        todo_of(club, staff, TODAY, key)

    owners = {(whose,) for _part, _late, whose in told(owner)}
    seen = {
        who.account.login: [whose for _part, _late, whose in told(who, who="all")]
        for who in (owner, moderator, approver)
    }

    assert owners == {("owner",), ("",)}
    assert seen == {
        "owner": ["owner", "moderator", ""],
        "moderator": ["moderator", ""],
        "approver": ["owner", "moderator", ""],
    }
    assert "所有人的" not in signed_in(moderator).get(reverse("today", args=[brand.slug])).content.decode()


def test_an_approval_is_asked_of_who_can_still_give_it(brand: Brand, club: Community, owner: Staff):
    first, second = (staff_of(brand, name, "approver") for name in ("first", "second"))
    moderator = staff_of(brand, "moderator", "moderator")
    row = wish(club, "a", by=owner, approvals=2)
    approve(row, by=first, at=AT)

    mine = {who.account.login: len(told(who)) for who in (owner, first, second, moderator)}

    assert mine == {"owner": 0, "first": 0, "second": 1, "moderator": 0}
    assert [how_many(who) for who in (owner, first, second, moderator)] == [0, 0, 1, 0]
    assert len(told(owner, who="all")) == 1


def test_a_narrow_data_scope_sees_its_own_communities_and_no_connection(
    brand: Brand, club: Community, owner: Staff, finding_of: Make
):
    far = find_community(brand, name="远方群", at=AT)
    for place in (club, far):
        todo_of(place, None, TODAY, place.name)
        ends(place, place.name, Result.REJECTED, by=owner)
        unanswered(finding_of, place)
        joined(place, 5)
    broken(brand, owner)
    narrow = staff_of(brand, "narrow", "operator", reach=[club.pk])
    nothing = staff_of(brand, "nothing", "operator", reach=[])

    page = signed_in(narrow).get(reverse("today", args=[brand.slug]), {"who": "all"})

    assert "远方群" not in page.content.decode() and "茶友群" in page.content.decode()
    assert len(told(narrow, who="all")) == 3 and len(page.context["looks"]) == 1
    assert (told(nothing, who="all"), how_many(nothing)) == ([], 0)
    assert {len(told(owner, who="all")), len(told(owner, who="all", c=far.pk))} == {7, 3}


def test_what_waits_elsewhere_for_longer_takes_no_place_in_the_list_of_a_community(
    brand: Brand, club: Community, owner: Staff, monkeypatch
):
    monkeypatch.setattr(declared, "MOST", 2)
    far = find_community(brand, name="远方群", at=AT)
    for key in "abc":
        todo_of(far, owner, ago(5), key)
        ends(far, key, Result.REJECTED, by=owner)
    todo_of(club, owner, TODAY, "d")
    ends(club, "d", Result.REJECTED, by=owner)

    assert told(owner, c=club.pk) == [("outbox.todos", 0, "owner"), ("outbox.failures", 0, "owner")]


def joined(place: Community, count: int) -> None:
    Reading.objects.create(
        brand=place.brand, community=place, metric="joins", day=days.number(TODAY) - 1, value=count
    )


def test_yesterdays_newcomers_are_worth_a_look_and_lead_to_the_people_but_are_no_to_do(
    brand: Brand, club: Community, owner: Staff
):
    joined(club, 12)

    page = signed_in(owner).get(reverse("today", args=[brand.slug]))

    [line] = page.context["looks"]
    assert (line.thing.title, how_many(owner)) == ("昨天新入群 12 人，打个招呼", 0)
    assert signed_in(owner).get(line.thing.url).status_code == 200
    assert "今天没有要做的事" in page.content.decode()


def test_the_count_in_the_menu_costs_one_query_however_much_waits(
    brand: Brand, club: Community, owner: Staff
):
    for key in "abc":
        todo_of(club, owner, TODAY, key)

    with CaptureQueriesContext(connection) as seen:
        count = how_many(owner)

    assert (count, len(seen)) == (3, 1)


class GoneAtOnce(dict[object, object]):
    """What is in it is gone right after a look, as when another thread clears it at that moment."""

    def __contains__(self, key: object) -> bool:
        found = super().__contains__(key)
        self.clear()
        return found

    def get(self, key: object, default: object = None) -> object:
        found = super().get(key, default)
        self.clear()
        return found


def test_the_count_stands_though_another_thread_clears_what_is_remembered(
    brand: Brand, club: Community, owner: Staff, monkeypatch
):
    todo_of(club, owner, TODAY, "a")
    monkeypatch.setattr(waiting, "_asked", GoneAtOnce())

    assert [how_many(owner) for _again in range(3)] == [1, 1, 1]

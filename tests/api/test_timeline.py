"""A member's history and the reasons of the stages for programs: as the card shows them, page by page."""

from __future__ import annotations

import base64

import pytest

from qunying.audiences.card import person
from qunying.audiences.queries import history
from qunying.brands.models import Staff
from qunying.communities.actions import find_community
from qunying.members.models import Member
from qunying.metrics.reports.scopes import about
from tests.api.asking import asked, told
from tests.matrix_world import build
from tests.metrics.chats import NOW, Chat, Line
from tests.metrics.reports_world import owner_of, staff_of

pytestmark = pytest.mark.django_db
READ = "members.read"


@pytest.fixture
def tea() -> Chat:
    """Ann joins twice, speaks over two days in both communities, twice at the very same moment."""
    said = [(1, 0), (2, 0), (5, 1), (5, 0), (1500, 1), (1501, 1), (1501, 0), (1502, 0)]
    lines = [Line(minute, "ann", place=place) for minute, place in said]
    return Chat(lines, places=2, joins=[(0, "ann", 0), (3, "ann", 0), (5, "ann", 1)])


def test_alike_acts_of_a_day_are_one_line_at_the_latest_and_moves_stand_alone(tea):
    ann, (one, two) = tea.member["ann"], tea.communities

    items = told(owner_of(tea.brand), f"members/{ann}/timeline", READ)["items"]

    assert [(row["at"], row["kind"], row["community"], row["times"]) for row in items] == [
        ("2026-03-03T01:02:00+00:00", "message.sent", one.pk, 2),
        ("2026-03-03T01:01:00+00:00", "message.sent", two.pk, 2),
        ("2026-03-02T00:05:00+00:00", "message.sent", one.pk, 3),
        ("2026-03-02T00:05:00+00:00", "message.sent", two.pk, 1),
        ("2026-03-02T00:05:00+00:00", "member.joined", two.pk, 1),
        ("2026-03-02T00:03:00+00:00", "member.joined", one.pk, 1),
        ("2026-03-02T00:00:00+00:00", "member.joined", one.pk, 1),
    ]
    assert [row["label"] for row in items] == [*["发言"] * 4, *["入群"] * 3]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_hold_every_line_once_in_the_order_of_the_card(tea, limit):
    owner, ann, found, cursor = owner_of(tea.brand), tea.member["ann"], [], ""
    whole = told(owner, f"members/{ann}/timeline", READ)

    for _page in range(8):
        page = told(owner, f"members/{ann}/timeline?limit={limit}&cursor={cursor}", READ)
        found += page["items"]
        cursor = page["next"] or ""
        if not cursor:
            break

    assert (found, whole["next"]) == (whole["items"], None)


def test_a_line_counts_all_acts_of_its_day_however_many():
    chat = Chat([Line(minute, "ann") for minute in range(50)])

    (row,) = history(chat.brand, [chat.member["ann"]], {chat.communities[0].pk: "c0"}, many=1)

    assert row.times == 50


@pytest.mark.parametrize("place", ["1", "1 2", "x y z", "1 2 3 4"])
def test_a_cursor_of_another_make_is_refused(tea, place):
    forged = base64.urlsafe_b64encode(f"after {place}".encode()).decode()

    answer = asked(owner_of(tea.brand), f"members/{tea.member['ann']}/timeline?cursor={forged}", READ)

    assert (answer.status_code, answer.json()["code"]) == (422, "api.bad_cursor")


def test_a_cursor_beyond_all_numbers_finds_nothing_or_all(tea):
    def page(sign: str) -> int:
        forged = base64.urlsafe_b64encode(f"after {sign}{10**30} {10**30} {10**30}".encode()).decode()
        answer = asked(owner_of(tea.brand), f"members/{tea.member['ann']}/timeline?cursor={forged}", READ)
        assert answer.status_code == 200
        return len(answer.json()["items"])

    assert (page("-"), page("")) == (0, 7)


def test_the_stage_of_each_community_comes_with_the_rules_of_the_card(tea):
    owner, ann = owner_of(tea.brand), tea.member["ann"]

    items = told(owner, f"members/{ann}/stages", READ)["items"]

    reasons = card_of(owner, tea, ann)
    assert [
        (row["stage"], row["label"], row["is_highly_active"], row["ahead"], row["next_on"]) for row in items
    ] == [(why.stage, str(why.label), why.highly_active, list(why.ahead), why.next_on) for why in reasons]
    assert [[tuple(rule.values()) for rule in row["rules"]] for row in items] == [
        [(rule.stage, str(rule.label), rule.asks, rule.found, rule.holds) for rule in why.rules]
        for why in reasons
    ]
    assert {row["community"] for row in items} == {place.pk for place in tea.communities}
    assert [[rule["stage"] for rule in row["rules"] if rule["holds"]] for row in items] == [
        [row["stage"]] for row in items
    ]


def card_of(owner: Staff, tea: Chat, member: int):
    scope = about(owner, node=None, first=tea.first, last=tea.first, at=NOW).scope
    return person(scope, Member.objects.get(pk=member)).reasons()


def test_who_is_core_is_told_since_when_and_by_whom(tmp_path, settings):
    settings.HOME = tmp_path
    house = build("a", tmp_path)
    house.appointment()
    first = Member.objects.get(memberships__appointments__isnull=False)

    (item,) = told(house.first, f"members/{first.pk}/stages", READ)["items"]

    assert item["core"] == {"is_appointed": True, "from_on": "2026-03-09", "by": None}


@pytest.mark.parametrize("part", ["timeline", "stages"])
def test_a_data_scope_tells_of_its_own_communities_only(tea, part):
    mine = tea.communities[0]
    path = f"members/{tea.member['ann']}/{part}"
    empty = find_community(tea.brand, name="空群", at=NOW)
    narrow = staff_of(tea.brand, "operator", reach=[mine.pk])
    elsewhere = staff_of(tea.brand, "moderator", reach=[empty.pk])
    stranger = owner_of(Chat([Line(1, "bob")], name="other").brand)

    assert {row["community"] for row in told(narrow, path, READ)["items"]} == {mine.pk}
    assert [asked(staff, path, READ).status_code for staff in (elsewhere, stranger)] == [404, 404]
    assert asked(owner_of(tea.brand), path, "numbers.read").status_code == 403

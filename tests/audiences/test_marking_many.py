"""Marking many: one entry of the log, one restatement, taken back for exactly the people it changed."""

from __future__ import annotations

import pytest

from qunying.brands.models import AuditEntry
from qunying.jobs.models import Job
from qunying.members.models import Member, StaffSpan
from tests.audiences.test_tagging import toasts
from tests.metrics.house import House, build

pytestmark = pytest.mark.django_db
PEOPLE = ("阿青", "小周", "老吴", "阿禾")


@pytest.fixture
def house() -> House:
    return build(people=PEOPLE, communities=2)


def marked(field: str) -> set[str]:
    return set(Member.objects.filter(**{field: True}).values_list("name", flat=True))


def spans() -> set[tuple[str, str]]:
    return {(row.member.name, str(row.from_on)) for row in StaffSpan.objects.select_related("member")}


@pytest.mark.parametrize(("mark", "field"), [("bot", "is_bot"), ("test", "is_test")])
def test_marking_everybody_leaves_who_was_marked_before_marked_when_taken_back(house, mark, field):
    client, first = house.client(), house.members["wm00000000"]
    client.post(house.url(f"members/{first}/{mark}/"))
    before, jobs, entries = marked(field), Job.objects.count(), AuditEntry.objects.count()

    answer = client.post(house.url("members/marks/"), {"every": "1", "filter": "", "mark": mark})
    text, undo = toasts(client, answer)[-1]
    between = (len(marked(field)), Job.objects.count() - jobs, AuditEntry.objects.count() - entries)
    codes = [client.post(undo).status_code for _twice in range(2)]

    assert text == "已改动 3 位群成员的标记，各项数据会重新计算"
    assert between == (4, 1, 1)
    assert (marked(field), codes) == (before, [302, 409])


def test_taking_marks_off_everybody_is_taken_back_too(house):
    client, first = house.client(), house.members["wm00000000"]
    client.post(house.url(f"members/{first}/bot/"))
    before = marked("is_bot")
    sent = {"every": "1", "filter": "who=bot", "mark": "bot", "off": "1"}

    undo = toasts(client, client.post(house.url("members/marks/"), sent))[-1][1]
    between = marked("is_bot")
    client.post(undo)

    assert (between, marked("is_bot")) == (set(), before)


def test_staff_are_made_from_a_day_on_and_their_earlier_days_come_back(house):
    client, first = house.client(), house.members["wm00000000"]
    client.post(house.url(f"members/{first}/staff/"), {"from": "2026-01-01", "until": "2026-01-05"})
    before = spans()
    sent = {"every": "1", "filter": "", "mark": "staff", "from": "2026-02-01"}

    undo = toasts(client, client.post(house.url("members/marks/"), sent))[-1][1]
    between = len(spans())
    client.post(undo)

    assert (between, spans()) == (5, before)


def test_a_mark_nobody_needed_offers_nothing_to_take_back(house):
    client, first = house.client(), house.members["wm00000000"]
    client.post(house.url(f"members/{first}/bot/"))

    again = toasts(client, client.post(house.url(f"members/{first}/bot/")))[-1]
    sent = {"ids": str(first), "mark": "bot"}
    many = toasts(client, client.post(house.url("members/marks/"), sent))[-1]

    assert [again, many] == [("已经是这样，没有改动", ""), ("所选群成员都已是这样，没有改动", "")]
    assert marked("is_bot") == {"阿青"}


def test_a_mark_that_is_none_is_refused(house):
    sent = {"every": "1", "filter": "", "mark": "owner"}

    assert house.client().post(house.url("members/marks/"), sent).status_code == 404

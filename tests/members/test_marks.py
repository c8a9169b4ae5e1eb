"""Bots, tests and staff are said once, on the card: logged with what was before, taken back at once, restated."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from qunying.brands.models import AuditEntry
from qunying.jobs.models import Job
from qunying.kit import days
from qunying.members.actions import Account, mark_bot, mark_staff, meet, merge, set_staff
from qunying.members.models import Member, StaffSpan
from qunying.members.queries import spans_of
from qunying.metrics.asking import Asker
from qunying.metrics.readings import bring_up_to_date, series
from tests.metrics.house import House, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return build(people=("阿青", "小周", "老吴", "阿禾"), communities=2)


def one(house: House, name: str = "阿青") -> Member:
    return Member.objects.get(brand=house.brand, name=name)


def on(house: House, ago: int) -> dt.date:
    return days.date(house.today - ago)


def logged(house: House) -> list[tuple[str, object, object]]:
    rows = AuditEntry.objects.filter(brand=house.brand, about=f"member:{one(house).pk}").order_by("number")
    return [(row.deed, row.before, row.after) for row in rows]


def undo_of(answer) -> str:
    """Where the last toast's button leads."""
    return str(re.findall(r'data-undo="([^"]+)"', answer.content.decode())[-1]).replace("&amp;", "&")


@pytest.mark.parametrize(
    ("path", "field", "deed", "key"),
    [
        ("bot", "is_bot", "member.bot_marked", "is_bot"),
        ("test", "is_test", "member.test_marked", "test_account"),
    ],
)
def test_a_mark_is_set_logged_with_what_was_before_and_taken_back(house, path, field, deed, key):
    client, url = house.client(), house.url(f"members/{one(house).pk}/{path}/")
    jobs = Job.objects.filter(brand=house.brand, kind="metrics.restate")

    shown = client.post(url, follow=True)
    again = client.post(url, follow=True)
    marked = getattr(one(house), field)
    client.post(undo_of(shown))

    assert (marked, getattr(one(house), field)) == (True, False)
    assert again.status_code == 200
    assert logged(house) == [(deed, {key: False}, {key: True}), (deed, {key: True}, {key: False})]
    assert [job.args for job in jobs] == [{"members": [one(house).pk]}] * 2


def test_days_on_the_staff_are_added_changed_removed_and_put_back(house):
    client, url = house.client(), house.url(f"members/{one(house).pk}/staff/")
    early, late = (on(house, 12), on(house, 9)), (on(house, 3), None)
    key = f"{early[0]}/{early[1]}"

    client.post(url, {"from": early[0], "until": early[1]})
    client.post(url, {"from": late[0], "until": ""})
    both = spans_of(one(house))
    moved = client.post(url, {"was": key, "from": early[0], "until": on(house, 8)}, follow=True)
    changed = spans_of(one(house))
    client.post(undo_of(moved))
    back = spans_of(one(house))
    client.post(url, {"was": key})

    assert both == back == [early, late]
    assert changed == [(early[0], on(house, 8)), late]
    assert spans_of(one(house)) == [late]
    assert logged(house)[0] == ("member.staff_marked", {"staff": ""}, {"staff": key})
    assert logged(house)[-1] == (
        "member.staff_marked",
        {"staff": f"{key},{late[0]}/"},
        {"staff": f"{late[0]}/"},
    )
    assert Job.objects.filter(brand=house.brand, kind="metrics.restate").count() == 5


@pytest.mark.parametrize(
    "asked",
    [{}, {"from": "", "until": "2026-03-01"}, {"from": "x"}, {"from": "2026-03-02", "until": "2026-03-01"}],
)
def test_days_that_are_none_are_refused_and_nothing_changes(house, asked):
    answer = house.client().post(house.url(f"members/{one(house).pk}/staff/"), asked)

    assert answer.status_code == 422
    assert (spans_of(one(house)), logged(house)) == ([], [])


@pytest.mark.parametrize("path", ["bot", "test", "staff"])
def test_who_may_not_edit_members_may_not_mark_them(house, path):
    answer = house.client("founder").post(
        house.url(f"members/{one(house).pk}/{path}/"), {"from": on(house, 3)}
    )

    assert answer.status_code == 403
    assert (one(house).is_bot, one(house).is_test, spans_of(one(house))) == (False, False, [])


def test_days_that_overlap_become_one_and_are_left_out_once(house):
    other = one(house, "小周")
    by = house.staff()
    set_staff(
        one(house), spans=[(on(house, 12), on(house, 6)), (on(house, 8), on(house, 4))], at=house.now, by=by
    )
    set_staff(other, spans=[(on(house, 10), on(house, 2))], at=house.now, by=by)
    merge(one(house), member=other, evidence="同名", at=house.now, by=by)

    bring_up_to_date(house.brand, at=house.now)

    first, last = house.today - 15, house.today - 1
    asker = Asker(house.brand, house.communities, at=house.now)
    kept = series(house.brand, "present", first=first, last=last).values.tolist()
    assert list(StaffSpan.objects.filter(member=one(house)).values_list("from_on", "until_on")) == [
        (on(house, 12), on(house, 4))
    ]
    assert kept == [asker.ask("present", day, day).value for day in range(first, last + 1)]
    assert kept == [
        2.0 if house.today - 12 <= day <= house.today - 2 else 3.0 for day in range(first, last + 1)
    ]


def test_taking_a_mark_back_clears_it_from_merged_accounts_too(house):
    by = house.staff()
    mark_bot(one(house, "小周"), is_bot=True, at=house.now, by=by)
    merge(one(house), member=one(house, "小周"), evidence="同名", at=house.now, by=by)
    page = house.client().get(house.url(f"members/{one(house).pk}/"))

    house.client().post(house.url(f"members/{one(house).pk}/bot/"), {"off": "1"})

    assert page.context["marks"].is_bot
    assert not Member.objects.filter(brand=house.brand, is_bot=True).exists()


def test_an_import_does_not_bring_back_days_that_somebody_took_away(house):
    by, start = house.staff(), on(house, 15)
    mark_staff(one(house), from_on=start, batch=7)
    set_staff(one(house), spans=[], at=house.now, by=by)

    mark_staff(one(house), from_on=start, batch=8)

    assert spans_of(one(house)) == []


def test_a_source_marks_staff_whom_nobody_spoke_of(house):
    (new,) = meet(house.brand, [Account("test", "", "新人")], batch=7, at=house.now).values()
    mark_staff(Member.objects.get(pk=new), from_on=on(house, 2), batch=7)

    assert spans_of(Member.objects.get(pk=new)) == [(on(house, 2), None)]

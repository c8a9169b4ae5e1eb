"""The duty roster as people see and keep it: who may, one day or from today on, at whatever names."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qunying.brands.models import AuditEntry, Staff
from qunying.communities.duty import DAY
from qunying.communities.models import Cover, Shift
from tests.communities.world import EVERY_DAY, a_brand, a_colleague, a_community, a_shift

pytestmark = pytest.mark.django_db
HOSTILE = '=1+1<script>alert("1")</script>{{7*7}}'
HERE = "/b/tea/roster/"


def client_of(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff.account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def this_week() -> dt.date:
    today = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    return today - today.weekday() * DAY


def form_of(holder: Staff, **given: object) -> dict[str, object]:
    usual = {"community": "", "staff": holder.pk, "weekdays": EVERY_DAY, "starts": "09:00", "ends": "18:00"}
    return {**usual, "from_on": this_week().isoformat(), "until_on": "", **given}


def rows_of(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_a_shift_is_planned_changed_from_today_and_removed():
    brand, owner = a_brand()
    community, client = a_community(brand), client_of(owner)

    client.post(f"{HERE}new/", form_of(owner, community=community.pk))
    first = Shift.objects.get()
    client.post(f"{HERE}shifts/{first.pk}/", form_of(owner, community=community.pk, ends="12:00"))
    last = Shift.objects.latest("pk")
    client.post(f"{HERE}shifts/{last.pk}/removal/")

    left = [(row.community, row.hours) for row in Shift.objects.all()]
    assert left in ([], [(community, "09:00–18:00")])  # on a Monday nothing was held before
    deeds = (
        AuditEntry.objects.filter(about__startswith="shift:").order_by("pk").values_list("deed", flat=True)
    )
    assert list(deeds) == ["shift.added", "shift.changed", "shift.removed"]


def test_a_bad_form_is_answered_beside_its_fields_and_plans_nothing():
    brand, owner = a_brand()
    narrow, client = a_colleague(brand, "阿青", reach=[]), client_of(owner)

    bad: list[dict[str, object]] = [
        {"weekdays": []},
        {"starts": "25:00"},
        {"until_on": "2020-01-01"},
        {"staff": narrow.pk},
        {"community": 99},
    ]
    answers = [client.post(f"{HERE}new/", form_of(owner, **one)) for one in bad]

    assert [answer.status_code for answer in answers] == [422] * len(bad)
    assert "数据范围不包含这里" in answers[3].content.decode()
    assert Shift.objects.count() == 0


def test_one_day_is_taken_over_and_the_toast_takes_it_back():
    brand, owner = a_brand()
    other, client = a_colleague(brand, "阿青"), client_of(owner)
    shift, day = a_shift(owner, None, from_on=this_week()), this_week() + 6 * DAY
    url = f"{HERE}shifts/{shift.pk}/cover/"

    shown = client.post(url, {"on": day.isoformat(), "staff": other.pk}, follow=True).content.decode()
    taken = Cover.objects.get()
    undo = f"{url}?on={day}&amp;staff={owner.pk}"
    client.post(undo.replace("&amp;", "&"))

    assert (taken.on, taken.staff) == (day, other)
    assert f'data-undo="{undo}"' in shown
    assert "顶班，原为掌柜" in shown
    assert Cover.objects.count() == 0
    nowhere = [client.post(url, {"on": on, "staff": who}).status_code for on, who in (("x", ""), (day, "99"))]
    assert nowhere == [404, 404]


def test_who_is_on_duty_now_is_marked_and_hours_without_anybody_are_said():
    brand, owner = a_brand()
    community, client = a_community(brand), client_of(owner)
    shift = a_shift(owner, None, hours="00:00-00:00", from_on=this_week() - 7 * DAY)
    a_shift(owner, community, staff=a_colleague(brand, "阿青", reach=[community.pk]), from_on=this_week())

    marked = client.get(HERE).content.decode().count("值班中")
    before = client.get(f"{HERE}?on={this_week() - 7 * DAY}").content.decode()
    client.post(f"{HERE}shifts/{shift.pk}/cover/", {"on": this_week().isoformat(), "staff": ""})
    page = client.get(HERE).content.decode()

    assert marked >= 1
    assert ("值班中" in before, "阿青" in before.partition("班次</h2>")[0]) == (False, False)
    assert "00:00–24:00 无人值班" in page


@pytest.mark.parametrize(
    "role", ["owner", "operator", "moderator", "volunteer", "support", "analyst", "founder"]
)
def test_everybody_sees_their_communities_and_only_who_may_plans(role):
    brand, owner = a_brand()
    mine, other = a_community(brand), a_community(brand, "另一个群")
    shifts = [a_shift(owner, place) for place in (mine, other, None)]
    client = client_of(a_colleague(brand, "小周", role, reach=[mine.pk]))

    page = client.get(HERE).content.decode()
    posts = [client.post(f"{HERE}shifts/{row.pk}/removal/").status_code for row in shifts]
    posts.append(client.post(f"{HERE}new/", form_of(owner)).status_code)

    assert [name in page for name in ("茶友群", "整个品牌", "另一个群")] == [True, True, False]
    may = role in ("owner", "operator", "moderator")
    assert posts == ([302, 404, 404, 422] if may else [403] * 4)
    assert ("shifts/" in page, "roster/new/" in page) == (may, may)


def test_hostile_names_stay_text_on_the_page_and_in_the_sheet():
    brand, owner = a_brand()
    community, odd = a_community(brand, HOSTILE), a_colleague(brand, HOSTILE)
    shift, client = (
        a_shift(owner, community, staff=odd, hours="22:00-02:00", from_on=this_week()),
        client_of(owner),
    )
    client.post(f"{HERE}shifts/{shift.pk}/cover/", {"on": this_week().isoformat(), "staff": ""})

    pages = [client.get(url).content.decode() for url in (HERE, f"{HERE}shifts/{shift.pk}/?on={this_week()}")]
    rows = rows_of(client.post(f"{HERE}file/"))

    assert ["<script>alert" in page for page in pages] == [False, False]
    assert [HOSTILE.replace("<", "&lt;")[:12] in page for page in pages] == [True, True]
    monday, tuesday = (f"{this_week() + count * DAY}" for count in range(2))
    name, place = f"'{HOSTILE}", f"'{HOSTILE}"
    assert rows[:5] == [
        ["日期", "开始", "结束", "社群", "值班人", "说明"],
        [monday, "22:00", "24:00", place, "", "无人值班"],
        [monday, "22:00", "次日 02:00", place, "", f"缺勤，原为{HOSTILE}"],
        [tuesday, "00:00", "02:00", place, "", "无人值班"],
        [tuesday, "22:00", "次日 02:00", place, name, ""],
    ]
    assert AuditEntry.objects.filter(deed="roster.exported").count() == 1


def test_the_page_asks_no_more_for_many_shifts():
    brand, owner = a_brand()
    client, asked = client_of(owner), []
    for count in (1, 3):
        for place in range(count):
            a_shift(owner, a_community(brand, f"群{place}"), staff=a_colleague(brand, f"人{place}"))
        client.get(HERE)
        with CaptureQueriesContext(connection) as told:
            client.get(HERE)
        asked.append(len(told))

    assert asked[0] == asked[1]


def test_a_day_of_any_kind_in_the_address_is_answered():
    _brand, owner = a_brand()
    client = client_of(owner)

    asked = [
        client.get(f"{HERE}?on={on}").status_code
        for on in ("x", "0001-01-01", "9999-12-31", "2026-02-30", "")
    ]
    assert asked == [200] * 5


def test_what_is_left_of_the_night_before_stands_on_the_first_day_of_the_week():
    _brand, owner = a_brand()
    a_shift(owner, None, hours="22:00-06:00", weekdays=(6,), from_on=this_week() - 7 * DAY)

    days = client_of(owner).get(HERE).context["days"]

    shown = [[(line.turn.start.weekday(), line.is_rest) for line in day.cells[0].lines] for day in days]
    assert shown == [[(6, True)], [], [], [], [], [], [(6, False)]]

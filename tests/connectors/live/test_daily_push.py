"""The daily report in a group of staff: at its hour, once a day, and never where members are."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from qunying.brands.actions import change_brand
from qunying.brands.models import AuditEntry, Brand, Staff
from qunying.communities.actions import change_community, cover
from qunying.communities.models import Channel
from qunying.connectors import actions
from qunying.connectors.beats import push_dailies
from qunying.connectors.daily import fitted, options
from qunying.connectors.delivering import deliver
from qunying.connectors.live import feishu_robot
from qunying.connectors.live.connector import Longest, Source
from qunying.connectors.live.feishu_robot import FEISHU_ROBOT
from qunying.connectors.models import Connection, DailyPush
from qunying.demo.simulators.robots import FeishuRobot
from qunying.jobs.actions import database_now
from qunying.kit.errors import Refused
from qunying.members.actions.people import mark_staff
from qunying.members.models import Member
from qunying.outbox.actions import assign, claim, conclude
from qunying.outbox.models import Sending, Todo
from qunying.outbox.outcomes import Outcome, Result
from tests.metrics.chats import NOW, Chat
from tests.metrics.reports_world import owner_of, signed_in, staff_of, three_weeks

pytestmark = pytest.mark.django_db
KEY = "robotkey0001"
HOOK = f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}"
MONDAY = dt.datetime(2026, 3, 23, 9, 0, tzinfo=dt.UTC)
"""The day after the last one of which the brand knows anything, nine in the morning there."""
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
HERE = "/b/tea/daily/push/"


@pytest.fixture
def tea() -> Chat:
    return three_weeks()


@pytest.fixture
def owner(tea) -> Staff:
    return owner_of(tea.brand)


def robot(tea: Chat, by: Staff, *, key: str = KEY, place: int | None = None) -> Channel:
    """A robot's group: in a community of its own, or in one of the brand's."""
    keys = {"webhook": HOOK.replace(KEY, key), "secret": ""}
    row = actions.connect(
        tea.brand, connector_key="feishu_robot", name=f"机器人{key}", keys=keys, at=NOW, by=by
    )
    community = None if place is None else tea.communities[place]
    return actions.seat(row, chat="", name=f"值班群{key}", community=community, at=NOW, by=by)


@pytest.fixture
def desk(tea, owner) -> Channel:
    return robot(tea, owner)


def setting(tea: Chat, channel: Channel | None, by: Staff, **more: object) -> DailyPush:
    told = {"is_on": True, "hour": 9, "weekdays": range(7), **more}
    return actions.set_daily(tea.brand, channel=channel, at=NOW, by=by, **told)  # type: ignore[arg-type]  # as above


def pushed(push: DailyPush, now: dt.datetime) -> str | None:
    """The key of what a worker sends then, with the row as it stands."""
    push.refresh_from_db()
    sent = actions.push_daily(push, now=now)
    return sent.key if sent else None


def why(push: DailyPush) -> str:
    push.refresh_from_db()
    return push.failure["code"] if push.failure else ""


# -- when ------------------------------------------------------------------------------------------------------------


def test_at_its_hour_yesterdays_report_goes_once_to_the_group_and_to_nobodys_quota(tea, owner, desk):
    push = setting(tea, desk, owner)
    day = MONDAY.date()
    assign(tea.communities[0], text="联系新人", due_on=day, staff=owner, cause="", key="a", at=NOW)

    keys = [pushed(push, MONDAY + after) for after in (-MINUTE, 0 * MINUTE, MINUTE, 14 * 60 * MINUTE)]

    sending = Sending.objects.get()
    text = str(sending.params["text"])
    assert keys == [None, "daily:2026-03-23", None, None]
    assert (sending.channel, sending.is_unsolicited, sending.expires_at) == (
        desk,
        False,
        dt.datetime(2026, 3, 24, tzinfo=dt.UTC),
    )
    assert text.splitlines()[0] == "tea · 全部社群日报 · 2026-03-22 周日"
    assert ("a** / b** / c**" in text, "ann" in text) == (True, False)
    assert f"1. 员工待办 · 联系新人 · tea c0 · {owner.name}" in text


def test_two_workers_at_once_send_one(tea, owner, desk):
    setting(tea, desk, owner)
    first, second = DailyPush.objects.get(), DailyPush.objects.get()

    sent = [actions.push_daily(push, now=MONDAY) for push in (first, second)]

    assert [each is None for each in sent] == [False, True]
    assert Sending.objects.count() == 1


def test_after_a_night_without_power_it_follows_the_same_day_and_not_the_next_morning(tea, owner, desk):
    push = setting(tea, desk, owner)

    assert pushed(push, MONDAY + DAY - 10 * 60 * MINUTE) == "daily:2026-03-23"

    DailyPush.objects.update(pushed_on=None)
    assert pushed(push, MONDAY + DAY - MINUTE) is None


def test_data_that_is_late_is_waited_for_until_the_day_ends_and_then_left_out(tea, owner, desk):
    push = setting(tea, desk, owner)
    tuesday = MONDAY + DAY

    assert (pushed(push, tuesday), why(push)) == (None, "connectors.daily_not_yet")

    cover(tea.communities[0], first=tea.first, last=tea.last + 1, has_speech=True)
    assert (pushed(push, tuesday + 60 * MINUTE), why(push)) == ("daily:2026-03-24", "")


@pytest.mark.parametrize(
    ("zone", "hour", "moments", "due"),
    [
        ("America/New_York", 2, ["2026-03-08T06:59", "2026-03-08T07:00"], [False, True]),  # 2:00 is skipped
        ("America/New_York", 1, ["2026-11-01T05:00", "2026-11-01T06:00"], [True, False]),  # 1:00 comes twice
        ("Asia/Shanghai", 0, ["2026-03-22T15:59", "2026-03-22T16:00"], [True, True]),
        ("Asia/Shanghai", 23, ["2026-03-22T15:00", "2026-03-22T16:00"], [True, False]),
    ],
)
def test_the_hour_is_the_brands_also_where_clocks_are_changed(zone, hour, moments, due):
    push = DailyPush(brand=Brand(zone=zone), is_on=True, hour=hour)
    found = []
    for text in moments:
        now = dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
        found.append(push.is_due(now))
        if found[-1]:
            push.pushed_on = now.astimezone(push.brand.clock.zone).date()

    assert found == due


def test_it_goes_on_the_chosen_days_only_and_not_while_it_is_off(tea, owner, desk):
    push = setting(tea, desk, owner, weekdays=[1, 2])
    assert pushed(push, MONDAY) is None

    push = setting(tea, desk, owner, is_on=False)
    assert pushed(push, MONDAY) is None

    assert pushed(setting(tea, desk, owner, weekdays=[0]), MONDAY) == "daily:2026-03-23"


def test_one_brands_fault_keeps_the_report_from_no_other(tea, owner, desk):
    other = three_weeks("coffee")
    by = owner_of(other.brand)
    broken = setting(other, robot(other, by, key="robotkey0002"), by, hour=0)
    setting(tea, desk, owner, hour=0)
    Brand.objects.filter(pk=broken.brand_id).update(zone="Nowhere/Else")
    today = tea.brand.today(database_now())
    cover(tea.communities[0], first=tea.first, last=today, has_speech=True)

    push_dailies()

    assert [row.brand_id for row in Sending.objects.all()] == [tea.brand.pk]


# -- to whom ---------------------------------------------------------------------------------------------------------


def test_a_group_whose_community_has_members_is_refused_until_all_of_them_are_staff(tea, owner):
    channel = robot(tea, owner, place=1)

    with pytest.raises(Refused) as refused:
        setting(tea, channel, owner)

    assert (refused.value.code, refused.value.details["n"]) == ("connectors.daily_strangers", 2)
    assert DailyPush.objects.count() == 0
    for name in ("cat", "eve"):
        mark_staff(Member.objects.get(pk=tea.member[name]), from_on=NOW.date())
    assert pushed(setting(tea, channel, owner), MONDAY) == "daily:2026-03-23"


def test_a_test_community_is_one_of_staff_if_somebody_says_so(tea, owner):
    channel = robot(tea, owner, place=1)
    change_community(tea.communities[1], values={"is_test": True}, at=NOW, by=owner)

    assert [(each.strangers, each.is_for_staff) for each in options(tea.brand)] == [(2, True)]
    assert setting(tea, channel, owner).channel == channel


def test_a_group_that_got_members_or_another_community_since_gets_nothing(tea, owner, desk):
    push = setting(tea, desk, owner)
    Channel.objects.filter(pk=desk.pk).update(community=tea.communities[0])
    moved = (pushed(push, MONDAY), why(push))

    DailyPush.objects.update(community=tea.communities[0])
    strange = (pushed(push, MONDAY), why(push))

    Connection.objects.all().delete()
    gone = (pushed(push, MONDAY), why(push))

    assert [moved, strange, gone] == [
        (None, "connectors.daily_moved"),
        (None, "connectors.daily_strangers"),
        (None, "connectors.daily_no_group"),
    ]
    assert Sending.objects.count() == 0


def test_where_the_brand_asks_for_it_a_colleague_says_yes_to_the_report_first(tea, owner, desk):
    change_brand(tea.brand, name="tea", preferences={"send_approvals": 1}, at=NOW, by=owner)
    push = setting(tea, desk, owner)

    pushed(push, MONDAY)
    answer = signed_in(owner).post(f"{HERE}trial/", {"key": "a-form-of-the-page"}, follow=True)

    found = {row.key.partition(":2")[0]: (row.state, row.approvals) for row in Sending.objects.all()}
    assert found == {"daily": ("approval", 1), "daily:now:a-form-of-the-page": ("approval", 1)}
    assert "日报等待审批" in answer.content.decode()


def test_the_report_is_read_only_by_who_may_read_its_page_although_others_have_the_groups_community(
    tea, owner, desk
):
    push = setting(tea, desk, owner)
    pushed(push, MONDAY)
    row = Sending.objects.get()
    claim([desk.pk], now=MONDAY)
    conclude(Sending.objects.get(), outcome=Outcome(Result.UNKNOWN), now=MONDAY)
    todo = Todo.objects.get()
    here = desk.community_id
    others = [
        staff_of(tea.brand, "volunteer", reach=[here]),
        staff_of(tea.brand, "operator", reach=[here]),
        staff_of(tea.brand, "support"),
    ]
    first = row.params["text"].splitlines()[0]

    def seen(staff: Staff) -> tuple[int, int, bool, bool]:
        client = signed_in(staff)
        codes = [client.get(f"/b/tea/{path}{pk}/").status_code for path, pk in things]
        shown = [first in client.get(f"/b/tea/{path}").content.decode() for path in ("sendings/", "today/")]
        return codes[0], codes[1], shown[0], shown[1]

    things = (("sendings/", row.pk), ("todos/", todo.pk))
    assert [seen(staff) for staff in others] == [(404, 404, False, False)] * 3
    assert [seen(staff)[:3] for staff in (owner, staff_of(tea.brand, "planner"))] == [(200, 302, True)] * 2


# -- the page --------------------------------------------------------------------------------------------------------


def form(channel: Channel | None, **more: object) -> dict[str, object]:
    told = {"is_on": "on", "hour": 8, "weekdays": [0, 1, 2, 3, 4], "only_staff": "on", **more}
    return {**told, **({"channel": channel.pk} if channel else {})}


def faults(client: Client, told: dict[str, object]) -> list[str]:
    answer = client.post(HERE, told)
    assert (answer.status_code, DailyPush.objects.count()) == (422, 0)
    return list(answer.context["form"].errors)


def test_what_is_set_on_the_page_holds_and_is_written_down(tea, owner, desk):
    client = signed_in(owner)

    answer = client.post(HERE, form(desk))

    push = DailyPush.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, HERE)
    assert (push.is_on, push.hour, push.weekdays, push.channel) == (True, 8, [0, 1, 2, 3, 4], desk)
    entry = AuditEntry.objects.filter(brand=tea.brand).latest("number")
    assert (entry.deed, entry.after) == (
        "daily.set",
        {"state": True, "hour": 8, "days": 5, "channel": str(desk)},
    )
    page = client.get(HERE).content.decode()
    assert 'value="8" selected' in page and f'value="{desk.pk}" checked' in page


def test_nobody_sends_it_without_a_group_a_day_and_the_word_that_only_staff_are_there(tea, owner, desk):
    client = signed_in(owner)
    crowded = robot(tea, owner, key="robotkey0002", place=0)

    assert faults(client, form(None)) == ["channel"]
    assert faults(client, form(desk, only_staff="")) == ["only_staff"]
    assert faults(client, form(desk, weekdays=[])) == ["weekdays"]
    assert faults(client, form(crowded)) == ["channel"]
    page = client.get(HERE).content.decode()
    assert f'value="{crowded.pk}" disabled' in page and "有 3 位群成员不是员工，不能选" in page


def test_only_who_sees_all_communities_and_may_connect_sets_it(tea, owner, desk):
    narrow = signed_in(staff_of(tea.brand, "operator", reach=[tea.communities[0].pk]))
    reader = signed_in(staff_of(tea.brand, "analyst"))
    setting(tea, desk, owner, is_on=False)

    asked = [
        [
            client.get(HERE).status_code,
            *(client.post(path, form(desk)).status_code for path in (HERE, f"{HERE}trial/")),
        ]
        for client in (narrow, reader)
    ]
    links = [
        HERE in client.get("/b/tea/daily/").content.decode() for client in (signed_in(owner), narrow, reader)
    ]

    assert asked == [[404] * 3, [403] * 3]
    assert links == [True, False, False]
    assert (DailyPush.objects.get().is_on, Sending.objects.count()) == (False, 0)


def test_sent_now_it_arrives_once_however_often_it_is_pressed_and_the_page_says_so(
    tea, owner, desk, settings, monkeypatch
):
    monkeypatch.setattr(feishu_robot, "CROWDED", 0)  # whatever time it is
    settings.SIMULATORS = {}
    setting(tea, desk, owner, is_on=False)
    client = signed_in(owner)
    with FeishuRobot(KEY) as platform:
        settings.SIMULATORS = {FEISHU_ROBOT.hosts[0]: platform.address}
        answers = [client.post(f"{HERE}trial/", {"key": "a-form-of-the-page"}) for _ in range(2)]
        row = Connection.objects.get()
        for _ in range(2):
            deliver(row, FEISHU_ROBOT.line(actions.keys_of(row), row.hook))
        said = list(platform.said)

    sending = Sending.objects.get()
    assert [answer.status_code for answer in answers] == [302, 302]
    assert said == [sending.params["text"]]
    assert "最近一次发送" in client.get(HERE).content.decode()
    assert sending.get_state_display() in client.get(HERE).content.decode()
    assert DailyPush.objects.get().pushed_on is None
    assert AuditEntry.objects.filter(brand=tea.brand).latest("number").deed == "daily.pushed"


def test_without_a_group_there_is_nothing_to_send_now(tea, owner):
    client = signed_in(owner)

    answers = [client.post(f"{HERE}trial/", {"key": "a-form-of-the-page"}), client.get(f"{HERE}trial/")]

    assert ([answer.status_code for answer in answers], Sending.objects.count()) == ([404, 405], 0)


# -- how long --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["letters", "bytes"])
def test_a_text_too_long_for_the_group_loses_whole_lines_and_says_how_many_and_where_they_are(unit):
    lines = [f"{number:02} 🍵茶" for number in range(40)]
    text = "\n".join([*lines[:20], "", *lines[20:]])
    source = Source("https://example.org", dt.date(2026, 1, 1))

    for size in (120, 200, 260):
        longest = Longest(size, unit, source)
        found = fitted(text, longest, link="https://q.example.org/b/tea/daily/")
        *kept, more, link = found.split("\n")
        assert longest.holds(found)
        assert kept == text.split("\n")[: len(kept)]
        left = 40 - sum(bool(line) for line in kept)
        assert more == f"另有 {left} 行没有列出，请到日报页查看。"
        assert link == "https://q.example.org/b/tea/daily/"
    assert fitted(text, None, link="x") == text

"""Core members: the rule nominates, a person appoints, from a day on and until a day."""

from __future__ import annotations

import datetime as dt

import pytest

from qunying.audiences.models import Appointment
from qunying.jobs.actions import run_job
from qunying.jobs.models import Job
from qunying.kit import days
from qunying.members.actions import merge
from qunying.members.models import Member
from qunying.metrics.asking import Asker
from tests.metrics.house import House, build

pytestmark = pytest.mark.django_db
DAILY, SILENT = "wm00000000", "wm00000003"


@pytest.fixture
def house() -> House:
    return build(people=("阿青", "小周", "老吴", "沉默的人"))


def appoint(house: House, who: str) -> int:
    """The answer's code to appointing this person in the only community."""
    address = house.url(f"members/{house.members[who]}/appointments/")
    return house.client().post(address, {"community": house.communities[0].pk}).status_code


def core(house: House, day: int) -> tuple[int | None, list[str]]:
    """How many the metric counts, and whom the list shows."""
    for job in Job.objects.filter(state=Job.State.WAITING):
        run_job.call(job.pk)
    rows = house.client().get(house.url("members/?stage=core")).context["rows"]
    counted = Asker(house.brand, house.communities, at=house.now).ask("stage.core", day, day).numerator
    return counted, [row.name for row in rows]


def test_a_nominated_member_is_appointed_from_the_last_known_day_on(house):
    end = house.today - 1

    codes = [appoint(house, DAILY) for _twice in range(2)]

    made = Appointment.objects.get()
    assert (codes, made.from_on, made.until_on) == ([302, 302], days.date(end), None)
    assert core(house, end) == (1, ["阿青"])
    assert core(house, end - 1)[0] == 0


def test_whom_the_rule_does_not_nominate_nobody_can_appoint(house):
    assert appoint(house, SILENT) == 409
    assert not Appointment.objects.exists()


def test_an_ended_appointment_counts_to_its_last_day_and_the_card_offers_a_new_one(house):
    appoint(house, DAILY)
    made = Appointment.objects.get()
    client, stage = house.client(), house.url(f"members/{house.members[DAILY]}/stage/")
    held = client.get(stage).context["core"]

    client.post(house.url(f"appointments/{made.pk}/end/"))

    made.refresh_from_db()
    log = client.get(house.url("audit/")).context["rows"]
    assert [row.appointment for row in held] == [made]
    assert [row.appointment for row in client.get(stage).context["core"]] == [None]
    assert made.until_on == days.date(house.today)
    assert [row.deed for row in log][:2] == ["结束核心任命", "任命核心"]
    assert core(house, house.today - 1) == (1, ["阿青"])
    Appointment.objects.update(until_on=made.from_on - dt.timedelta(days=1))
    assert core(house, house.today - 1)[0] == 0


def test_an_appointment_stays_when_the_person_is_merged_into_another(house):
    appoint(house, DAILY)
    root, other = (Member.objects.get(pk=house.members[who]) for who in ("wm00000001", DAILY))

    merge(root, member=other, evidence="", score=100, at=house.now, by=house.staff())

    assert core(house, house.today - 1) == (1, ["小周"])


@pytest.mark.parametrize(("role", "code"), [("moderator", 302), ("support", 403), ("analyst", 403)])
def test_only_who_may_edit_members_appoints(house, role, code):
    address = house.url(f"members/{house.members[DAILY]}/appointments/")

    answer = house.client(role).post(address, {"community": house.communities[0].pk})

    assert (answer.status_code, Appointment.objects.count()) == (code, int(code == 302))

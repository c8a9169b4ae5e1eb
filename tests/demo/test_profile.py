"""What a visitor of the demo finds in its communities: a profile, and a few core members."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from qunying.audiences.models import Appointment
from qunying.brands.models import AuditEntry
from qunying.communities.models import Community
from qunying.demo import actions
from qunying.demo.people import STAFF_NAMES
from qunying.demo.plans import TEA
from qunying.demo.profiles import PROFILES
from qunying.jobs.models import Job
from qunying.metrics.asking import Asker

AT = dt.datetime(2026, 3, 9, 2, 0, tzinfo=dt.UTC)


def test_every_community_of_the_demo_has_a_whole_profile():
    assert list(PROFILES) == [plan.name for plan in TEA.communities]
    assert [name for name, profile in PROFILES.items() if not all(profile.values().values())] == []
    assert {profile.owner for profile in PROFILES.values()} <= set(STAFF_NAMES)
    rooms = {plan.name: plan.members + plan.joins * plan.days for plan in TEA.communities}
    assert [name for name, people in rooms.items() if people > 2 * PROFILES[name].capacity] == []


@pytest.mark.django_db
def test_the_demo_tells_the_profile_and_has_core_members_by_the_proper_way():
    brand = actions.load(at=AT, plan=replace(TEA, communities=TEA.communities[-1:], faults=()))

    place = Community.objects.get(brand=brand)
    profile = PROFILES[place.name]
    assert (place.purpose, place.persona, place.owner, place.capacity, place.labels) == (
        profile.purpose,
        profile.persona,
        profile.owner,
        profile.capacity,
        list(profile.labels),
    )
    asker = Asker(brand, [place], at=AT)
    assert Appointment.objects.count() == actions.CORE_EACH
    assert 0 < (asker.ask("stage.core", asker.as_of, asker.as_of).numerator or 0) <= actions.CORE_EACH
    assert AuditEntry.objects.filter(brand=brand, deed="core.appointed").count() == actions.CORE_EACH
    assert [row.args for row in Job.objects.all()] == [{"members": []}]

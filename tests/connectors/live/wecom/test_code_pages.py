"""The forms of codes offer what can be chosen, and nothing that cannot be saved."""

from __future__ import annotations

import pytest

from qunying.jobs.actions import database_now
from qunying.members.actions import Account, meet
from tests.connectors.live.wecom.world import simulated

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform(settings, world):
    world.seconds = database_now().timestamp()
    with simulated(settings, world) as platform:
        yield platform


def test_without_a_group_there_is_no_form_that_could_not_be_saved(world, platform, client):
    told = client.get(f"/b/tea/connections/{world.connection.pk}/codes/new/group/").content.decode()

    assert "还没有接入客户群" in told
    assert 'name="most"' not in told


def test_only_employees_the_platform_names_are_offered_once_it_has_named_any(world, platform, client):
    """A history that was imported may name employees of another corporation."""
    world.corp.open_chat("一群", "kefu01")
    world.hear()
    meet(world.brand, [Account("wecom.userid", "", "elsewhere", "别家员工")], batch=None, at=database_now())
    told = client.get(f"/b/tea/connections/{world.connection.pk}/codes/new/contact/").content.decode()

    assert ("kefu01" in told, "elsewhere" in told) == (True, False)

"""In quiet hours a message waits for the morning, or somebody says why it does not."""

from __future__ import annotations

import datetime as dt

import pytest

from qunying.brands.models import AuditEntry, Brand
from qunying.connectors.actions import Written, write
from qunying.connectors.composing import targets
from qunying.kit.errors import Refused
from qunying.outbox.models import Sending
from qunying.outbox.quiet import quiet_at
from tests.connectors.live.test_writing import HERE, channel, client, filled, tea
from tests.connectors.live.world import AT

__all__ = ["channel", "client", "tea"]
pytestmark = pytest.mark.django_db
LOCAL = "%Y-%m-%dT%H:%M"


@pytest.fixture
def night(tea) -> dt.datetime:
    """An hour before midnight of a coming day, of the brand that has the usual quiet hours."""
    brand = tea[0]
    brand.preferences = {}
    brand.save()
    local = dt.datetime.now(brand.clock.zone) + dt.timedelta(days=2)
    return local.replace(hour=23, minute=0, second=0, microsecond=0)


def later(night: dt.datetime, **told: object) -> dict[str, object]:
    return {"when": "later", "at": night.strftime(LOCAL), **told}


@pytest.mark.parametrize(
    ("start", "end", "quiet"),
    [
        (22, 8, [*range(8), 22, 23]),
        (0, 6, [*range(6)]),
        (12, 14, [12, 13]),
        (8, 8, []),
        (22, 24, []),
    ],
)
def test_quiet_hours_hold_from_one_hour_to_the_other_also_over_midnight(start, end, quiet):
    brand = Brand(zone="Asia/Shanghai", preferences={"quiet_from": start, "quiet_to": end})
    midnight = dt.datetime(2026, 3, 1, 16, tzinfo=dt.UTC)
    found = {}
    for hour in range(24):
        moment = midnight + dt.timedelta(hours=hour, minutes=59)
        if (told := quiet_at(brand, moment)) is not None:
            assert dt.timedelta() < told.until - moment <= dt.timedelta(hours=24)
            found[hour] = told.until.astimezone(brand.clock.zone).hour

    assert found == dict.fromkeys(quiet, end)


def test_the_preview_warns_and_one_button_moves_it_to_the_end_of_the_quiet_hours(client, channel, night):
    morning = (night + dt.timedelta(hours=9)).strftime(LOCAL)

    shown = client.post(HERE, filled(channel, **later(night))).content.decode()
    moved = client.post(HERE, filled(channel, **later(night, step="wait", until=morning)))
    codes = [client.post(HERE, filled(channel, **later(at, step="confirm"))).status_code for at in (night,)]
    sent = client.post(HERE, filled(channel, when="later", at=morning, step="confirm")).status_code

    assert "22:00–08:00" in shown and f'name="until" value="{morning}"' in shown
    assert (moved.status_code, "安静时段" in moved.content.decode()) == (200, False)
    assert moved.context["written"].not_before.strftime(LOCAL) == morning
    assert (codes, sent) == ([422], 302)
    assert [row.not_before for row in Sending.objects.all()] == [night + dt.timedelta(hours=9)]


def test_with_a_reason_it_leaves_in_quiet_hours_and_the_log_keeps_the_reason(client, channel, tea, night):
    silent = client.post(HERE, filled(channel, **later(night, step="confirm", why="  ")))
    answer = client.post(HERE, filled(channel, **later(night, step="confirm", why="系统故障公告")))

    entry = AuditEntry.objects.get(brand=tea[0], deed="sending.written")
    assert (silent.status_code, answer.status_code) == (422, 302)
    assert "为什么现在就要发" in silent.content.decode()
    assert (entry.after or {})["reason"] == "系统故障公告"
    assert Sending.objects.get().not_before == night


def test_no_other_way_leads_around_it(channel, tea, night):
    words = Written("a-form-of-the-page", "早上好", targets(tea[1]), night, dt.timedelta(hours=1))

    with pytest.raises(Refused, match="quiet_hours"):
        write(words, at=AT, by=tea[1])

    assert Sending.objects.count() == 0


def test_only_a_reason_given_in_quiet_hours_lets_it_leave_in_them(client, channel, night):
    noon = (night - dt.timedelta(hours=11)).strftime(LOCAL)
    for key, told in (
        ("with-a-reason-now", later(night, why="公告")),
        ("left-in-the-form", {"when": "later", "at": noon, "why": "公告"}),
    ):
        client.post(HERE, filled(channel, key=key, step="confirm", **told))

    assert list(Sending.objects.order_by("pk").values_list("keeps_quiet", flat=True)) == [False, True]

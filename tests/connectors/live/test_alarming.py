"""The beat finds what should have left, says what keeps it, and tells the staff's group and programs outside once."""

from __future__ import annotations

import datetime as dt

import orjson
import pytest

from qunying.connectors import actions
from qunying.connectors.beats import BEATS, alarm_all
from qunying.connectors.models import Connection
from qunying.jobs.actions import database_now, keep_time
from qunying.kit.errors import Upstream
from qunying.outbox import actions as outbox
from qunying.outbox.models import Alarm, Sending
from qunying.webhooks.models import Delivery
from tests.connectors.live.test_nagging import HOOK
from tests.connectors.live.test_writing import channel, colleague, tea
from tests.webhooks.world import hooked

__all__ = ["channel", "tea"]
pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def desk(tea):
    """A group in which somebody said that only staff are."""
    brand, by = tea
    now = database_now()
    keys = {"webhook": HOOK, "secret": ""}
    row = actions.connect(brand, connector_key="feishu_robot", name="机器人", keys=keys, at=now, by=by)
    place = actions.seat(row, chat="", name="值班群", community=None, at=now, by=by)
    actions.set_daily(brand, is_on=False, hour=9, weekdays=range(7), channel=place, at=now, by=by)
    return place


def ordered(channel, by, *, key="a", **told) -> Sending:
    past = database_now() - HOUR
    wish = outbox.Wish("message.create", {"text": "绝密"}, **told)
    return outbox.order(channel, wish=wish, key=key, at=past, by=by)


def notices(desk) -> list[str]:
    return [str(row.params["text"]) for row in Sending.objects.filter(channel=desk).order_by("pk")]


def why() -> tuple[str, dict[str, object]]:
    alarm_all()
    alarm = Alarm.objects.get()
    return alarm.why, alarm.details


def test_the_first_beat_after_a_pause_tells_the_group_once_of_all_and_programs_once_of_each(
    tea, channel, desk, settings
):
    settings.CSRF_TRUSTED_ORIGINS = ["https://qun.example.com"]
    hooked(tea, "https://example.com/told", ["sending.late"])
    late = [ordered(channel, tea[1]), ordered(channel, None, key="b")]

    keep_time()
    for _again in range(2):
        alarm_all()
    ordered(channel, tea[1], key="c")
    alarm_all()

    link = "\nhttps://qun.example.com/b/tea/sendings/?late=1"
    words = "应发未发：有外发到了时间还没有发出：{}。原因和办法见外发记录。" + link
    name = tea[1].name
    assert notices(desk) == [words.format(f"{name} 1 条、系统 1 条"), words.format(f"{name} 1 条")]
    told = [
        orjson.loads(body)["data"] for body in Delivery.objects.order_by("pk").values_list("body", flat=True)
    ]
    assert [(each["sending"], each["why"]) for each in told[:2]] == [(row.pk, "behind") for row in late]
    assert (len(told), "绝密" in str(told)) == (3, False)
    assert "connectors.alarm" in [beat.key for beat in BEATS]


def test_without_a_group_nobody_is_told_later_either(tea, channel):
    ordered(channel, tea[1])
    alarm_all()

    assert Alarm.objects.filter(told_at=None).count() == 0
    assert Sending.objects.count() == 1


def test_what_has_left_before_the_group_is_told_is_not_told(tea, channel, desk):
    row = ordered(channel, tea[1], expires_at=database_now())
    outbox.expire(now=database_now())
    outbox.call_off(row, by=tea[1], at=database_now())
    alarm_all()

    assert (notices(desk), Alarm.objects.count()) == ([], 1)


def test_what_keeps_it_is_said_by_what_takes_a_person_first(tea, channel):
    brand, chief = tea
    bot = Connection.objects.get()
    row = ordered(channel, chief, approvals=1)
    found = [why()]
    outbox.approve(row, by=colleague(tea, "second"), at=database_now())
    found.append(why())
    Sending.objects.update(retry_at=database_now() + HOUR)
    found.append(why())
    hour = database_now().astimezone(brand.clock.zone).hour
    brand.preferences = {"quiet_from": hour, "quiet_to": (hour + 2) % 24}
    brand.save()
    found.append(why())
    actions.note_failure(bot, error=Upstream("connectors.away"), at=database_now())
    failure = Connection.objects.get().failure
    found.append(why())
    actions.pause(bot, at=database_now(), by=chief)
    found.append(why())
    bot.seats.all().delete()
    found.append(why())
    outbox.stop(brand, community=None, reason="价格写错", by=chief, at=database_now())
    found.append(why())

    quiet = {"start": f"{hour:02}:00", "end": f"{(hour + 2) % 24:02}:00"}
    assert failure is not None
    assert found == [
        ("approval", {"n": 1}),
        ("behind", {}),
        ("waits", {}),
        ("quiet", quiet),
        ("failed", {"name": bot.name, "failure": failure}),
        ("paused", {"name": bot.name}),
        ("nobody", {}),
        ("stopped", {}),
    ]

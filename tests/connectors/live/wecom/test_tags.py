"""Tags are the same here and on WeCom, whoever writes: the later word wins, and the log names both."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from qunying.connectors import actions
from qunying.connectors.beats import sync_tags
from qunying.connectors.delivering import deliver
from qunying.connectors.models import TagBond, TagStep, TagTie
from qunying.demo.simulators import wecom_tags
from qunying.demo.simulators.server import Reply
from qunying.jobs.actions import database_now
from qunying.kit.errors import Invalid
from qunying.members.actions import erase, merge
from qunying.members.models import MemberTag, TagWrite
from qunying.outbox import actions as outbox
from qunying.outbox.models import Sending
from tests.connectors.live.wecom.tagged import Tagged, marks, tagged
from tests.connectors.live.wecom.world import LAN, QING

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings):
    with tagged(settings) as world:
        yield world


@pytest.fixture
def client(world):
    client = Client()
    client.force_login(world.chief.account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def order(world: Tagged) -> None:
    """What was tagged here is looked at there and put in line; nothing leaves yet."""
    actions.carry_tags(world.connection, at=world.now)
    world.wait(5)
    world.ask()
    Sending.objects.update(not_before=database_now())


def steps() -> list[tuple[bool, bool, str]]:
    return list(TagStep.objects.order_by("pk").values_list("is_outward", "is_on", "writer"))


def test_a_tag_put_here_is_put_there_and_one_put_there_is_put_here_each_once(world):
    world.tag(True)
    world.put(True, LAN)
    world.settle()
    both = (world.here(), world.there(), world.here(LAN), world.there(LAN))
    quiet = (marks(world), TagStep.objects.count(), TagWrite.objects.count())
    world.wait(86_400)
    world.settle()

    assert both == ({"老客"}, {"老客"}, {"老客"}, {"老客"})
    assert (marks(world), TagStep.objects.count(), TagWrite.objects.count()) == quiet == (1, 2, 2)
    assert sorted(steps()) == [(False, True, "企业微信 kefu01"), (True, True, world.chief.name)]


def test_taking_off_is_carried_over_both_ways_from_every_employee_who_gave_it(world):
    world.corp.befriend(QING, "阿青", "kefu02")
    for employee in ("kefu01", "kefu02"):
        world.put(True, QING, employee)
    world.put(True, LAN)
    world.settle()
    had = (world.here(), world.here(LAN))
    world.tag(False)
    world.put(False, LAN)
    world.settle()

    assert had == ({"老客"}, {"老客"})
    assert (world.here(), world.there(), world.here(LAN), world.there(LAN)) == (set(), set(), set(), set())


def test_what_was_there_before_is_brought_together_and_nothing_is_taken_off(world):
    actions.switch_tags(world.connection, is_on=False, at=world.now, by=world.chief)
    TagBond.objects.all().delete()
    world.tag(True)
    world.put(True, LAN)
    world.settle()
    apart = (world.here(LAN), world.there())
    actions.switch_tags(world.connection, is_on=True, at=world.now, by=world.chief)
    world.settle()

    assert apart == (set(), set())
    assert (world.here(), world.there(), world.here(LAN), world.there(LAN)) == ({"老客"},) * 2 + (
        {"老客"},
    ) * 2


def test_the_later_word_wins_and_the_log_names_both(world):
    world.put(True)
    world.settle()
    world.tag(False)  # heard here first, but the platform is away
    world.wait(10)
    world.put(False)
    world.put(True)
    world.wait(10)
    before = TagStep.objects.count()
    world.tag(True)
    world.tag(False)
    world.settle()

    assert (world.here(), world.there()) == (set(), set())
    assert steps()[before:] == [(True, False, world.chief.name)]


def test_an_older_word_from_here_gives_way_and_stands_in_the_log(world):
    world.tag(True)
    world.tag(False)
    ours = world.now
    world.wait(10)
    world.put(True)
    world.settle()
    row = TagStep.objects.get()

    assert (world.here(), world.there()) == ({"老客"}, {"老客"})
    assert (row.is_outward, row.is_on, row.writer, row.loser) == (
        False,
        True,
        "企业微信 kefu01",
        world.chief.name,
    )
    assert (row.lost_at, row.written_at - ours) == (ours, dt.timedelta(seconds=10 - ours.microsecond / 1e6))


def test_an_older_word_from_there_gives_way_and_stands_in_the_log(world):
    world.put(True)
    theirs = world.now
    world.wait(10)
    world.tag(True)
    world.tag(False)
    world.settle()
    row = TagStep.objects.order_by("pk").first()

    assert (world.here(), world.there()) == (set(), set())
    assert row is not None
    assert (row.is_outward, row.is_on, row.writer, row.loser) == (
        True,
        False,
        world.chief.name,
        "企业微信 kefu01",
    )
    assert row.lost_at == theirs.replace(microsecond=0)


def test_the_platforms_tags_come_get_other_names_and_go_without_taking_ours(world):
    other = wecom_tags.make(world.corp, "门店", "老客")
    world.settle()
    wecom_tags.put(world.corp, QING, "kefu01", other, is_on=True)
    wecom_tags.rename(world.corp, world.old, "熟客")
    wecom_tags.shuffle(world.corp, world.old)
    world.settle()
    named = sorted(TagBond.objects.values_list("tag__name", "name", "family"))
    wecom_tags.remove(world.corp, other)
    world.settle()

    assert named == [("老客", "熟客", "关系"), ("门店·老客", "老客", "门店")]
    assert world.here() == {"门店·老客"}
    assert TagBond.objects.exclude(gone_at=None).count() == 1


def test_a_tag_of_which_we_hear_late_is_found_on_those_who_have_it(world):
    late = wecom_tags.make(world.corp, "关系", "新客")
    told = world.corp.callbacks.pop()
    wecom_tags.put(world.corp, QING, "kefu01", late, is_on=True)
    world.settle()
    before = world.here()
    world.corp.callbacks.append(told)
    world.settle(4)

    assert (before, world.here(), marks(world)) == (set(), {"新客"}, 0)


def test_a_tag_of_ours_is_made_there_and_kept_the_same_from_then_on(world):
    world.tag(True, name="茶友")
    actions.add_tag(world.connection, name="茶友", family="爱好", at=database_now(), by=world.chief)
    world.settle(4)

    assert world.there() == {"茶友"}
    with pytest.raises(Invalid, match="tag_name"):
        actions.add_tag(world.connection, name="茶" * 31, family="爱好", at=database_now(), by=world.chief)


def test_a_person_with_two_accounts_has_the_tag_on_both(world):
    merge(world.member(), member=world.member(LAN), evidence="同一人", at=database_now(), by=world.chief)
    world.put(True, LAN)
    world.settle()

    assert (world.there(), world.there(LAN)) == ({"老客"}, {"老客"})


def test_what_the_platform_refuses_is_kept_with_its_words_and_not_asked_again_and_again(world, client):
    world.tag(True)
    world.settle()
    for who in (QING, LAN):
        world.corp.part(who, "kefu01", by_customer=True)
    world.tag(False)
    world.tag(True, LAN)
    world.settle(5)
    text = client.get(f"/b/tea/connections/{world.connection.pk}/tags/").content.decode()

    assert dict(TagTie.objects.values_list("account", "failure")) == {
        QING: "客户与这位员工已不是好友。",
        LAN: "还在向平台核对这位客户；已不是好友的客户打不了标签。",
    }
    assert marks(world) == 2
    assert "客户与这位员工已不是好友。" in text


def test_a_mark_that_got_no_answer_is_said_again_and_is_one_change(world):
    world.tag(True)
    order(world)
    world.platform.faults.append(lambda asked: (world.platform.answer(asked), Reply(hangs_up=True))[1])
    deliver(world.connection, world.wire)
    lost = Sending.objects.filter(op="tag.mark").get().state
    Sending.objects.update(retry_at=None)
    world.settle()

    assert (lost, world.there(), TagStep.objects.count()) == ("queued", {"老客"}, 1)


def test_marks_draw_from_a_bucket_of_their_own_and_wait_while_it_is_shut(world):
    world.tag(True)
    order(world)
    until = database_now() + dt.timedelta(hours=1)
    bucket = outbox.Limit(f"{world.connection.pk}:account:tag.", 5, 1)
    outbox.take([bucket], now=database_now())
    outbox.shut([bucket.key], until=until)
    deliver(world.connection, world.wire)
    waiting = (marks(world), Sending.objects.get(op="tag.mark").state)
    Sending.objects.update(retry_at=None)
    world.settle()

    assert (waiting, marks(world), world.there()) == ((0, "queued"), 1, {"老客"})


def test_an_erased_person_leaves_no_trace_and_comes_back_by_no_look(world):
    world.put(True)
    world.settle()
    member = world.member()
    erase(member, at=database_now(), by=world.chief)
    world.wait(86_400)
    world.settle()

    assert (TagTie.objects.filter(account=QING).count(), TagStep.objects.count()) == (0, 0)
    assert (TagWrite.objects.count(), MemberTag.objects.count()) == (0, 0)


def test_with_the_switch_off_each_side_keeps_what_it_has(world, client):
    client.post(f"/b/tea/connections/{world.connection.pk}/tags/switch/", {"is_on": ""})
    world.tag(True)
    world.put(True, LAN)
    world.settle()
    sync_tags()

    assert (world.there(), world.here(LAN)) == (set(), set())


def test_the_page_shows_what_is_bound_what_waits_and_what_was_carried_over(world, client):
    here = f"/b/tea/connections/{world.connection.pk}/tags/"
    world.tag(True, name="<b>茶友</b>")
    client.post(f"{here}new/", {"name": "<b>茶友</b>", "family": "爱好"})
    world.put(True, LAN)
    world.settle(4)
    world.tag(True)
    order(world)
    text = client.get(here).content.decode()

    assert [
        word
        for word in ("关系", "老客", "企业微信 kefu01", "&lt;b&gt;茶友&lt;/b&gt;", "排队中")
        if word in text
    ] == ["关系", "老客", "企业微信 kefu01", "&lt;b&gt;茶友&lt;/b&gt;", "排队中"]
    assert "<b>茶友</b>" not in text

"""A code in trouble waits on the page of today, as somebody's, until it is seen to."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qunying.brands.actions import appoint, open_account
from qunying.brands.models import Staff
from qunying.brands.today import waiting
from qunying.connectors import actions
from qunying.connectors.actions import Wanted
from qunying.connectors.models import Code
from qunying.demo.simulators.wecom_codes import scan
from qunying.jobs.actions import database_now
from tests.connectors.live.wecom.test_codes import chats, made, of_groups, platform, rounds, save
from tests.connectors.live.world import AT

__all__ = ["chats", "platform"]
pytestmark = pytest.mark.django_db


def today(staff: Staff) -> list[tuple[str, str, str]]:
    """Kind, words and owner of what waits of codes and of what was not sent."""
    found = waiting(staff, database_now().date(), mine=False)
    kinds = ("connectors.codes", "outbox.failures")
    return [(part.key, thing.title, thing.owner) for part, thing in found if part.key in kinds]


def test_the_last_group_that_fills_up_waits_until_another_stands_in_line(world, chats):
    code = made(world, of_groups(world, chats[0]))
    before = today(world.chief)
    for number in range(3):
        scan(world.corp, code.state, f"wm{number}", "客")
    world.hear()
    rounds(world)
    full = today(world.chief)
    since = Code.objects.get().troubled_at
    rounds(world)
    same = Code.objects.get().troubled_at
    save(world, of_groups(world, *chats[:2]), code)
    rounds(world, 3)

    words = "货架群码 · 最后一个群快满了，后面没有群，请加上下一个群"
    assert (before, full) == ([], [("connectors.codes", words, world.chief.name)])
    assert (since is not None, same, today(world.chief)) == (True, since, [])


def test_too_few_backups_and_a_day_with_nobody_in_line_wait_too(world, chats):
    made(world, Wanted("contact", "名片码", employees=["kefu01", "kefu02"]))
    made(world, of_groups(world, chats[0], most=100, turn_on=dt.date(2025, 1, 1)))
    today(world.chief)  # what is asked once for all is known from here on
    with CaptureQueriesContext(connection) as one:
        today(world.chief)
    del world.corp.employees["kefu02"]
    world.wait(3600)
    world.ask()
    rounds(world, 3)
    with CaptureQueriesContext(connection) as two:
        found = today(world.chief)

    assert sorted(words for _kind, words, _owner in found) == [
        "名片码 · 备用员工不够，请补充",
        "货架群码 · 换群日期到了，但后面没有等候的群",
    ]
    assert len(one) == len(two)


def test_a_turn_that_failed_waits_here_and_what_a_person_asked_for_among_what_was_not_sent(world, chats):
    code = made(world, of_groups(world, *chats[:2]))
    world.corp.dismiss(chats[1])
    for number in range(2):
        scan(world.corp, code.state, f"wm{number}", "客")
    world.hear()
    rounds(world, 3)
    by_itself = today(world.chief)
    save(world, of_groups(world, chats[1]), code)
    rounds(world)

    assert [(kind, owner) for kind, _words, owner in by_itself] == [("connectors.codes", world.chief.name)]
    assert "货架群码 · 企业微信里没有这个群" in by_itself[0][1]
    assert [(kind, owner) for kind, _words, owner in today(world.chief)] == [
        ("outbox.failures", world.chief.name)
    ]


@pytest.mark.parametrize(
    ("role", "reach", "count"), [("owner", None, 1), ("owner", [], 0), ("volunteer", None, 0)]
)
def test_only_who_keeps_the_connections_of_every_community_sees_them_until_it_is_gone(
    world, chats, role, reach, count
):
    code = made(world, of_groups(world, chats[0]))
    Code.objects.filter(pk=code.pk).update(trouble="full", troubled_at=AT)
    account = open_account("other", password="a long enough word", at=AT)
    staff = appoint(world.brand, account=account, role=role, at=AT, by=None, reach=reach)
    before = len(today(staff))
    actions.drop_code(code, at=database_now(), by=world.chief)

    assert (before, today(staff)) == (count, [])

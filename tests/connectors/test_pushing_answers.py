"""What a pushed piece is answered: how many messages count, what nobody can read, what is known by name alone."""

from __future__ import annotations

import datetime as dt

import pytest

from qunying.connectors.actions import order_undo
from qunying.connectors.models import ImportBatch, PushSession
from qunying.facts.models import Fact
from tests.connectors.world import BEGUN, HEAD, counts, first, message, piece, work_off

pytestmark = pytest.mark.django_db


def test_members_nobody_can_read_are_named_but_not_counted_among_the_messages(program):
    odd = [{"accountName": "没有编号"}, 7]

    answer = program.push(first(1, 2, members=[*HEAD["members"], *odd]))  # type: ignore[misc]  # a list

    assert counts(answer) == (200, 2, 2, 0, 0)
    assert [one["place"] for one in answer[1]["data"]["unknown"]] == ["members[3]", "members[4]"]
    assert answer[1]["data"]["updates"]["membersUpdated"] == 0


def test_a_piece_of_which_nothing_is_kept_says_that_no_members_were(program):
    program.push(first(1))
    program.complete()
    work_off()

    answer = program.push(first(1, members=[{"platformId": "1009", "accountName": "新茶友"}]))

    assert counts(answer) == (200, 1, 0, 1, 0)
    assert answer[1]["data"]["updates"] == {"metaUpdated": False, "membersAdded": 0, "membersUpdated": 0}


def test_what_an_import_had_already_is_taken_under_its_key_once_that_was_taken_back(program, chief):
    program.push(first(1))
    program.complete()
    work_off()
    assert counts(program.push(first(1), key="again")) == (200, 1, 0, 1, 0)
    order_undo(ImportBatch.objects.get(), at=dt.datetime.now(dt.UTC), by=chief)
    work_off()

    assert counts(program.push(first(1), key="again")) == (200, 1, 1, 0, 0)


def test_a_later_import_says_that_it_knows_people_of_system_lines_by_name_alone(program):
    joined = {"sender": "SYSTEM", "timestamp": BEGUN, "type": 80, "content": '"茶友1"邀请"茶友2"加入了群聊'}
    program.push(first(1))
    once = program.push({"messages": [joined]})
    program.complete()
    work_off()
    later = {**joined, "timestamp": BEGUN + 9}

    told_next = [program.push({"messages": [later, message(2)]}), program.push(piece(3))]
    listed = [
        program.push({**HEAD, "messages": [message(4)]}),
        program.push({"messages": [{**later, "timestamp": 1}]}),
    ]

    answers = [answer[1]["data"]["warnings"] for answer in (once, *told_next, *listed)]
    assert [len([words for words in warnings if "members" in words]) for warnings in answers] == [
        0,
        1,
        0,
        0,
        0,
    ]


def test_lines_with_a_number_count_once_whatever_they_tell(program):
    joined = {"sender": "SYSTEM", "timestamp": BEGUN, "type": 80, "content": '"茶友1"邀请"茶友2"加入了群聊'}
    rows = [
        {**joined, "platformMessageId": "s1"},
        {**message(1), "type": 81, "platformMessageId": "m1"},
        message(1),
    ]

    assert program.push({**HEAD, "messages": rows})[1]["data"]["batch"]["writtenCount"] == 3
    assert counts(program.push({"messages": rows})) == (200, 3, 0, 3, 0)
    renamed = {**joined, "platformMessageId": "s1", "content": '"大茶友1"邀请"茶友2"加入了群聊'}
    assert counts(program.push({"messages": [renamed, *rows[1:]]}))[2] == 0
    program.complete()
    work_off()
    told_once = Fact.objects.count()
    assert counts(program.push({**HEAD, "messages": rows}))[2] == 0
    assert (PushSession.objects.get().is_open, Fact.objects.count()) == (False, told_once)

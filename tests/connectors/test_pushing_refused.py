"""What is no piece of a history, comes from somebody else, or is too much: refused with the place and the way out."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest
from django.test import Client

from qunying.api import pushes
from qunying.brands import actions as brands
from qunying.brands.models import Staff
from qunying.communities.actions import find_community
from qunying.communities.models import Community
from qunying.connectors.bodies import TooLarge
from qunying.connectors.models import PushSession
from qunying.connectors.pieces import MOST_BYTES, read_piece
from qunying.facts.models import Fact
from tests.connectors.live.world import open_brand
from tests.connectors.world import AT, Program, counts, first, message, piece, work_off

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/imports/"


NO = {
    b" ": (422, "connectors.push_empty"),
    b"{": (400, "connectors.bad_json"),
    b"[" * 5000: (422, "connectors.push_shape"),
    b'{"messages": [' + b"[" * 5000: (400, "connectors.bad_json"),
    b"[]": (422, "connectors.push_shape"),
    b"PK\x03\x04 a zip": (400, "connectors.bad_json"),
    b"\x1f\x8b broken": (422, "connectors.archive_damaged"),
    b'{"messages": 5}': (422, "connectors.push_shape"),
    b'{"messages": []}': (422, "connectors.push_empty"),
    b'{"messages": null}': (422, "connectors.push_empty"),
    b'{"messages": [{"timestamp": 1e999}]}': (400, "connectors.push_record"),
    b'{"messages": [{"timestamp": ' + b"9" * 5000 + b"}]}": (400, "connectors.push_record"),
    b'{"messages": ["\xff"]}': (400, "connectors.push_record"),
    b'{"messages": [{"sender": "\\ud83d", "content": "\\ud83d"}]}': (422, "connectors.push_begins"),
    b'{"messages": [{"sender": "a", "timestamp": 1}]}': (422, "connectors.push_begins"),
    b'{"_type": "message", "sender": "a"}\n{"_type": "message", "sen': (400, "connectors.push_record"),
    b'{"chatlab": {}, "messages": [{}]}': (422, "connectors.push_shape"),
    b'{"options": {"metaUpdateMode": "all"}, "messages": [{}]}': (422, "connectors.push_shape"),
    b'{"chatlab": {"version": "0.0.2"}, "meta": {"name": 5}, "messages": [{}]}': (
        422,
        "connectors.push_shape",
    ),
}


def test_what_is_no_piece_is_refused_with_its_reason_and_leaves_nothing(program):
    answers = {body: program.push(body) for body in NO}

    assert {body: (status, no["code"]) for body, (status, no) in answers.items()} == NO
    assert "line 2" in program.push(b'{"_type": "header"}\n{"_type": "message", "sen')[1]["title"]
    assert "$.meta.name" in program.push(list(NO)[-1])[1]["title"]
    assert PushSession.objects.count() == 0


def test_more_than_may_be_is_refused_packed_or_not(program, monkeypatch):
    bomb = gzip.compress(b" " * (MOST_BYTES + 1))

    assert [program.push(bomb)[0], PushSession.objects.count()] == [413, 0]
    monkeypatch.setattr("qunying.connectors.pieces.MOST_RECORDS", 2)
    assert program.push(first(1, 2, 3))[0] == 413
    monkeypatch.setattr(pushes, "MOST_BYTES", 100)
    assert program.push(b" " * 101)[1]["error"]["code"] == "connectors.too_large"


@pytest.mark.parametrize(
    "body",
    [
        b'{"messages":[' + b"{}," * 200_000 + b"{}]}",
        b'{"half":"\\ud83d","members":[' + b"[]," * 200_000 + b'[]],"messages":[{}]}',
        b'{"_type":"message"}\n' * 60_000,
        b'{"_type":"header"}\n' * 60_000 + b'{"_type":"message"}\n' * 2001,
        b'{"_type":"header"}' + b"\n" * 1_000_000 + b'{"_type":"message"}\n' * 2001,
    ],
    ids=["messages", "half an emoji", "lines", "headers", "blank lines"],
)
def test_too_many_records_are_refused_before_all_are_in_memory(monkeypatch, body):
    monkeypatch.setattr("qunying.connectors.pieces.MOST_RECORDS", 2000)

    tracemalloc.start()
    with pytest.raises(TooLarge):
        read_piece(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 5 * len(body)


def test_a_piece_that_does_not_say_how_long_it_is_is_not_read(program):
    status, no = program.push(first(1), **{"Content-Length": "", "Transfer-Encoding": "chunked"})

    assert (status, no["code"], no["success"]) == (411, "connectors.no_length", False)
    assert (program.push(b"", **{"Content-Length": "0"})[0], PushSession.objects.count()) == (422, 0)


def test_what_came_is_imported_while_others_push(program):
    program.push(first(1))

    with pushes._seat(), pushes._seat():
        assert program.complete()[1]["data"]["state"] == "importing"


def test_who_comes_while_too_much_waits_is_told_when_to_come_again(program, monkeypatch):
    monkeypatch.setattr("qunying.connectors.actions.pushing.MOST_WAITING", -1)
    assert (program.push(first(1))[0], program.answer["Retry-After"]) == (429, "2")
    monkeypatch.undo()
    with pushes._seat(), pushes._seat():
        assert (program.push(first(1))[0], program.answer["Retry-After"]) == (429, "2")
    assert program.push(first(1))[0] == 200


def test_a_session_that_only_its_brand_and_owner_see(program, chief):
    narrow = narrow_of(chief)
    stranger = Program(open_brand("other")[1])
    owner = Program(chief, scopes=("imports.edit", "numbers.read"))
    program.push(first(1))

    others = Program(narrow)
    assert [each._ask("get", f"{ROOT}qq_5001", b"")[0] for each in (others, stranger)] == [404, 404]
    assert [each.complete()[0] for each in (others, stranger)] == [404, 404]
    assert (others.push(piece(2))[0], stranger.push(piece(2))[1]["code"]) == (404, "connectors.push_begins")
    assert counts(owner.push(piece(2))) == (200, 1, 1, 0, 0)
    assert Program(chief, scopes=("facts.write",)).push(piece(3))[0] == 403
    assert Client().post(f"{ROOT}qq_5001", data="{}", content_type="application/json").status_code == 401


def narrow_of(chief: Staff) -> Staff:
    """An operator of one community only."""
    place = find_community(chief.brand, name="另一个群", at=AT)
    account = brands.open_account("narrow", password="x" * 12, at=AT)
    return brands.appoint(chief.brand, account=account, role="operator", at=AT, by=chief, reach=[place.pk])


def test_a_narrow_data_scope_pushes_into_its_own_communities_only(program, chief):
    narrow = Program(narrow_of(chief), name="mine")
    place = Community.objects.get(name="另一个群")
    program.push(first(1))
    program.complete()
    work_off()
    foreign = Community.objects.get(name="茶友群")
    new = first(1, meta={"name": "新群", "platform": "qq", "groupId": "7"})

    assert narrow.push(new)[1]["code"] == "connectors.push_community"
    assert narrow.push(new, more=f"?community={foreign.pk}")[0] == 404
    assert narrow.push(first(2), more=f"?community={place.pk}")[1]["code"] == "connectors.beyond_reach"
    assert counts(narrow.push(new, more=f"?community={place.pk}")) == (200, 1, 1, 0, 0)
    narrow.complete()
    work_off()
    assert Fact.objects.filter(community=place.pk).count() == 1
    assert PushSession.objects.count() == 2


def test_one_session_is_one_chat(program):
    program.push(first(1))

    status, no = program.push(piece(2, meta={"name": "别的群", "groupId": "6"}))

    assert (status, no["code"]) == (409, "connectors.push_other_chat")


@pytest.mark.parametrize(
    "odd",
    [
        {"content": "\x00 \\ud83d", "sender": "\x00"},
        {"sender": "x" * 300},
        {"sender": 10**30, "timestamp": 10**30, "type": 10**30, "platformMessageId": 10**30},
        {"sender": None, "timestamp": None, "type": None},
        {"timestamp": -1, "platformMessageId": ["a"], "content": {"a": [1]}},
        {"_type": "header", "meta": {"name": "别的群", "platform": "qq", "groupId": "6"}},
        {"accountName": "n" * 5000, "content": "话" * 50_000},
    ],
)
def test_odd_records_break_nothing_and_stay_in_their_chat(program, odd):
    status, told = program.push(first(1, messages=[message(1), {**message(2), **odd}, message(3)]))

    assert (status in (200, 422), status == 422 and not told["title"]) == (True, False)
    assert counts(program.push(first(4)))[:3] == (200, 1, 1)
    program.complete()
    work_off()
    assert program.state()["state"] == "done"
    assert [row.name for row in Community.objects.all()] == ["茶友群"]


def test_a_header_that_no_column_holds_is_refused(program):
    meta = {"name": "茶友群", "platform": "qq", "groupId": "5001"}
    answers = [
        program.push(first(1, meta={**meta, **odd}))
        for odd in ({"name": "n" * 201}, {"platform": "p" * 31}, {"groupId": "g" * 201}, {"type": "t" * 31})
    ]

    assert [(status, no["code"]) for status, no in answers] == [(422, "connectors.push_meta_long")] * 4
    assert counts(program.push(first(1, meta={**meta, "name": "茶\x00友"})))[0] == 200


def test_a_community_that_is_not_the_chats_is_refused(program, chief):
    program.push(first(1))
    program.complete()
    work_off()
    other = find_community(chief.brand, name="另一个群", at=AT)

    assert program.push(piece(2), more=f"?community={other.pk}")[1]["code"] == "communities.channel_elsewhere"
    assert counts(program.push(piece(2))) == (200, 1, 1, 0, 0)

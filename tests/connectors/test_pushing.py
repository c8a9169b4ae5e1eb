"""Promises of ChatLab's push protocol: pieces in any order and any number of times become one import that is like the
import of the whole file; what cannot be taken says where it is wrong and leaves nothing."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client

from qunying.brands.actions import appoint, dismiss, open_account, revoke_token
from qunying.brands.models import Account, ApiToken, AuditEntry, Brand
from qunying.communities.models import Community, Message
from qunying.connectors import rounds
from qunying.connectors.actions import (
    Order,
    finish_waiting,
    forget_keys,
    forget_pushes,
    order_undo,
    take_files,
)
from qunying.connectors.incoming import Options
from qunying.connectors.models import ImportBatch, PushPiece, PushSession
from qunying.facts.models import Fact
from qunying.members.erasing import Traces
from qunying.members.models import Member
from tests.connectors.world import AT, BEGUN, HEAD, Program, counts, first, message, piece, work_off

pytestmark = pytest.mark.django_db


def told() -> list[tuple[object, ...]]:
    """What is in the log and who said it to whom, without numbers that depend on who came first."""
    names = dict(Member.objects.values_list("pk", "name"))
    rows = Fact.objects.order_by("happened_at", "kind").values_list("happened_at", "kind", "member", "other")
    return [(at, kind, names.get(who or 0), names.get(other or 0)) for at, kind, who, other in rows]


def test_pieces_become_one_import_that_the_console_lists_and_takes_back(
    program, chief, django_capture_on_commit_callbacks
):
    assert counts(program.push(first(1, 2, 3))) == (200, 3, 3, 0, 0)
    assert counts(program.push(piece(4, 5))) == (200, 2, 2, 0, 0)
    assert (program.state()["state"], program.state()["waiting"], Fact.objects.count()) == ("receiving", 5, 0)

    with django_capture_on_commit_callbacks(execute=True):
        assert program.complete()[1]["data"]["state"] == "importing"
    work_off()

    state, batch = program.state(), ImportBatch.objects.get()
    assert (state["state"], state["batch"], state["counts"]["messages"]) == ("done", batch.pk, 5)
    assert (batch.name, batch.staff, batch.options["format"]) == ("茶友群.jsonl", chief, "chatlab")
    assert AuditEntry.objects.filter(deed="import.ordered", about=f"import:{batch.pk}").count() == 1
    assert Community.objects.get().name == "茶友群"
    order_undo(batch, at=dt.datetime.now(dt.UTC), by=chief)
    work_off()
    assert (program.state()["state"], Fact.objects.count(), Member.objects.count()) == ("undone", 0, 0)
    assert not list(rounds.home().iterdir())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0, 1, 1)])
def test_pieces_in_any_order_and_number_read_as_the_whole_file_does(program, chief, tmp_path, order):
    parts = [range(1, 5), range(4, 9), range(7, 12)]
    nameless = [[{**message(n), "platformMessageId": ""} for n in part] for part in parts]
    system = {"sender": "SYSTEM", "timestamp": BEGUN, "type": 80, "content": '"茶友1"邀请"茶友2"加入了群聊'}
    bodies = [{**HEAD, "messages": [system, *rows]} for rows in nameless]

    for place in order:
        program.push(bodies[place])
    program.complete()
    work_off()
    pushed = told()

    brands_file = tmp_path / "whole.json"
    whole = [{**message(n), "platformMessageId": ""} for n in range(1, 12)]
    brands_file.write_text(json.dumps({**HEAD, "messages": [system, *whole]}))
    order_undo(ImportBatch.objects.get(), at=dt.datetime.now(dt.UTC), by=chief)
    work_off()
    take_files(chief.brand, [brands_file], order=Order(Options()), at=AT)
    assert pushed == told()
    assert len(pushed) == 11 + 2  # the system line tells two acts


def test_two_who_say_the_same_in_one_second_stay_two(program):
    same = {"sender": "1001", "timestamp": BEGUN, "type": 0, "content": "1"}

    assert counts(program.push({**HEAD, "messages": [same, same]})) == (200, 2, 2, 0, 0)
    assert counts(program.push({"messages": [same, same, same]})) == (200, 3, 1, 2, 0)
    program.complete()
    work_off()

    assert Message.objects.count() == 3


def test_a_reply_finds_what_it_answers_though_that_came_later(program):
    program.push(first(3))
    program.push(piece(1, 2))
    program.complete()
    work_off()

    answered = Fact.objects.exclude(other=None).order_by("happened_at")
    assert [Member.objects.get(pk=fact.other).name for fact in answered if fact.other] == ["茶友2"]


def test_the_same_piece_again_changes_nothing_before_and_after_its_import(program):
    body = first(1, 2)
    once = program.push(body, key="one")

    assert program.push(body, key="one")[1]["data"]["batch"] == once[1]["data"]["batch"]
    assert counts(program.push(body)) == (200, 2, 0, 2, 0)
    program.complete()
    work_off()
    assert counts(program.push(body)) == (200, 2, 0, 2, 0)
    assert counts(program.push(body, key="one")) == (200, 2, 2, 0, 0)
    assert program.complete()[1]["data"]["state"] == "done"
    assert (ImportBatch.objects.count(), Fact.objects.count(), program.state()["session"]["totalCount"]) == (
        1,
        2,
        2,
    )


@pytest.mark.django_db(transaction=True)
def test_the_same_first_piece_twice_at_once_is_taken_once(program):
    def push(_turn: int) -> tuple[int, ...]:
        try:
            return counts(program.push(first(1, 2, 3)))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        answers = sorted(both.map(push, range(2)))

    assert answers == [(200, 3, 0, 3, 0), (200, 3, 3, 0, 0)]
    assert PushSession.objects.get().taken == 3


def test_what_was_taken_back_can_be_pushed_again_under_the_same_key(program, chief):
    program.push(first(1, 2), key="one")
    program.complete()
    work_off()
    order_undo(ImportBatch.objects.get(), at=dt.datetime.now(dt.UTC), by=chief)
    work_off()

    assert counts(program.push(first(1, 2), key="one")) == (200, 2, 2, 0, 0)
    program.complete()
    work_off()
    assert Fact.objects.count() == 2


def test_a_key_stands_for_one_piece_and_is_forgotten_after_a_week(program, chief):
    program.push(first(1), key="one")

    status, told_no = program.push(piece(2), key="one")

    assert (status, told_no["code"], told_no["success"]) == (409, "connectors.push_key_taken", False)
    assert told_no["error"]["message"] == told_no["title"]
    forget_keys(chief.brand, at=dt.datetime.now(dt.UTC) + dt.timedelta(days=8))
    assert PushPiece.objects.count() == 0


def test_a_later_session_of_the_same_name_needs_no_header_and_follows_a_new_name(program):
    program.push(first(1))
    program.complete()
    work_off()

    told_next = program.push(piece(2, meta={"name": "茶友群（新）", "groupId": "5001"}))
    program.complete()
    work_off()

    assert (told_next[1]["data"]["created"], told_next[1]["data"]["updates"]["metaUpdated"]) == (False, True)
    assert [batch.name for batch in ImportBatch.objects.order_by("pk")] == [
        "茶友群.jsonl",
        "茶友群（新）.jsonl",
    ]
    assert Community.objects.count() == 1
    ends = program.state()["session"]
    assert (ends["totalCount"], ends["firstTimestamp"], ends["lastTimestamp"]) == (2, BEGUN + 60, BEGUN + 120)


def test_json_lines_and_gzip_read_as_the_document_does(program):
    rows: list[dict[str, object]] = [{"_type": "header", "chatlab": HEAD["chatlab"], "meta": HEAD["meta"]}]
    rows += [{"_type": "member", **one} for one in HEAD["members"]]  # type: ignore[attr-defined]  # a list
    rows += [{"_type": "message", **message(number)} for number in (1, 2)]
    lines = "# 导出工具\n" + "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"

    assert counts(program.push(gzip.compress(lines.encode()))) == (200, 2, 2, 0, 0)
    assert counts(program.push(first(1, 2))) == (200, 2, 0, 2, 0)
    kept = (rounds.folder_of(PushSession.objects.get()) / "lines").read_text()
    assert "avatar" not in kept


def test_records_nobody_can_read_are_counted_with_their_place(program):
    bad = [
        {"sender": "1001", "timestamp": "gestern", "type": 0},
        7,
        message(3, type=77),
        message(4, timestamp=1),
    ]

    status, answer = program.push({**HEAD, "messages": [message(1), *bad, message(2)]})

    assert counts((status, answer)) == (200, 6, 2, 0, 4)
    assert [one["place"] for one in answer["data"]["unknown"]] == [f"messages[{n}]" for n in range(1, 5)]
    assert all(one["why"] for one in answer["data"]["unknown"])


def test_what_nobody_adds_to_is_imported_by_itself_unless_its_token_died(program, chief):
    program.push(first(1))
    now = dt.datetime.now(dt.UTC)

    assert finish_waiting(at=now) == 0
    assert finish_waiting(at=now + dt.timedelta(minutes=11)) == 1
    work_off()
    assert program.state()["state"] == "done"

    leaked = Program(chief)
    leaked.push(piece(2))
    revoke_token(ApiToken.objects.order_by("-pk")[0], at=now, by=chief)
    finish_waiting(at=now + dt.timedelta(minutes=11))
    state = program.state()
    assert (state["state"], ImportBatch.objects.count()) == ("dropped", 1)
    assert state["session"] == {
        "totalCount": 1,
        "memberCount": 0,
        "firstTimestamp": BEGUN + 60,
        "lastTimestamp": BEGUN + 60,
    }
    assert state["error"]
    assert counts(program.push(piece(2))) == (200, 1, 1, 0, 0)


def test_a_session_that_breaks_does_not_stop_the_others(program, chief, caplog):
    other = Program(chief, name="qq_5002")
    program.push(first(1))
    other.push(first(1, meta={"name": "老茶群", "platform": "qq", "groupId": "5002"}))
    lines = rounds.folder_of(PushSession.objects.get(name="qq_5001")) / "lines"
    lines.unlink()
    lines.mkdir()

    done = finish_waiting(at=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=11))

    assert (done, program.state()["state"], other.state()["state"]) == (1, "receiving", "importing")
    assert [record.levelname for record in caplog.records if "push session" in record.message] == ["ERROR"]


@pytest.mark.django_db(transaction=True)
def test_a_piece_that_comes_while_its_session_is_given_up_stays(program, chief):
    now = dt.datetime.now(dt.UTC)
    program.push(first(1))
    revoke_token(ApiToken.objects.get(), at=now, by=chief)
    PushSession.objects.update(heard_at=now - dt.timedelta(minutes=20))
    fresh = Program(chief)

    def give_up() -> int:
        try:
            return finish_waiting(at=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            fresh.push(piece(2))
            gone = other.submit(give_up)
            time.sleep(1)

        assert gone.result() == 0
    assert (fresh.state()["state"], fresh.state()["waiting"]) == ("receiving", 2)


@pytest.mark.parametrize("is_account_closed", [False, True])
def test_what_a_dismissed_colleague_pushed_is_not_imported_until_somebody_else_takes_it_over(
    program, chief, is_account_closed
):
    account = open_account("zhou", password="x" * 12, at=AT)
    colleague = appoint(chief.brand, account=account, role="operator", at=AT, by=chief)
    Program(colleague).push(first(1))
    if is_account_closed:
        Account.objects.filter(pk=account.pk).update(is_active=False)
    else:
        dismiss(colleague, at=AT, by=chief)

    status, no = program.complete()

    assert (status, no["code"], ImportBatch.objects.count()) == (409, "connectors.push_staff_gone", 0)
    program.push(piece(2))
    program.complete()
    assert [batch.staff for batch in ImportBatch.objects.all()] == [chief]


def test_a_piece_that_broke_off_leaves_nothing_behind(program):
    program.push(first(1))
    folder = rounds.folder_of(PushSession.objects.get())
    for name in ("lines", "keys"):
        with (folder / name).open("ab") as stream:
            stream.write(b'{"half a li')

    program.push(piece(2))
    program.complete()
    work_off()

    assert (Message.objects.count(), program.state()["counts"]["unknown_lines"]) == (2, 0)


def test_a_person_who_is_erased_does_not_wait_in_a_session(program):
    program.push(first(1))
    program.complete()
    work_off()
    program.push(piece(2, members=[{"platformId": "1001", "accountName": "茶友1"}]))
    member = Member.objects.get(name="茶友1")

    assert forget_pushes(member, Traces((member.pk,), ("茶友1", "1001"))) == 1
    assert (program.state()["state"], program.state()["error"] != "") == ("dropped", True)


def test_the_console_shows_what_is_being_pushed_to_those_who_will_see_its_import(program, chief):
    program.push(first(1, 2))
    narrow = open_account("narrow", password="x" * 12, at=AT)
    appoint(chief.brand, account=narrow, role="operator", at=AT, by=chief, reach=[])

    pages = []
    for account in (chief.account, narrow):
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        pages.append(client.get(f"/b/{chief.brand.slug}/imports/").content.decode())

    assert ["已收 2 条" in page and "茶友群" in page for page in pages] == [True, False]


def test_a_brand_that_goes_takes_its_sessions_along(program, chief):
    from qunying.connectors.actions import remove_brand

    program.push(first(1), key="one")
    remove_brand(Brand.objects.get(pk=chief.brand_id))

    assert (PushSession.objects.count(), list(rounds.home().iterdir())) == (0, [])

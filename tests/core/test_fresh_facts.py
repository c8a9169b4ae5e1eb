"""Numbers made from facts that are still at hand are those made from reading the log."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from qunying.brands.actions import open_brand
from qunying.connectors import intake
from qunying.connectors.actions import Order, take_files
from qunying.connectors.incoming import Options
from qunying.facts import log
from qunying.facts.projectors import drive, position
from qunying.facts.seal import breaks, strays
from tests.core.dump import dump
from tests.core.test_log_rows import fact

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
AT = 1_767_225_600
META = {"name": "茶友群", "platform": "qq", "type": "group", "groupId": "9"}


@pytest.fixture
def brand():
    return open_brand("tea", at=NOW)


def columns(brand, *numbers):
    return list(zip(*(fact(brand, one, member=one % 3 or None, subject=one) for one in numbers), strict=True))


def written(brand, *numbers):
    held = columns(brand, *numbers)
    return log.as_written(held, log.record_columns(brand, held))


def same(ours, theirs):
    names = [*log._NUMBERS, "source_key"]
    return all(getattr(ours, name).tolist() == getattr(theirs, name).tolist() for name in names)


def test_facts_at_hand_are_as_the_log_has_them(brand):
    parts = [written(brand, *range(5)), written(brand, *range(5, 9))]

    assert same(log.joined(parts), log.read(brand, keys=True))


def test_facts_some_of_which_were_there_are_read(brand):
    written(brand, 1, 2)

    assert written(brand, 2, 3) is None
    assert log.as_written(columns(brand), log.record_columns(brand, columns(brand))) is None


def test_what_others_write_in_between_is_not_left_out(brand):
    other = open_brand("coffee", at=NOW)
    first = written(brand, 1, 2)
    log.record_columns(other, columns(other, 1, 2))
    written(brand, 3)
    second = log.read(brand, "id > %s", [int(first.id[-1])], keys=True)
    assert not log.follows(log.joined([first, second]), brand, 0)  # ids between them could be anybody's

    drive(brand, fresh=second)  # the first were not projected yet

    assert position(brand) == second.id[-1]
    assert (breaks(brand), strays(brand)) == ([], 0)  # every fact is sealed, once
    assert log.follows(written(brand, 4), brand, position(brand))


def history(path: Path) -> Path:
    """Forty people who join, speak, answer and take back; two of the messages twice."""
    rows: list[dict[str, object]] = [{"_type": "header", "chatlab": {"version": "0.0.2"}, "meta": META}]
    for who in range(20):
        rows.append({"_type": "member", "platformId": str(who), "accountName": f"茶友{who}"})
    for number in range(90):
        who, moment = number % 40, AT + number * 7_000
        row = {"_type": "message", "sender": str(who), "accountName": f"茶友{who}", "timestamp": moment}
        row |= {"type": 0, "content": f"第{number}泡", "platformMessageId": f"m{number % 88}"}
        if number % 9 == 0:
            row |= {"sender": "SYSTEM", "type": 80, "content": f"茶友{number % 40}加入了群聊。"}
        elif number % 11 == 0:
            row |= {"type": 81, "platformMessageId": f"m{number - 7}"}
        elif number % 5 == 0:
            row |= {"type": 25, "replyToMessageId": f"m{number - 4}"}
        rows.append(row)
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


@pytest.mark.parametrize("chunk", [1, 20, 1000])
def test_an_import_that_brings_the_numbers_along_says_what_one_that_reads_says(
    brand, monkeypatch, settings, tmp_path, chunk
):
    settings.HOME = tmp_path
    other = open_brand("coffee", at=NOW)
    path = history(tmp_path / "history.jsonl")
    monkeypatch.setattr(intake, "FLUSH", 8)
    monkeypatch.setattr(intake, "CHUNK", chunk)
    with monkeypatch.context() as reading:
        reading.setattr(log, "follows", lambda *_: False)
        take_files(other, [path], order=Order(Options()), at=NOW)

    take_files(brand, [path], order=Order(Options()), at=NOW)

    mine, theirs = dump(brand), dump(other)
    for told in (mine, theirs):  # keyed with each brand's own secret
        told["facts"] = [(*row[:6], *row[7:-1]) for row in told["facts"]]
    assert {name: sorted(map(repr, rows)) for name, rows in mine.items()} == {
        name: sorted(map(repr, rows)) for name, rows in theirs.items()
    }
    assert (breaks(brand), strays(brand)) == ([], 0)

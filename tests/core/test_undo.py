"""Undo gives back a dump equal to the one before, whatever overlapped."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qunying.brands.actions import open_brand
from qunying.brands.models import Brand
from qunying.communities.models import Community
from qunying.connectors.actions import (
    Order,
    open_batch,
    rebuild,
    remove_brand,
    run_batch,
    take_files,
    undo,
)
from qunying.connectors.incoming import Options
from qunying.connectors.models import ImportBatch
from tests.core.dump import dump
from tests.lengths import LENGTHS, Tried

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
START = 1_772_000_000
_number = itertools.count(1)
Rows = list[tuple[int, int, int, str]]

messages = st.lists(
    st.tuples(
        st.integers(0, 250),
        st.integers(0, 2),
        st.integers(0, 44),
        st.sampled_from(["早", "今天喝什么？", "岩茶不错", "收到"]),
    ),
    min_size=1,
    max_size=25,
)
"""(hour, community, sender, text); the place in the list is the message's id."""


def write(
    folder: Path, name: str, rows: list[tuple[int, tuple[int, int, int, str]]], community: int, edition: int
) -> Path:
    """A ChatLab file of one community's rows; joins of everybody in it; later editions say more."""
    head = {"_type": "header", "chatlab": {"version": "0.0.2", "exportedAt": START}, "meta": {"name": f"群{community}", "platform": "qq", "type": "group", "groupId": str(community)}}  # fmt: skip
    mine = [(number, row) for number, row in rows if row[1] == community]
    people = sorted({row[2] for _number, row in mine})
    lines = [
        head,
        *({"_type": "member", "platformId": f"9{who}", "accountName": f"茶友{who}"} for who in people),
    ]
    for number, (hour, _community, who, text) in mine:
        if number % 5 == 0:
            lines.append({"_type": "message", "platformMessageId": f"s{number}", "sender": "SYSTEM", "accountName": "SYSTEM", "timestamp": START + hour * 7200, "type": 80, "content": f"茶友{who}加入了群聊。"})  # fmt: skip
        said = text if edition == 0 else f"{text}（改）"
        lines.append({"_type": "message", "platformMessageId": f"m{number}", "sender": f"9{who}", "accountName": f"茶友{who}", "timestamp": START + hour * 7200, "type": 0, "content": said})  # fmt: skip
    path = folder / f"{name}-{community}.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return path


def files(
    folder: Path, name: str, rows: list[tuple[int, tuple[int, int, int, str]]], edition: int = 0
) -> list[Path]:
    return [
        write(folder, name, rows, community, edition) for community in sorted({row[1] for _n, row in rows})
    ]


def fresh() -> Brand:
    return open_brand(f"undo {next(_number)}", at=NOW, slug=f"undo{next(_number)}")


def undo_the_later(rows: Rows, data: st.DataObject) -> None:
    numbered = list(enumerate(rows))
    first = data.draw(st.lists(st.sampled_from(numbered), unique=True, min_size=1))
    second = data.draw(st.lists(st.sampled_from(numbered), unique=True, min_size=1))
    with tempfile.TemporaryDirectory() as folder:
        brand = fresh()
        take_files(brand, files(Path(folder), "a", sorted(first)), order=Order(Options()), at=NOW)
        before = dump(brand)

        later, _reports = take_files(
            brand, files(Path(folder), "b", sorted(second), 1), order=Order(Options()), at=NOW
        )
        undo(later, at=NOW)

        assert dump(brand) == before


def undo_the_earlier(rows: Rows, data: st.DataObject) -> None:
    numbered = list(enumerate(rows))
    first = data.draw(st.lists(st.sampled_from(numbered), unique=True, min_size=1))
    second = data.draw(st.lists(st.sampled_from(numbered), unique=True, min_size=1))
    with tempfile.TemporaryDirectory() as folder:
        both, alone = fresh(), fresh()
        alone.key = both.key
        alone.save(update_fields=["key"])
        earlier, _reports = take_files(
            both, files(Path(folder), "a", sorted(first)), order=Order(Options()), at=NOW
        )
        take_files(both, files(Path(folder), "b", sorted(second)), order=Order(Options()), at=NOW)
        take_files(alone, files(Path(folder), "b", sorted(second)), order=Order(Options()), at=NOW)

        undo(earlier, at=NOW)

        assert dump(both) == dump(alone)


@LENGTHS
def test_undoing_the_later_import_gives_back_what_was_there_before(tried: Tried) -> None:
    @tried
    @given(rows=messages, data=st.data())
    def holds(rows: Rows, data: st.DataObject) -> None:
        undo_the_later(rows, data)

    holds()


@LENGTHS
def test_undoing_the_earlier_import_leaves_what_the_later_one_alone_brings(tried: Tried) -> None:
    @tried
    @given(rows=messages, data=st.data())
    def holds(rows: Rows, data: st.DataObject) -> None:
        undo_the_earlier(rows, data)

    holds()


def test_undoing_the_earlier_import_spares_the_later_one_of_a_community_renamed_between(
    tmp_path: Path,
) -> None:
    first, second = [(number, (number, 0, 1, "早")) for number in range(8)], [(9, (9, 0, 2, "收到"))]
    both, alone = fresh(), fresh()
    alone.key = both.key
    alone.save(update_fields=["key"])
    earlier, _reports = take_files(both, files(tmp_path, "a", first), order=Order(Options()), at=NOW)
    Community.objects.filter(brand=both).update(name="茶友二群")
    later = files(tmp_path, "b", first[4:] + second)
    for brand in (both, alone):
        take_files(brand, later, order=Order(Options()), at=NOW)
    Community.objects.filter(brand=alone).update(name="茶友二群")

    undo(earlier, at=NOW)

    assert dump(both) == dump(alone)


@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError])
def test_an_import_that_is_broken_off_leaves_nothing_behind(
    fault: type[BaseException], tmp_path: Path
) -> None:
    def break_off(_done: int, _total: int) -> None:
        raise fault

    brand = fresh()
    paths = files(tmp_path, "a", [(0, (1, 0, 1, "早"))])
    before = dump(brand)

    batch = open_batch(brand, paths, order=Order(Options()), at=NOW)
    with pytest.raises(fault):
        run_batch(batch, at=NOW, tick=break_off)

    assert (dump(brand), ImportBatch.objects.get(brand=brand).state) == (before, "failed")


@settings(max_examples=15)
@given(rows=messages)
def test_a_rebuild_changes_nothing(rows: list[tuple[int, int, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        brand = fresh()
        take_files(brand, files(Path(folder), "a", list(enumerate(rows))), order=Order(Options()), at=NOW)
        before = dump(brand)

        rebuild(brand, at=NOW)

        assert dump(brand) == before


def test_removing_a_brand_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    rows = [(0, (1, 0, 1, "早")), (1, (2, 1, 2, "收到"))]
    kept, gone = fresh(), fresh()
    for brand in (kept, gone):
        take_files(brand, files(tmp_path, str(brand.pk), rows), order=Order(Options()), at=NOW)
    before = dump(kept)

    remove_brand(gone)

    assert (dump(kept), Brand.objects.filter(pk=gone.pk).exists()) == (before, False)

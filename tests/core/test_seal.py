"""The seal of the log: whatever was changed, taken out, put in or cut off shows; an undo does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qunying.brands.actions import open_brand
from qunying.brands.models import AuditEntry, Brand
from qunying.cli.commands import app
from qunying.connectors.actions import Order, take_files, undo
from qunying.connectors.incoming import Options
from qunying.connectors.models import ImportBatch
from qunying.facts.models import Fact, Segment
from qunying.facts.seal import breaks, strays

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
HEAD = "platform,chat_id,chat_name,message_id,timestamp,user_id,user_name,text\n"


@pytest.fixture
def brand(tmp_path: Path, settings) -> Brand:
    """Two imports of three messages each, the one before the other."""
    settings.HOME = tmp_path / "home"
    found = open_brand("tea", at=NOW, slug="tea")
    for name in ("a", "b"):
        path = tmp_path / f"{name}.csv"
        rows = [f"qq,1,茶友群,{name}{n},2026-03-0{n} 09:00,u{n},茶友{n},早\n" for n in (1, 2, 3)]
        path.write_text(HEAD + "".join(rows))
        take_files(found, [path], order=Order(Options()), at=NOW)
    return found


def found_by_verify() -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["verify", "--brand", "tea"])
    return answer.exit_code, answer.output.strip()


def last(brand: Brand) -> Fact:
    return Fact.objects.filter(brand=brand.pk).order_by("pk").reverse()[0]


def change(brand: Brand) -> None:
    Fact.objects.filter(pk=last(brand).pk).update(value=99)


def take_out(brand: Brand) -> None:
    last(brand).delete()


def put_in(brand: Brand) -> None:
    """A fact under a number before all others, where no segment reaches."""
    copy = last(brand)
    copy.pk, copy.source_key = Fact.objects.order_by("pk")[0].pk - 1, b"x" * 16
    copy.save(force_insert=True)


def cut_off(brand: Brand) -> None:
    """The last segment with all its facts."""
    segment = Segment.objects.filter(brand=brand).order_by("number").reverse()[0]
    Fact.objects.filter(brand=brand.pk, pk__gte=segment.first).delete()
    segment.delete()


def chain_anew(brand: Brand) -> None:
    """A changed fact with its segment's digest made to fit, the chain not."""
    change(brand)
    Segment.objects.filter(brand=brand, number=2).update(digest=b"y" * 32)


def test_an_untouched_log_is_whole(brand):
    assert (breaks(brand), strays(brand)) == ([], 0)
    assert found_by_verify() == (
        0,
        "segments broken: none; records outside the seal: none; operation log broken at: nowhere",
    )


@pytest.mark.parametrize(
    ("harm", "broken", "loose"),
    [(change, [2], 0), (take_out, [2], 1), (put_in, [], 1), (cut_off, [], 1), (chain_anew, [2], 0)],
)
def test_whatever_was_done_to_the_log_shows(brand, harm: Callable[[Brand], None], broken, loose):
    harm(brand)

    assert (breaks(brand), strays(brand)) == (broken, loose)
    assert found_by_verify()[0] == 1


def test_an_undo_withdraws_whole_segments_and_the_chain_stays(brand):
    before = list(Segment.objects.filter(brand=brand).order_by("number").values_list("number", "seal"))
    second = ImportBatch.objects.filter(brand=brand).order_by("pk").reverse()[0]
    row = Fact.objects.filter(brand=brand.pk, batch=second.pk).order_by("pk")[0]

    undo(second, at=NOW)

    assert [
        (n, bytes(seal))
        for n, seal in Segment.objects.filter(brand=brand, number__lte=2)
        .order_by("number")
        .values_list("number", "seal")
    ] == [(n, bytes(seal)) for n, seal in before]
    assert [
        bool(one.withdrawn_at)
        for one in Segment.objects.filter(brand=brand, number__lte=2).order_by("number")
    ] == [False, True]
    assert (breaks(brand), strays(brand), found_by_verify()[0]) == ([], 0, 0)

    row.save(force_insert=True)  # what was withdrawn must stay absent

    assert breaks(brand) == [2]


def test_a_changed_entry_of_the_operation_log_shows(brand):
    entry = AuditEntry.objects.filter(brand=brand).order_by("number")[0]
    AuditEntry.objects.filter(pk=entry.pk).update(who="somebody else")

    assert found_by_verify()[1].endswith(f"operation log broken at: {entry.number}")

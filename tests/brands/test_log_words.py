"""The log of changes: what it wrote down about a person can go, and every other change of it shows."""

from __future__ import annotations

import datetime as dt

import pytest

from qunying.brands.actions import audit_breaks, black_out, log, open_brand, seal
from qunying.brands.models import AuditEntry, Brand

NOW = dt.datetime(2026, 3, 4, 4, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand() -> Brand:
    brand = open_brand("茶", at=NOW)
    log(brand, deed="brand.renamed", about="brand", at=NOW, before={"name": "茶"}, after={"name": "山茶"})
    told = {"reason": "王小明来电", "words": ["给王小明", {"to": "王小明"}, 3, None]}
    log(brand, deed="member.disclosed", about="member:7", at=NOW, after=told)
    log(brand, deed="brand.renamed", about="brand", at=NOW, before={"name": "山茶"}, after={"name": "茶"})
    return brand


def named(brand: Brand) -> AuditEntry:
    return AuditEntry.objects.get(brand=brand, about="member:7")


def test_a_persons_name_goes_from_the_log_and_the_log_is_still_whole(brand: Brand) -> None:
    others = list(AuditEntry.objects.exclude(about="member:7").order_by("number").values())

    assert black_out(brand, ["王小明"], at=NOW) == 1
    assert black_out(brand, ["王小明"], at=NOW) == 0

    assert named(brand).after == {"reason": "▇来电", "words": ["给▇", {"to": "▇"}, 3, None]}
    assert (named(brand).salt, named(brand).blacked_at) == (None, NOW)
    assert list(AuditEntry.objects.exclude(about="member:7").order_by("number").values()) == others
    assert audit_breaks(brand) is None


def test_another_brands_log_keeps_its_words(brand: Brand) -> None:
    other = open_brand("米", at=NOW)
    log(other, deed="brand.renamed", about="brand", at=NOW, after={"name": "王小明"})

    black_out(brand, ["王小明"], at=NOW)

    assert AuditEntry.objects.get(brand=other).after == {"name": "王小明"}


@pytest.mark.parametrize("change", [{"after": {"reason": "x"}}, {"before": {}}, {"deed": "x"}, {"who": "x"}])
def test_words_changed_behind_the_logs_back_show(brand: Brand, change: dict[str, object]) -> None:
    AuditEntry.objects.filter(pk=named(brand).pk).update(**change)

    assert audit_breaks(brand) == named(brand).number


@pytest.mark.parametrize(
    "change", [{"deed": "x"}, {"about": "member:8"}, {"who": "x"}, {"digest": b"x" * 32}]
)
def test_of_a_blacked_out_entry_everything_else_is_held(brand: Brand, change: dict[str, object]) -> None:
    black_out(brand, ["王小明"], at=NOW)
    number = named(brand).number
    AuditEntry.objects.filter(brand=brand, number=number).update(**change)

    assert audit_breaks(brand) == number


def test_entries_from_before_there_were_digests_stay_as_they_were_sealed(brand: Brand) -> None:
    """Their seal covers the words, so that neither going on nor blacking out may touch them."""
    previous = b""
    for entry in AuditEntry.objects.filter(brand=brand).order_by("number"):
        entry.digest = entry.salt = None
        entry.seal = previous = seal(entry, previous=previous)
        entry.save()

    assert audit_breaks(brand) is None
    assert black_out(brand, ["王小明"], at=NOW) == 0
    log(brand, deed="brand.renamed", about="brand", at=NOW, after={"name": "茶"})
    assert audit_breaks(brand) is None

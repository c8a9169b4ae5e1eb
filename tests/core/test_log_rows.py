"""The door of the log: what is handed in comes out as it was, whatever the rows share; one member's facts are found at
once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from qunying.brands.actions import open_brand
from qunying.brands.rows import TOGETHER
from qunying.facts import log
from qunying.facts.models import Fact

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
NUMBERS = st.one_of(st.none(), st.integers(0, 3), st.integers(-(2**63), 2**63 - 1))


@pytest.fixture
def brand():
    return open_brand("tea", at=NOW)


def fact(
    brand, number: int, *, member: int | None = 7, day: int = 20_000, subject: int | None = None
) -> log.Row:
    key = number.to_bytes(16, "big")
    return (
        brand.pk,
        1,
        None,
        member,
        None,
        1,
        day * 86_400_000,
        day,
        subject,
        1,
        0,
        None,
        day,
        key,
        None,
        None,
        None,
    )


def test_rows_come_out_as_they_were_handed_in(brand):
    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5),
        st.sampled_from((0, 1, 2, TOGETHER - 1, TOGETHER, TOGETHER + 1, 2 * TOGETHER + 3)),
    )
    def holds(own, many):
        Fact.objects.all().delete()
        pairs = [own[number % len(own)] for number in range(many)]
        rows = [fact(brand, number, member=who, subject=what) for number, (who, what) in enumerate(pairs)]

        first, again = log.record_many(brand, rows), log.record_many(brand, rows)

        assert (first.new, again.new) == (many, 0)
        assert list(Fact.objects.order_by("pk").values_list("member", "subject")) == pairs

    holds()


def test_a_run_read_back_in_parts_is_whole(brand, monkeypatch):
    monkeypatch.setattr(log, "TOGETHER", 2)
    log.record_many(brand, [fact(brand, number, subject=number or None) for number in range(5)])

    read = log.read(brand, keys=True)

    assert read.subject.tolist() == [0, 1, 2, 3, 4]
    assert [key.tobytes() for key in read.source_key] == [number.to_bytes(16, "big") for number in range(5)]
    assert len(log.read(brand, "day = %s", [1])) == 0


def test_the_days_of_a_brand_are_those_of_its_own_facts(brand):
    assert list(log.days_of(brand)) == []
    log.record_many(brand, [fact(brand, day, day=day) for day in (20_003, 20_001)])
    other = open_brand("coffee", at=NOW)
    log.record_many(other, [fact(other, 9, day=30_000)])

    assert list(log.days_of(brand)) == [20_001, 20_002, 20_003]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by what it counted")
def test_one_members_facts_are_found_by_day_and_member_together(brand):
    log.record_many(brand, [fact(brand, day, day=day) for day in (20_001, 20_002)])

    plan = Fact.objects.filter(brand=brand.pk, day__in=log.days_of(brand), member__in=[7]).explain()

    assert "fact_of_day (brand=? AND day=? AND member=?)" in plan

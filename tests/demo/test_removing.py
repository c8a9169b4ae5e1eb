"""Taking the demo brand away leaves the install as if it had never been there."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from qunying.brands.actions import open_account, open_brand
from qunying.connectors import actions
from qunying.connectors.incoming import Options
from qunying.demo.actions import load, remove
from qunying.demo.plans import TEA, BrandPlan
from qunying.jobs.worker import work_off

OFFICE = (
    "communities_shift",
    "communities_cover",
    "members_consenttext",
    "members_consent",
    "members_optout",
)
"""Tables of pages that would be empty if the demo brand had chats only."""
AT = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
SAMPLE = Path(__file__).parents[1] / "samples"


def everything() -> dict[str, list[str]]:
    """Table → rows, of every table there is but the migrations'."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            found[model._meta.db_table] = sorted(map(repr, cursor.fetchall()))
    return found


def a_month_of_tea() -> BrandPlan:
    place = replace(TEA.communities[0], days=30, members=60)
    return replace(TEA, communities=(place,), faults=())


@pytest.mark.django_db(transaction=True)
def test_removing_the_demo_leaves_every_table_as_it_was_and_imported_brands_untouched(tmp_path, settings):
    settings.HOME = tmp_path
    open_account("demo", password="a long enough word", at=AT)
    own = open_brand("茶", at=AT)
    history = next(SAMPLE.rglob("*.jsonl"))
    actions.take_files(own, [history], order=actions.Order(Options()), at=AT)
    work_off()
    before, files = everything(), sorted(path for path in tmp_path.rglob("*"))

    load(at=AT, plan=a_month_of_tea())
    work_off()
    grown = everything()
    remove(at=AT)

    assert sum(map(len, grown.values())) > sum(map(len, before.values())) + 1000
    assert [name for name in OFFICE if len(grown[name]) == len(before[name])] == []
    assert everything() == before
    assert sorted(path for path in tmp_path.rglob("*")) == files

"""各平台能做什么: everything a connector declares is shown, and what a platform cannot do says what happens instead."""

from __future__ import annotations

import pytest
from django.test import Client

from qunying.connectors.abilities import SECTIONS, side_by_side
from qunying.connectors.health import FALLBACKS
from qunying.connectors.live.connector import Means
from qunying.kit import catalog
from qunying.outbox.ops import OPS
from tests.connectors.live.world import open_brand

HERE = "/b/tea/connections/abilities/"


def test_every_ability_that_is_declared_has_a_row():
    shown = {op for _title, entries in SECTIONS for op, _label in entries}
    declared = {op for kind in catalog.collect("live") for op in kind.abilities}

    assert declared - shown == set()


def test_each_cell_says_what_the_connector_declares_and_what_happens_instead():
    kinds = catalog.collect("live")

    for _title, rows in side_by_side(kinds):
        for row in rows:
            op = next(op for _title, entries in SECTIONS for op, label in entries if label == row.label)
            for kind, cell in zip(kinds, row.cells, strict=True):
                ability = kind.abilities.get(op)
                can = ability is not None and ability.means != Means.NONE
                assert (cell.can, bool(cell.words or can)) == (can, True)
                if ability is not None and not can and not op.startswith(("hear", "history")):
                    assert cell.instead == str(FALLBACKS[ability.fallback])


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?kind=wecom", "?kind=nothing", ""])
def test_the_page_shows_all_side_by_side_and_one_in_full(query):
    _brand, staff = open_brand()
    client = Client()
    client.force_login(staff.account, backend="django.contrib.auth.backends.ModelBackend")

    text = client.get(f"{HERE}{query}").content.decode()

    assert "需员工点发送" in text
    assert ("须由群主在手机上点“发送”" in text) == (query == "?kind=wecom")


def test_whatever_a_platform_can_do_has_a_name_an_operator_reads():
    ops = {
        op
        for kind in catalog.collect("live")
        for op, ability in kind.abilities.items()
        if not op.startswith("hear.") and op != "history" and ability.means != Means.NONE
    }

    assert ops - OPS.keys() == set()

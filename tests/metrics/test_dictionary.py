"""The dictionary: every metric has a page with its definition and the history of its meaning."""

from __future__ import annotations

import pytest

from qunying.kit import catalog
from qunying.metrics.asking import metric
from tests.metrics.house import House, build
from tests.metrics.test_pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return build(people=("阿青", "小周"))


def test_the_dictionary_names_every_metric_and_each_has_a_page(house):
    client = house.client()
    shown = client.get(house.url("metrics/"))
    listed = {entry.key for _name, rows in shown.context["groups"] for entry, _window in rows}

    assert listed == {entry.key for entry in catalog.collect("metrics")}
    for entry in catalog.collect("metrics"):
        page = client.get(house.url(f"metrics/{entry.key}/"))
        assert str(entry.formula) in text_of(page)


def test_a_definition_page_tells_how_its_meaning_changed_and_when_the_value_was_computed(house):
    entry = metric("lifecycle.dormant")
    (change,) = entry.changes

    shown = text_of(house.client().get(house.url("metrics/lifecycle.dormant/")))

    told = [str(one) for one in ("第 2 版", change.on, change.text, change.effect, "首次定义", "打开本页时")]
    assert [one for one in told if one not in shown] == []


def test_the_history_of_a_meaning_is_dated_in_order_and_ends_with_the_version_in_use():
    for entry in catalog.collect("metrics"):
        days = [change.on for change in entry.changes]
        assert days == sorted(days), entry.key
        assert [version for version, _change in entry.history] == list(range(entry.version, 1, -1)), entry.key

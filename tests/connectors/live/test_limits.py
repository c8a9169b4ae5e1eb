"""限额表: every limit that is declared is on the page, from where it is obeyed, with its source and its age."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from qunying.brands import actions as brands
from qunying.connectors.limits import STALE_DAYS, table
from qunying.connectors.live.wecom.callbacks import WELCOME_SECONDS
from qunying.connectors.live.wecom.deeds import MOST_JOINABLE
from qunying.kit import catalog
from tests.connectors.live.world import AT, open_brand

HERE = "/b/tea/connections/limits/"
KINDS = catalog.collect("live")
TODAY = dt.date(2026, 12, 1)


def signed_in(staff) -> Client:
    client = Client()
    client.force_login(staff.account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("kind", KINDS, ids=[kind.key for kind in KINDS])
def test_each_limit_a_connector_declares_has_one_row_with_its_figure_and_source(kind):
    declared = [(f"{rate.size:,g}", rate.source) for rate in kind.rates]
    declared += [(f"{kind.longest.size:,}", kind.longest.source)] if kind.longest else []
    declared += [
        (f"{each.figure:,}" if isinstance(each.figure, int) else each.figure, each.source)
        for each in kind.ceilings
    ]

    rows = table(kind, today=TODAY)

    assert [(row.figure, row.source) for row in rows] == declared
    assert all(row.what and row.unit and row.about and row.reached and row.source.name for row in rows)
    assert [row.source.as_of for row in rows if row.source.as_of > dt.datetime.now(dt.UTC).date()] == []


def test_whatever_we_can_send_by_has_a_limit_and_what_is_counted_by_month_says_so():
    assert [kind.key for kind in KINDS if kind.perform and not kind.rates] == []
    assert [kind.key for kind in KINDS if kind.month_ops and "每月" not in windows(kind)] == []


def windows(kind) -> list[str]:
    return [str(row.window) for row in table(kind, today=TODAY)]


def test_what_we_work_with_on_wecom_is_what_the_table_shows():
    (wecom,) = (kind for kind in KINDS if kind.key == "wecom")
    figures = {row.what: row.figure for row in table(wecom, today=TODAY)}

    assert figures["一个群活码后面的群"] == str(MOST_JOINABLE)
    assert figures["添加好友后多久内可发欢迎语"] == str(WELCOME_SECONDS)


def test_a_figure_is_old_when_nobody_looked_it_up_for_more_than_180_days():
    kind = KINDS[0]
    last = kind.rates[0].source.as_of + dt.timedelta(days=STALE_DAYS)

    kept, old = (table(kind, today=day)[0].is_old for day in (last, last + dt.timedelta(days=1)))

    assert (kept, old) == (False, True)


@pytest.mark.django_db
def test_the_page_shows_all_platforms_or_one():
    _brand, staff = open_brand()
    client = signed_in(staff)

    everything, one = (
        client.get(f"{HERE}{query}").content.decode() for query in ("?kind=nothing", "?kind=wecom")
    )

    assert [kind.key for kind in KINDS if f'id="{kind.key}"' not in everything] == []
    assert [kind.key for kind in KINDS if f'id="{kind.key}"' in one] == ["wecom"]
    assert everything.count('<td class="main">') == sum(len(table(kind, today=TODAY)) for kind in KINDS)
    assert "developer.work.weixin.qq.com 92135" in one
    assert "凭记忆，没有查到原文" in one


@pytest.mark.django_db
def test_the_page_reads_in_english():
    _brand, staff = open_brand()
    client = signed_in(staff)
    client.cookies["django_language"] = "en"

    text = client.get(f"{HERE}?kind=wecom").content.decode()

    assert "How soon a new contact must be welcomed" in text
    assert "请核对" not in text


@pytest.mark.django_db
def test_it_is_for_the_brand_s_own_people():
    open_brand()
    other = brands.open_brand("咖啡", at=AT, slug="coffee")
    stranger = brands.open_account("stranger", password="a long enough word", at=AT)
    theirs = brands.appoint(other, account=stranger, role="owner", at=AT, by=None)

    assert signed_in(theirs).get(HERE).status_code == 404

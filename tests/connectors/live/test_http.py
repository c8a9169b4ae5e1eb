"""Programs that sign what they push, as standard-webhooks says. Numbers in names are the cases of reliability.md §3."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

import orjson
import pytest
from django.test import Client

from qunying.connectors import actions
from qunying.connectors.beats import settle_all
from qunying.connectors.live.connector import Knock, Unsigned
from qunying.connectors.live.http import HTTP
from qunying.connectors.models import Connection
from qunying.facts.models import Fact
from qunying.jobs.actions import database_now
from qunying.kit import days
from tests.connectors.ingest.asking import row
from tests.connectors.live.world import AT, open_brand

pytestmark = pytest.mark.django_db
OLD, NEW = (f"whsec_{base64.b64encode(letter * 32).decode()}" for letter in (b"o", b"n"))


@pytest.fixture
def tea():
    return open_brand()


@pytest.fixture
def crm(tea):
    keys = {"name": "crm", "secret": OLD}
    return actions.connect(tea[0], connector_key="http", name="", keys=keys, at=AT, by=tea[1])


def headers(body: bytes, *, secret: str = OLD, number: str = "msg_1", late: int = 0) -> dict[str, str]:
    stamp = str(days.utc_ms(database_now()) // 1000 - late)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.digest(key, f"{number}.{stamp}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": number,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def push(crm: Connection, body: bytes, **how: object) -> int:
    told = headers(body, **how)  # type: ignore[arg-type]  # the tests name its arguments
    answer = Client().post(f"/hooks/{crm.hook}/", body, content_type="application/json", headers=told)
    return answer.status_code


def lines(*numbers: int) -> bytes:
    return b"\n".join(orjson.dumps(row(number)) for number in numbers)


def test_signed_rows_are_stored_and_become_facts_and_the_same_delivery_has_no_second_effect_21(crm, tea):
    statuses = [push(crm, lines(1, 2)) for _ in range(3)]
    settle_all()
    actions.bind(crm, chat="tea", community=None, at=AT, by=tea[1])
    settle_all()

    assert statuses == [200, 200, 200]
    assert list(crm.inbound.values_list("state", "facts")) == [("done", 1), ("done", 1)]
    assert Fact.objects.count() == 2


def test_a_request_from_more_than_five_minutes_ago_or_ahead_is_stale_22(crm):
    assert [push(crm, lines(1), late=late) for late in (240, 302, -360)] == [200, 401, 401]


def test_the_bytes_that_came_are_what_is_signed_24(crm):
    body = lines(1)
    told = headers(body)
    again = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)

    answer = Client().post(f"/hooks/{crm.hook}/", again, content_type="application/json", headers=told)

    assert (answer.status_code, crm.inbound.count()) == (401, 0)


def test_the_secret_before_counts_for_a_day_after_it_was_changed_23(crm, tea):
    changed = database_now()
    actions.change_keys(crm, keys={"secret": NEW}, at=changed, by=tea[1])
    both = [push(crm, lines(1), secret=secret, number=secret[-9:]) for secret in (OLD, NEW)]
    crm.refresh_from_db()
    actions.change_keys(crm, keys={"secret": NEW}, at=changed, by=tea[1])  # the same again changes nothing
    keys = actions.keys_of(crm)

    def after(hours: int, secret: str) -> bool:
        body = lines(1)
        told = headers(body, secret=secret, late=-hours * 3600)
        at = days.utc_ms(changed + dt.timedelta(hours=hours))
        assert HTTP.hook is not None
        try:
            HTTP.hook(keys, Knock("POST", {}, told, body, at))
        except Unsigned:
            return False
        return True

    assert both == [200, 200]
    assert (after(23, OLD), after(25, OLD), after(25, NEW)) == (True, False, True)


@pytest.mark.parametrize("given", ["", "v1,", "v1," + "A" * 2_000_000, "v2,abc", "é" * 10])
def test_a_signature_that_is_missing_empty_or_huge_is_refused_25(crm, given):
    told = {**headers(lines(1)), "webhook-signature": given}

    answer = Client().post(f"/hooks/{crm.hook}/", lines(1), content_type="application/json", headers=told)

    assert (answer.status_code, crm.inbound.count()) == (401, 0)

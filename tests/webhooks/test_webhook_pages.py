"""The pages of webhooks: set one up, see what became of each message, send again."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qunying.brands.models import AuditEntry
from qunying.demo.simulators.server import Reply
from qunying.jobs.actions import database_now
from qunying.webhooks import actions
from qunying.webhooks.courier import deliver_due
from qunying.webhooks.models import Delivery, Webhook
from tests.webhooks.world import hooked, tell

pytestmark = pytest.mark.django_db
HERE = "/b/tea/webhooks/"


@pytest.fixture
def client(tea):
    client = Client()
    client.force_login(tea[1].account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form(url: str, **more: object) -> dict[str, object]:
    return {"name": "看板", "url": url, "kinds": ["import.done", "finding.opened"], **more}


def shown(client: Client, path: str = "") -> str:
    return client.get(f"{HERE}{path}").content.decode()


def test_a_new_webhook_shows_its_secret_once_and_keeps_it_out_of_the_log(client):
    answer = client.post(f"{HERE}new/", form("https://example.com/told"))
    secret = answer.context["secret"]
    row = Webhook.objects.get()

    again = shown(client, f"{row.pk}/")

    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert secret in answer.content.decode().replace("&#x2B;", "+")
    assert "no-store" in answer["Cache-Control"]
    assert secret not in again
    assert row.kinds == ["finding.opened", "import.done"]
    assert secret not in str(list(AuditEntry.objects.values_list("before", "after")))
    assert secret.encode() not in bytes(row.secrets)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://10.0.0.1/x", "在内部网络里"),
        ("http://example.com/x", "必须以 https:// 开头"),
        ("what", "这个地址读不懂"),
        ("https://example.com/told", "已经在推送地址里"),
    ],
)
def test_an_address_that_is_not_taken_is_refused_at_its_field_and_what_was_typed_stays(client, tea, url, why):
    hooked(tea, "https://example.com/told")

    answer = client.post(f"{HERE}new/", form(url)).content.decode()

    assert why in answer
    assert f'value="{url}"' in answer
    assert Webhook.objects.count() == 1


def test_the_log_tells_what_was_sent_and_what_the_other_side_said(client, tea, receiver):
    hook, _secret = hooked(tea, receiver.url)
    tell(tea[0])
    receiver.reply = Reply(b"<b>no</b>", status=500)
    deliver_due()

    log = shown(client, f"{hook.pk}/?state=waiting")
    none = shown(client, f"{hook.pk}/?state=failed")
    one = client.get(f"/b/tea/deliveries/{Delivery.objects.get().pk}/").content.decode()

    assert "HTTP 500" in log
    assert "没有符合条件的推送" in none
    assert "&lt;b&gt;no&lt;/b&gt;" in one
    assert "import.done" in one


def test_a_trial_arrives_and_a_message_is_sent_again(client, tea, receiver):
    hook, _secret = hooked(tea, receiver.url)

    client.post(f"{HERE}{hook.pk}/trials/")
    deliver_due()
    client.post(f"/b/tea/deliveries/{Delivery.objects.get().pk}/resends/")
    deliver_due()

    assert receiver.numbers == [Delivery.objects.get().number] * 2
    assert receiver.calls[0].json()["type"] == "webhook.test"


def test_what_was_given_up_since_a_day_is_sent_again_from_the_page(client, tea, receiver):
    hook, _secret = hooked(tea, receiver.url)
    tell(tea[0])
    Delivery.objects.update(state="failed", concluded_at=database_now())

    refused = client.post(f"{HERE}{hook.pk}/resends/", {"since": "x"})
    answer = client.post(f"{HERE}{hook.pk}/resends/", {"since": "2026-01-01"}, follow=True).content.decode()

    assert refused.status_code == 422
    assert "1 条推送已重新排队" in answer
    assert deliver_due() == 1


def test_a_paused_webhook_gets_nothing_until_it_goes_on(client, tea, receiver):
    hook, _secret = hooked(tea, receiver.url)
    client.post(f"{HERE}{hook.pk}/pause/")
    tell(tea[0])
    idle = deliver_due()

    client.post(f"{HERE}{hook.pk}/pause/", {"undo": "1"})

    assert (idle, deliver_due()) == (0, 1)


def test_a_changed_secret_is_shown_once_and_a_removed_webhook_is_gone(client, tea):
    hook, old = hooked(tea, "https://example.com/told")
    tell(tea[0])

    fresh = client.post(f"{HERE}{hook.pk}/secret/").context["secret"]
    client.post(f"{HERE}{hook.pk}/removal/")

    assert fresh not in ("", old)
    assert (Webhook.objects.count(), Delivery.objects.count()) == (0, 0)
    deeds = list(AuditEntry.objects.order_by("number").values_list("deed", flat=True))
    assert deeds[-3:] == ["webhook.added", "webhook.rotated", "webhook.removed"]


def test_the_log_asks_as_many_questions_for_one_row_as_for_twenty(client, tea, django_assert_num_queries):
    hook, _secret = hooked(tea, "https://example.com/told")
    tell(tea[0], "0")
    with CaptureQueriesContext(connection) as one:
        shown(client, f"{hook.pk}/")
    for key in range(1, 20):
        tell(tea[0], str(key))

    with django_assert_num_queries(len(one)):
        shown(client, f"{hook.pk}/")


def test_a_colleague_with_some_communities_only_sees_no_webhooks(client, tea):
    hook, _secret = hooked(tea, "https://example.com/told")
    tea[1].reach = []
    tea[1].save(update_fields=["reach"])

    assert [client.get(path).status_code for path in (HERE, f"{HERE}{hook.pk}/")] == [404, 404]
    assert actions.secrets_of(hook, at=database_now()) != []

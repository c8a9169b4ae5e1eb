"""What is told arrives, signed, at least once and under one number, and a target that fails harms nobody else. Numbers
at the end of names are the cases of reliability.md §3."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection, connections
from standardwebhooks import Webhook as Judge
from standardwebhooks import WebhookVerificationError

from qunying.brands.models import AuditEntry
from qunying.demo.simulators.server import Call, Reply
from qunying.jobs.actions import database_now
from qunying.kit.errors import Refused
from qunying.webhooks import actions
from qunying.webhooks.courier import deliver_due
from qunying.webhooks.models import Delivery, Webhook
from qunying.webhooks.posting import Posted, post
from tests.webhooks.world import claimed, due_now, hooked, tell

HOURS = dt.timedelta(hours=1)


def judged(secret: str, call: Call) -> dict[str, object]:
    """What the reference implementation makes of a request; it raises for a bad one."""
    told: dict[str, object] = Judge(secret).verify(call.body, dict(call.headers))
    return told


def waits(row: Delivery) -> float:
    """Seconds until the next try."""
    row.refresh_from_db()
    return (row.due_at - database_now()).total_seconds()


def failing(times: int, *, status: int = 500) -> Delivery:
    """The only delivery after so many failed tries."""
    for _ in range(times):
        due_now()
        actions.conclude(claimed(), posted=Posted(1, status), now=database_now())
    return Delivery.objects.get()


def test_a_message_arrives_and_the_reference_implementation_accepts_its_signature(tea, receiver):
    _hook, secret = hooked(tea, receiver.url)
    tell(tea[0])

    tried = [deliver_due(), deliver_due()]

    row, call = Delivery.objects.get(), receiver.calls[0]
    told = judged(secret, call)
    assert tried == [1, 0]
    assert (told["type"], told["data"]) == ("import.done", {"import": 1})
    assert call.headers["webhook-id"] == row.number
    assert (row.state, row.attempts, row.status, row.answer) == ("delivered", 1, 200, '{"ok":true}')


def test_a_changed_body_or_another_secret_is_not_accepted(tea, receiver):
    _hook, secret = hooked(tea, receiver.url)
    tell(tea[0])
    deliver_due()
    call = receiver.calls[0]

    for body, by in ((call.body + b" ", secret), (call.body, "whsec_" + "A" * 43 + "=")):
        with pytest.raises(WebhookVerificationError):
            Judge(by).verify(body, dict(call.headers))


def test_after_a_change_both_secrets_sign_for_a_day_and_then_the_new_one_alone(tea, receiver):
    hook, old = hooked(tea, receiver.url)
    new = actions.rotate(hook, at=database_now(), by=tea[1])
    newest = actions.rotate(hook, at=database_now(), by=tea[1])
    tell(tea[0])
    deliver_due()

    hook.refresh_from_db()
    later = actions.secrets_of(hook, at=database_now() + 25 * HOURS)
    assert [judged(each, receiver.calls[0])["type"] for each in (old, new, newest)] == ["import.done"] * 3
    assert later == [newest]


def test_tries_follow_the_standards_pauses_and_end_after_ten(tea, receiver):
    hooked(tea, receiver.url)
    tell(tea[0])
    pauses = []

    for times in range(1, 10):
        row = failing(1)
        assert row.attempts == times
        pauses.append(waits(row))
    row = failing(1)

    wanted = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert all(0.85 * want <= pause <= 1.1 * want for pause, want in zip(pauses, wanted, strict=True))
    assert sum(wanted) / 3600 == pytest.approx(75.6, abs=0.1)
    assert (row.state, row.attempts) == ("failed", 10)


def test_a_target_that_asks_to_be_left_alone_is(tea, receiver):
    hook, _secret = hooked(tea, receiver.url)
    tell(tea[0])
    receiver.reply = Reply("slow down", status=429, headers={"Retry-After": "900"})

    deliver_due()

    hook.refresh_from_db()
    assert 890 <= waits(Delivery.objects.get()) <= 901
    assert hook.rest_until is not None
    assert 890 <= (hook.rest_until - database_now()).total_seconds() <= 901


def test_a_redirect_is_not_followed_28(tea, receiver):
    hooked(tea, receiver.url)
    tell(tea[0])
    receiver.reply = Reply(status=302, headers={"Location": f"{receiver.address}/elsewhere"})

    deliver_due()

    assert [call.path for call in receiver.calls] == ["/told"]
    assert (Delivery.objects.get().state, Delivery.objects.get().status) == ("waiting", 302)


def test_a_target_that_says_it_is_gone_is_turned_off_and_what_happens_then_waits_28(tea, receiver):
    hook, _secret = hooked(tea, receiver.url)
    tell(tea[0], "1")
    receiver.reply = Reply(status=410)
    deliver_due()
    tell(tea[0], "2")

    hook.refresh_from_db()
    idle = deliver_due()
    states = list(Delivery.objects.order_by("pk").values_list("state", flat=True))
    actions.go_on(hook, at=database_now(), by=tea[1])
    receiver.reply = Reply({"ok": True})

    assert (hook.state, hook.reason, idle, states) == ("off", "gone", 0, ["failed", "waiting"])
    assert deliver_due() == 1
    assert AuditEntry.objects.filter(deed="webhook.off", who="system").count() == 1


@pytest.mark.parametrize(("days_failing", "state"), [(2, "on"), (4, "off")])
def test_a_target_is_turned_off_when_a_message_is_given_up_and_none_arrived_for_three_days(
    tea, receiver, days_failing, state
):
    hook, _secret = hooked(tea, receiver.url)
    tell(tea[0])
    failing(9)
    Webhook.objects.update(failing_since=database_now() - dt.timedelta(days=days_failing))

    failing(1)

    hook.refresh_from_db()
    assert (hook.state, hook.reason) == (state, "failing" if state == "off" else "")


def test_one_that_arrives_ends_the_count_of_failures(tea, receiver):
    hook, _secret = hooked(tea, receiver.url)
    tell(tea[0])
    failing(3)
    due_now()

    deliver_due()

    hook.refresh_from_db()
    assert (hook.failures, hook.failing_since, hook.rest_until) == (0, None, None)
    assert hook.delivered_at is not None


def test_a_refused_message_lets_the_next_one_through_and_a_broken_target_rests_27(tea, receiver):
    hook, _secret = hooked(tea, receiver.url)
    for key in "12":
        tell(tea[0], key)
    receiver.reply = Reply(status=400)
    both = deliver_due()
    due_now()
    receiver.reply = Reply(status=503)
    actions.conclude(claimed(), posted=Posted(1, 503), now=database_now())

    hook.refresh_from_db()
    assert both == 2
    assert hook.rest_until is not None
    assert hook.rest_until > database_now()
    assert actions.claim(now=database_now()) is None


def test_a_courier_that_dies_between_sending_and_writing_down_is_followed_by_one_with_the_same_number(
    tea, receiver
):
    hooked(tea, receiver.url)
    tell(tea[0])
    row = claimed()
    post(receiver.url, body=row.body.encode(), headers={"webhook-id": row.number})  # and is killed here
    at_once = deliver_due()
    Delivery.objects.update(lease_until=database_now() - dt.timedelta(seconds=1))

    later = deliver_due()

    assert (at_once, later) == (0, 1)
    assert receiver.numbers == [row.number, row.number]
    assert (Delivery.objects.get().state, Delivery.objects.get().attempts) == ("delivered", 2)


def test_a_courier_that_comes_back_too_late_writes_nothing_over_the_one_that_took_over(tea, receiver):
    hooked(tea, receiver.url)
    tell(tea[0])
    late = claimed()
    Delivery.objects.update(lease_until=database_now() - dt.timedelta(seconds=1))
    deliver_due()

    written = actions.conclude(late, posted=Posted(1, 500), now=database_now())

    assert (written, Delivery.objects.get().state) == (False, "delivered")


def careless(*, now: dt.datetime) -> Delivery | None:
    """The claim without its condition: looks first, then takes."""
    row = Delivery.objects.filter(state=Delivery.State.WAITING).order_by("pk").first()
    if row is not None:
        threading.Event().wait(0.02)
        Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.LEASED)
    return row


def race(claim) -> int:
    """How many of four couriers were given one and the same delivery at once."""
    given: list[int] = []
    ready = threading.Barrier(4)

    def courier() -> None:
        ready.wait()
        if claim(now=database_now()) is not None:
            given.append(1)
        connections.close_all()

    threads = [threading.Thread(target=courier) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(given)


@pytest.mark.django_db(transaction=True)
def test_of_four_couriers_one_gets_a_delivery_and_a_careless_twin_gives_it_to_several(tea, receiver):
    hooked(tea, receiver.url)
    ours, twins = [], []
    for number in range(8):
        tell(tea[0], f"ours {number}")
        ours.append(race(actions.claim))
        Delivery.objects.all().delete()
        tell(tea[0], f"twin {number}")
        twins.append(race(careless))
        Delivery.objects.all().delete()

    assert ours == [1] * 8
    assert max(twins) > 1, connection.vendor


def test_resending_goes_out_again_under_the_same_number_and_what_waits_is_refused(tea, receiver):
    hooked(tea, receiver.url)
    tell(tea[0])
    row = Delivery.objects.get()
    with pytest.raises(Refused, match="under_way"):
        actions.resend(row, by=tea[1], at=database_now())
    deliver_due()

    actions.resend(row, by=tea[1], at=database_now())
    deliver_due()

    assert receiver.numbers == [row.number, row.number]


def test_all_that_were_given_up_since_a_day_are_sent_again_and_no_others(tea, receiver):
    hook, _secret = hooked(tea, receiver.url)
    for key in "123":
        tell(tea[0], key)
    old, young, arrived = Delivery.objects.order_by("pk")
    Delivery.objects.update(state="failed")
    Delivery.objects.filter(pk=arrived.pk).update(state="delivered")
    Delivery.objects.filter(pk=old.pk).update(created_at=database_now() - dt.timedelta(days=9))

    count = actions.resend_failed(
        hook, since=database_now() - dt.timedelta(days=2), by=tea[1], at=database_now()
    )
    deliver_due()

    assert (count, receiver.numbers) == (1, [young.number])


def test_deliveries_are_kept_for_thirty_days(tea, receiver):
    hooked(tea, receiver.url)
    for key in "12":
        tell(tea[0], key)
    old = Delivery.objects.order_by("pk")[0]
    Delivery.objects.filter(pk=old.pk).update(created_at=database_now() - dt.timedelta(days=31))

    gone = actions.forget_old(now=database_now())

    assert (gone, list(Delivery.objects.values_list("key", flat=True))) == (1, ["2"])

"""A stranger at the other end can neither hold us up, nor flood us, nor lead us inside. Numbers at the end of names are
the cases of reliability.md §3."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from qunying.demo.simulators.server import Reply
from qunying.kit.errors import QunyingError
from qunying.webhooks import posting
from qunying.webhooks.courier import Courier, deliver_due
from qunying.webhooks.models import Delivery, Webhook
from qunying.webhooks.posting import post
from tests.connectors.live.talks import eventually
from tests.webhooks.world import Receiver, hooked, tell


@pytest.mark.django_db(transaction=True)
def test_a_target_that_hangs_is_left_after_five_seconds_and_holds_up_no_other_27(tea, receiver, monkeypatch):
    monkeypatch.setattr(posting, "SECONDS", 1.5)
    with Receiver() as hanging:
        hanging.open.clear()
        hooked(tea, hanging.url)
        hooked(tea, receiver.url)
        for key in range(20):
            tell(tea[0], str(key))
        courier = Courier()
        courier.start()
        began = time.monotonic()
        eventually(lambda: len(receiver.calls) == 20)
        took = time.monotonic() - began
        eventually(lambda: Delivery.objects.filter(failure__isnull=False).exists())
        courier.stop()
        courier.join(10)
        hanging.open.set()

    failures = Delivery.objects.exclude(failure=None)
    assert took < 1.5 + 3  # twenty messages, while four hands wait for the one that hangs
    assert len(hanging.calls) <= 4
    assert {(row.failure or {})["code"] for row in failures} == {"webhooks.too_slow"}


def test_an_answer_without_end_is_cut(receiver):
    receiver.reply = Reply(b"x" * 200_000)

    huge = post(receiver.url, body=b"{}", headers={})

    assert (huge.status, len(huge.answer)) == (200, posting.ANSWER_BYTES)


def test_an_answer_that_drips_letter_by_letter_is_not_waited_for(settings, monkeypatch):
    settings.PRIVATE_HOSTS = {"127.0.0.1"}
    monkeypatch.setattr(posting, "SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, args=(server,), daemon=True).start()
        began = time.monotonic()
        dripped = post(f"http://127.0.0.1:{server.getsockname()[1]}/", body=b"{}", headers={})
        took = time.monotonic() - began

    assert (dripped.status, took < 2) == (None, True)
    assert str(dripped.error).startswith("webhooks.too_slow")


def drip(server: socket.socket) -> None:
    """Begins an answer and never ends its first header."""
    line, _from = server.accept()
    with contextlib.suppress(OSError):
        line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            line.sendall(b"a")
            time.sleep(0.1)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",  # not encrypted
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://[::ffff:10.0.0.1]/",
        "https://db.internal/",
        "https://example.com:22/",
        "https://me:secret@example.com/",
        "https://example.com/" + "x" * 500,
        "javascript:alert(1)",
    ],
)
def test_an_address_inside_or_in_the_clear_is_refused_when_it_is_saved_29(tea, url):
    with pytest.raises(QunyingError):
        hooked(tea, url)

    assert not Webhook.objects.exists()


def test_a_name_that_leads_inside_when_it_is_used_gets_nothing_30(tea, receiver, settings, monkeypatch):
    hooked(tea, "https://hooks.example.com/told")
    tell(tea[0])
    settings.PRIVATE_HOSTS = set()
    monkeypatch.setattr(
        "qunying.kit.safe_hosts.socket.getaddrinfo", lambda *_a, **_k: [(0, 0, 0, "", ("127.0.0.1", 443))]
    )

    deliver_due()

    row = Delivery.objects.get()
    assert row.failure is not None
    assert (row.state, row.failure["code"], receiver.calls) == ("waiting", "kit.inside", [])


@pytest.mark.django_db(transaction=True)
def test_a_stop_in_the_middle_of_a_message_lets_it_be_written_down_103(tea, receiver):
    hooked(tea, receiver.url)
    receiver.open.clear()
    tell(tea[0])
    courier = Courier()
    courier.start()
    eventually(lambda: receiver.calls)

    courier.stop()
    tell(tea[0], "later")
    receiver.open.set()
    courier.join(10)

    assert not courier.is_alive()
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["delivered", "waiting"]

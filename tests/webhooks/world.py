"""A receiver on the loopback address, and a brand that tells it things."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from qunying.brands.models import Brand, Staff
from qunying.demo.simulators.server import Call, Reply, Simulator
from qunying.jobs.actions import database_now
from qunying.webhooks import actions
from qunying.webhooks.models import Delivery, Webhook


class Receiver(Simulator):
    """Takes every message; `reply` changes what it says, and while `shut` is set it does not answer at all."""

    def __init__(self) -> None:
        self.reply = Reply({"ok": True})
        self.open = threading.Event()
        self.open.set()
        super().__init__()

    def answer(self, call: Call) -> Reply:
        self.open.wait(20)
        return self.reply

    @property
    def url(self) -> str:
        return f"{self.address}/told"

    @property
    def numbers(self) -> list[str]:
        """The webhook-id of every message that came, in order."""
        return [call.headers["webhook-id"] for call in self.calls]


def hooked(
    tea: tuple[Brand, Staff], url: str, kinds: Sequence[str] = ("import.done",)
) -> tuple[Webhook, str]:
    brand, by = tea
    return actions.add(brand, name="看板", url=url, kinds=list(kinds), at=database_now(), by=by)


def tell(brand: Brand, key: str = "1", kind: str = "import.done") -> None:
    actions.tell(brand, [actions.Told(kind, key, {"import": 1})])


def due_now() -> None:
    """As if every pause were over."""
    past = database_now()
    Delivery.objects.filter(state=Delivery.State.WAITING).update(due_at=past)
    Webhook.objects.update(rest_until=None)


def a_webhook(by: Staff) -> Webhook:
    """The brand's only one, made when asked for."""
    found = Webhook.objects.filter(brand=by.brand).first()
    return found or hooked((by.brand, by), "https://example.com/told")[0]


def a_delivery(by: Staff) -> Delivery:
    """A trial message to it."""
    if not Delivery.objects.filter(brand=by.brand).exists():
        actions.try_out(a_webhook(by))
    return Delivery.objects.filter(brand=by.brand).order_by("pk")[0]


def claimed() -> Delivery:
    """What is due next, leased."""
    row = actions.claim(now=database_now())
    assert row is not None
    return row

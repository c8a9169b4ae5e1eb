"""Posts what is due. One thread asks and writes down, a few only speak with the other side, so that one that hangs
holds up nobody else and no database connection waits for a stranger."""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from qunying.jobs.actions import database_now
from qunying.webhooks.actions import claim, conclude, secrets_of
from qunying.webhooks.models import Delivery
from qunying.webhooks.posting import Posted, post
from qunying.webhooks.signing import headers

MOST = 8
"""Messages under way at once."""
IDLE_SECONDS = 0.5
Flying = dict[Future[Posted], Delivery]


class Courier(threading.Thread):
    """Posts until it is told to stop; what is under way then is still written down."""

    def __init__(self) -> None:
        super().__init__(name="Courier", daemon=True)
        self.ended = threading.Event()

    def stop(self) -> None:
        self.ended.set()

    def run(self) -> None:
        flying: Flying = {}
        with ThreadPoolExecutor(MOST, thread_name_prefix="post") as pool:
            while not self.ended.is_set() or flying:
                close_old_connections()
                try:
                    self._round(pool, flying)
                except (
                    DatabaseError,
                    InterfaceError,
                ):  # away for now; leases see to what could not be written down
                    self.ended.wait(IDLE_SECONDS)
        connections.close_all()

    def _round(self, pool: ThreadPoolExecutor, flying: Flying) -> None:
        if not self.ended.is_set():
            begin(pool, flying)
        if flying:
            wait(flying, timeout=IDLE_SECONDS, return_when=FIRST_COMPLETED)
        else:
            self.ended.wait(IDLE_SECONDS)
        finish(flying)


def begin(pool: ThreadPoolExecutor, flying: Flying) -> None:
    """Send off what is due, as far as there are hands."""
    while len(flying) < MOST and (row := claim(now=database_now())) is not None:
        now = database_now()
        body = row.body.encode()
        signed = headers(
            secrets_of(row.webhook, at=now), number=row.number, stamp=int(now.timestamp()), body=body
        )
        flying[pool.submit(post, row.webhook.url, body=body, headers=signed)] = row


def finish(flying: Flying) -> None:
    """Write down what has come back."""
    for done in [each for each in flying if each.done()]:
        conclude(flying.pop(done), posted=done.result(), now=database_now())


def deliver_due() -> int:
    """Post what is due now, once each, and wait for it; answers how many."""
    tried = 0
    with ThreadPoolExecutor(MOST) as pool:
        flying: Flying = {}
        begin(pool, flying)
        while flying:
            tried += len(flying)
            wait(flying)
            finish(flying)
            begin(pool, flying)
    return tried

"""python -m benchmarks.stamping connect | produce | work | listen: each a process that can be killed."""

from __future__ import annotations

import signal
import sys
import threading

import django

TOKEN = "99:only-for-the-benchmark"
CHATS = 25
"""Enough that Telegram's limit of a group holds nothing up."""
ROLLED_BACK = 4
"""Every so manieth job is started in a transaction that is rolled back."""
PAUSE_SECONDS = 0.05
AHEAD = 25


def connect() -> None:
    """A Telegram account that speaks in many groups."""
    from benchmarks.places import NOW
    from qunying.brands.models import Brand
    from qunying.connectors import actions

    brand = Brand.objects.get()
    owner = brand.staff.get()
    row = actions.connect(brand, connector_key="telegram", name="", keys={"token": TOKEN}, at=NOW, by=owner)
    for number in range(CHATS):
        actions.seat(row, chat=str(-1000 - number), name=f"g{number}", community=None, at=NOW, by=owner)


def produce() -> int:
    """Start jobs one by one until told to stop, never many ahead of the work; those of a transaction that is rolled back
    must leave nothing. Answers how many."""
    from django.db import transaction

    from qunying.brands.models import Brand
    from qunying.jobs.actions import database_now, start
    from qunying.jobs.models import Job

    brand, until, number = Brand.objects.get(), threading.Event(), 0
    signal.signal(signal.SIGTERM, lambda *_: until.set())
    while not until.wait(PAUSE_SECONDS):
        if Job.objects.filter(state=Job.State.WAITING).count() > AHEAD:
            continue
        with transaction.atomic():
            start(brand, kind="stamping.stamp", args={"number": number}, at=database_now())
            transaction.set_rollback(number % ROLLED_BACK == ROLLED_BACK - 1)
        number += 1
    return number


def run_out(table: str, state: str) -> None:
    """The minute of a lease in no time: whoever held it is dead, which is what the minute is waited for."""
    from django.db import connection

    from qunying.jobs.actions import database_now

    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET lease_until = %s WHERE state = %s", [database_now(), state])


def main(words: list[str]) -> None:
    django.setup()
    from qunying.kit import catalog

    catalog.announce([*catalog.apps(), "benchmarks.stamping"])
    if words[0] == "connect":
        connect()
    elif words[0] == "produce":
        print(produce())
    elif words[0] == "work":
        from qunying.jobs.worker import work

        run_out("jobs_job", "running")
        work("bench", threading.Event())
    else:
        from qunying.connectors.listening import listen

        run_out("outbox_sending", "leased")
        listen(threading.Event())


if __name__ == "__main__":
    main(sys.argv[1:])

"""The loop of `qunying work`: take over what died, put the day's work in line, run what is ready, sleep."""

from __future__ import annotations

import threading

from django.db import close_old_connections
from django_tasks_db.management.commands.db_worker import Worker

from qunying.brands.models import Brand
from qunying.jobs.actions import database_now, keep_time, queue_daily, reap
from qunying.jobs.kinds import WORK

PAUSE_SECONDS = 0.5


def work_off(name: str = "here", queue: str = WORK) -> None:
    """Run everything of the queue that is ready, then return."""
    Worker(
        queue_names=[queue],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=name,
        excluded_queue_names=[],
    ).run()


def work(name: str, until: threading.Event) -> None:
    """Work until told to stop; the task in hand is finished first."""
    while not until.is_set():
        close_old_connections()
        reap()
        keep_time()
        for brand in Brand.objects.all():
            queue_daily(brand, at=database_now())
        work_off(name)
        until.wait(PAUSE_SECONDS)

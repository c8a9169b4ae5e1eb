"""What an app declares about its long work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from qunying.jobs.models import Job
from qunying.kit import catalog
from qunying.kit.errors import Missing
from qunying.kit.refusals import Text

KEEPS = _("停止后，已处理的部分会保留，未处理的不再继续。")
WORK, LISTEN = "default", "listen"
"""Queues: of `qunying work`, and of `qunying listen`."""
Result = dict[str, object]
Tick = Callable[[int, int], None]
"""Called with (done, total) as work goes on; renews the lease."""


@dataclass(frozen=True)
class JobKind:
    """任务类型: `run(job, tick)` does the work and answers what the page shows; it is safe to run twice.
    `daily` work is put in line once for every brand and local day. Work that `pauses` tells its progress where its
    steps are committed, so it can end there and go on later. `stops` says what becomes of the work that was done when
    it is stopped. `dropped(job, at)` cleans up after work that ends while no worker is at it. `queue` names the loop
    that runs it: work that waits for others is LISTEN's, so that it holds up nothing of the workers. Work that failed
    may be run again from its page unless it `starts_over` in another way."""

    key: str
    label: Text
    run: Callable[[Job, Tick], Result]
    daily: bool = False
    pauses: bool = False
    stops: Text = KEEPS
    dropped: Callable[[Job, dt.datetime], None] | None = None
    queue: str = WORK
    starts_over: bool = False


def kind(key: str) -> JobKind:
    for entry in catalog.collect("job_kinds"):
        if entry.key == key:
            found: JobKind = entry
            return found
    raise Missing("jobs.unknown_kind", kind=key)

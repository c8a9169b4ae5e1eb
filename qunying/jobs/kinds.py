"""What an app declares about its long work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qunying.jobs.models import Job
from qunying.kit import catalog
from qunying.kit.errors import Missing
from qunying.kit.refusals import Text

Result = dict[str, object]
Tick = Callable[[int, int], None]
"""Called with (done, total) as work goes on; renews the lease."""


@dataclass(frozen=True)
class JobKind:
    """任务类型: `run(job, tick)` does the work and answers what the page shows; it is safe to run twice.
    `daily` work is put in line once for every brand and local day."""

    key: str
    label: Text
    run: Callable[[Job, Tick], Result]
    daily: bool = False


def kind(key: str) -> JobKind:
    for entry in catalog.collect("job_kinds"):
        if entry.key == key:
            found: JobKind = entry
            return found
    raise Missing("jobs.unknown_kind", kind=key)

"""Long work of diagnosis."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qunying.diagnosis.actions import examine_history
from qunying.jobs.actions import database_now
from qunying.jobs.kinds import JobKind, Result, Tick
from qunying.jobs.models import Job


def run_examination(job: Job, tick: Tick) -> Result:
    """Examine the brand's whole past."""
    done = examine_history(job.brand, at=database_now())
    tick(1, 1)
    return {"findings": done.findings, "open": done.open}


JOB_KINDS = (JobKind("diagnosis.examine", _("诊断社群问题"), run_examination),)

"""Long work of playbooks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qunying.jobs.actions import database_now
from qunying.jobs.kinds import JobKind, Result, Tick
from qunying.jobs.models import Job
from qunying.playbooks.actions import advise_open, tick


def run_tick(job: Job, done: Tick) -> Result:
    """Advise on what is open, give out what is due, review what is over."""
    at = database_now()
    advised = advise_open(job.brand)
    moved = tick(job.brand, at=at)
    done(1, 1)
    return {"advised": advised, "moved": moved}


JOB_KINDS = (JobKind("playbooks.tick", _("推进运营SOP"), run_tick),)

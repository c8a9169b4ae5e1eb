"""Long work of members: taking one person out of every store."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qunying.jobs.kinds import JobKind, Result, Tick
from qunying.jobs.models import Job
from qunying.kit.errors import Missing
from qunying.members.actions import erase
from qunying.members.models import Member


def run_erasure(job: Job, tick: Tick) -> Result:
    """Erase the person; answers the receipt, what was removed from which store."""
    member = Member.objects.select_related("brand").filter(brand=job.brand, pk=job.args["member"]).first()
    if member is None:
        raise Missing("members.not_found")
    return {"receipt": erase(member, at=job.created_at, by=job.staff)}


JOB_KINDS = (JobKind("members.erase", _("清除个人信息"), run_erasure),)

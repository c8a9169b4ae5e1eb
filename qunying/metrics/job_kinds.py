"""Long work of metrics: count past days again after people were merged, split, or marked as not counting."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qunying.audiences.projectors import restate
from qunying.brands.models import Brand
from qunying.facts.models import Fact
from qunying.facts.projectors import drive
from qunying.jobs.kinds import JobKind, Result, Tick
from qunying.jobs.models import Job
from qunying.members.queries import homes_of
from qunying.metrics.readings import bring_up_to_date


@transaction.atomic
def count_again(brand: Brand, *, members: list[int], at: dt.datetime) -> int:
    """Make the days on which these people did anything anew, and all readings; answers how many days."""
    drive(brand)
    homes = homes_of(brand, members)
    facts = Fact.objects.filter(brand=brand.pk, member__in=homes) | Fact.objects.filter(
        brand=brand.pk, other__in=homes
    )
    days = sorted(set(facts.values_list("day", flat=True)))
    restate(brand, days)
    bring_up_to_date(brand, at=at)
    return len(days)


def run(job: Job, tick: Tick) -> Result:
    days = count_again(job.brand, members=job.args["members"], at=job.created_at)
    tick(days, days)
    return {"days": days}


JOB_KINDS = (JobKind("metrics.restate", _("重新计算历史数据"), run),)

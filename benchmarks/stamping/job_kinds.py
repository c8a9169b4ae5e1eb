"""The one kind of job: between what it orders and its end there is time to be killed in."""

from __future__ import annotations

import time

from qunying.communities.models import Channel
from qunying.jobs.kinds import JobKind, Result, Tick
from qunying.jobs.models import Job
from qunying.outbox.actions import Wish, order

SECONDS = 0.06


def stamp(job: Job, tick: Tick) -> Result:
    """Order the message of this number; run again it is the same one."""
    number = int(job.args["number"])
    channels = list(Channel.objects.filter(brand=job.brand, platform="telegram").order_by("pk"))
    time.sleep(SECONDS)
    wish = Wish("message.create", {"text": f"stamp {number}"}, may_disturb=True)  # measured at night too
    order(channels[number % len(channels)], wish=wish, key=f"stamp:{number}", at=job.created_at)
    time.sleep(SECONDS)
    return {}


JOB_KINDS = (JobKind("stamping.stamp", "stamp", stamp),)

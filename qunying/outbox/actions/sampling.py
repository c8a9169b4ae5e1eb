"""Draw some of what was done by hand and say of each whether it is as it should be."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction

from qunying.brands.actions import lock, log
from qunying.brands.models import Staff
from qunying.communities.models import Community
from qunying.kit import days
from qunying.kit.errors import Invalid, NotAllowed, Refused
from qunying.outbox.actions.waiting import reopen
from qunying.outbox.models import Draft, Sample, Sampling, State, Todo
from qunying.outbox.queries import drafts, todos

MOST = 200
LONGEST_DAYS = 366


@transaction.atomic
def draw(
    community: Community | None,
    *,
    first: dt.date,
    last: dt.date,
    size: int,
    seed: str,
    at: dt.datetime,
    by: Staff,
) -> Sampling:
    """So many of the tasks finished on these days of the brand, as the seed wants it: whoever draws with the same seed
    draws the same. The same again answers what was drawn."""
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise Invalid("outbox.sampling_days", limit=LONGEST_DAYS)
    if not 1 <= size <= MOST:
        raise Invalid("outbox.sampling_size", limit=MOST)
    lock(by.brand)
    told = {"community": community, "first": first, "last": last, "size": size, "seed": seed}
    before = Sampling.objects.filter(brand=by.brand, **told).first()
    if before is not None:
        return before
    found = _finished(by, community, first, last)
    if not found:
        raise Refused("outbox.nothing_to_sample")
    row = Sampling.objects.create(brand=by.brand, total=len(found), by=by, at=at, **told)
    drawn = sorted(found, key=lambda each: _place(seed, each))[:size]
    Sample.objects.bulk_create(Sample(sampling=row, **{f"{kind}_id": pk}) for kind, pk in drawn)
    after = {"count": len(drawn), "community": community.name if community else ""}
    log(by.brand, by=by, deed="sampling.drawn", about=f"sampling:{row.pk}", at=at, after=after)
    return row


def _finished(by: Staff, community: Community | None, first: dt.date, last: dt.date) -> list[tuple[str, int]]:
    """Kind and number of everything done on these days that the staff member may see."""
    clock = by.brand.clock
    start, end = (days.moment(clock.start(days.number(day) + more)) for day, more in ((first, 0), (last, 1)))
    found: list[tuple[str, int]] = []
    for kind, rows in (("todo", todos(by)), ("draft", drafts(by))):
        done = rows.filter(state=State.DONE, done_at__gte=start, done_at__lt=end)
        done = done if community is None else done.filter(community=community)
        found += [(kind, pk) for pk in done.values_list("pk", flat=True)]
    return found


def _place(seed: str, thing: tuple[str, int]) -> bytes:
    return hashlib.sha256(f"{seed}|{thing[0]}|{thing[1]}".encode()).digest()


@transaction.atomic
def judge(sample: Sample, *, is_good: bool, reason: str, at: dt.datetime, by: Staff) -> None:
    """It is as it should be, or not for a reason: then it waits again, with the reason. Nobody judges what they did
    themselves; what was judged stays so, and the same again changes nothing."""
    row = Sample.objects.select_for_update().get(pk=sample.pk)
    verdict, reason = (Sample.Verdict.GOOD, "") if is_good else (Sample.Verdict.BAD, reason.strip()[:200])
    if row.verdict == verdict:
        return
    if row.verdict:
        raise Refused("outbox.judged_already")
    if not is_good and not reason:
        raise Invalid("outbox.no_fault_named")
    item: Todo | Draft | None = row.todo or row.draft
    assert item is not None  # the table holds it
    if item.done_by_id == by.pk:
        raise NotAllowed("outbox.judge_anothers")
    Sample.objects.filter(pk=row.pk).update(verdict=verdict, reason=reason, by=by, at=at)
    name = item._meta.model_name
    after = {"verdict": str(verdict.value), "reason": reason}
    log(by.brand, by=by, deed=f"{name}.judged", about=f"{name}:{item.pk}", at=at, after=after)
    if not is_good and item.state == State.DONE:
        reopen(item, by=by, at=at)
        type(item).objects.filter(pk=item.pk).update(reason=reason)

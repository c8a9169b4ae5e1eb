"""Send a message somebody wrote to the groups chosen for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from qunying.brands.actions import lock, log
from qunying.brands.models import Staff
from qunying.connectors.composing import OP, Target, approvals
from qunying.kit.errors import Refused
from qunying.outbox.actions import Wish, order, take_along
from qunying.outbox.models import Sending
from qunying.outbox.quiet import quiet_at


@dataclass(frozen=True)
class Written:
    """写好的消息: its words, when it leaves (None: at once), how long after that it still may, the `key` of the form it
    was written in, `why` it leaves in quiet hours, and the numbers of the pictures that go with it."""

    key: str
    text: str
    targets: Sequence[Target]
    not_before: dt.datetime | None
    lasts: dt.timedelta
    why: str = ""
    pictures: Sequence[int] = ()

    @property
    def params(self) -> dict[str, object]:
        return {"text": self.text, **({"pictures": list(self.pictures)} if self.pictures else {})}


@transaction.atomic
def write(written: Written, *, at: dt.datetime, by: Staff) -> list[Sending]:
    """One sending for each group, approved first where the brand asks for it. The same form again answers what it
    made; the same form with other words, groups or times is refused, since the first has gone out or will. In quiet
    hours only with a reason, which the log keeps."""
    lock(by.brand)
    keys = [f"write:{written.key}:{place}" for place in range(len(written.targets) + 1)]
    before = list(Sending.objects.filter(brand=by.brand, key__in=keys).order_by("pk"))
    if before:
        if not _is_same(written, before, by):
            raise Refused("connectors.written_already")
        return before
    start = written.not_before or at
    quiet = quiet_at(by.brand, start)
    if quiet is not None and not written.why:
        raise Refused("connectors.quiet_hours", start=quiet.start, end=quiet.end)
    take_along(written.pictures, by=by, until=start)
    rows = [
        order(
            target.channel,
            wish=Wish(
                OP,
                written.params,
                may_disturb=quiet is not None,
                approvals=approvals(by.brand),
                expires_at=start + written.lasts,
            ),
            key=key,
            at=at,
            not_before=start,
            cause=f"write:{written.key}",
            by=by,
        )
        for key, target in zip(keys, written.targets, strict=False)  # one key more than targets
    ]
    places = "、".join(dict.fromkeys(row.community.name for row in rows))
    after = {"count": len(rows), "community": places, **({"reason": written.why} if quiet else {})}
    after |= {"pictures": len(written.pictures)} if written.pictures else {}
    log(by.brand, by=by, deed="sending.written", about=f"sending:{rows[0].pk}", at=at, after=after)
    return rows


def _is_same(written: Written, before: Sequence[Sending], by: Staff) -> bool:
    start = written.not_before or before[0].created_at
    told = (written.params, by.pk, start, start + written.lasts)
    wanted = [(target.channel.pk, *told) for target in written.targets]
    return wanted == [
        (row.channel_id, row.params, row.created_by_id, row.not_before, row.expires_at) for row in before
    ]

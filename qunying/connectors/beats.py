"""What connectors do again and again: read what platforms sent, keep the outgoing line in order."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model, QuerySet

from qunying.brands.models import Brand
from qunying.connectors.actions import (
    alarm,
    carry_tags,
    chase,
    finish_waiting,
    nag_due,
    push_daily,
    settle,
    tend_codes,
)
from qunying.connectors.models import Connection, DailyPush, Inbound
from qunying.facts.projectors import drive, position
from qunying.jobs.actions import database_now
from qunying.jobs.beats import Beat
from qunying.kit import catalog
from qunying.metrics.catching_up import catch_up
from qunying.outbox.actions import expire, reclaim

logger = logging.getLogger(__name__)
Row = TypeVar("Row", bound=Model)


def settle_all() -> None:
    """Everything that waits, of every connection; then the numbers of the brands that got something new."""
    waiting = Inbound.objects.filter(state=Inbound.State.WAITING)
    touched: set[int] = set()
    for connection in Connection.objects.filter(inbound__in=waiting).select_related("brand").distinct():
        while settle(connection):
            touched.add(connection.brand_id)
    for brand in Brand.objects.filter(pk__in=touched):
        _read_numbers(brand)


def keep_order() -> None:
    """What dead workers held, and what is too late to leave."""
    now = database_now()
    live = catalog.collect("live")
    dedupes = {(kind.platform, op): kind.dedupe_seconds for kind in live for op in kind.dedupes}
    reclaim(now=now, dedupes=dedupes)
    expire(now=now)


def chase_up() -> None:
    """Whoever stands in for those who do not tap."""
    chase(now=database_now())


def finish_pushes() -> None:
    """Import what programs pushed and add nothing to any more."""
    finish_waiting(at=database_now())


def push_dailies() -> None:
    """Yesterday's report to the staff groups whose hour has come."""
    rows = DailyPush.objects.filter(is_on=True).select_related("brand", "channel")
    _each(rows, lambda push, now: push_daily(push, now=now), "daily report %s")


def alarm_all() -> None:
    """What should have left and has not."""
    _each(Brand.objects.all(), lambda brand, now: alarm(brand, now=now), "alarms of brand %s")


def nag_all() -> None:
    """Whoever has tasks that are due, where the brand wants that."""
    _each(Brand.objects.all(), lambda brand, now: nag_due(brand, now=now), "reminders of brand %s")


def turn_codes() -> None:
    """Codes to their next groups and employees."""
    rows = Connection.objects.filter(state=Connection.State.ON, codes__dropped_at=None, codes__isnull=False)
    rows = rows.select_related("brand").distinct()
    _each(rows, lambda connection, now: tend_codes(connection, at=now), "codes of connection %s")


def sync_tags() -> None:
    """Tags that are to be the same on both sides."""
    rows = Connection.objects.filter(state=Connection.State.ON, tag_sync__is_on=True).select_related("brand")
    _each(rows, lambda connection, now: carry_tags(connection, at=now), "tags of connection %s")


def _each(rows: QuerySet[Row], do: Callable[[Row, dt.datetime], object], about: str) -> None:
    """Do it for every row; the fault of one, which the log names, keeps it from no other."""
    now = database_now()
    for row in rows:
        try:
            do(row, now)
        except Exception:
            logger.exception(about, row.pk)


def follow_logs() -> None:
    """Whatever was appended without anybody following, and the numbers of brands whose log has grown since."""
    for brand in Brand.objects.all():
        drive(brand)
        if _read.get(brand.pk) != position(brand):
            _read_numbers(brand)


_read: dict[int, int] = {}
"""How far each brand's log had come when this worker last read its numbers, so that none are read twice."""


def _read_numbers(brand: Brand) -> None:
    at = position(brand)
    catch_up(brand, at=database_now())
    _read[brand.pk] = at


BEATS = (
    Beat("connectors.follow_logs", 30, follow_logs),
    Beat("connectors.settle", 0.2, settle_all),
    Beat("connectors.keep_order", 5, keep_order),
    Beat("connectors.chase", 600, chase_up),
    Beat("connectors.alarm", 30, alarm_all, lease=600),
    Beat("connectors.nag", 300, nag_all),
    Beat("connectors.turn_codes", 10, turn_codes),
    Beat("connectors.sync_tags", 5, sync_tags),
    Beat("connectors.push_dailies", 60, push_dailies, lease=600),
    Beat("connectors.finish_pushes", 60, finish_pushes, lease=600),
)

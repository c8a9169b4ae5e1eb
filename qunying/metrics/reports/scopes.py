"""Scopes for readers who are not in a page: a file written by the command line, a shared link."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community
from qunying.communities.queries import counted, visible
from qunying.communities.scope import Scope
from qunying.facts.models import Cursor
from qunying.kit.errors import Missing
from qunying.metrics.models import Share
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.range import between


def outsider(brand: Brand, *, reach: list[int] | None = None) -> Staff:
    """Somebody who may do nothing: sees masked names and no links. Never stored."""
    return Staff(brand=brand, role="", reach=reach, is_active=False)


def narrowed(brand: Brand, staff: Staff | None, communities: Sequence[Community]) -> Staff:
    """The reader of a report over just these communities: the staff member, or an outsider, with that reach. Never
    stored."""
    chosen = sorted(row.pk for row in communities)
    reach = chosen if set(counted(brand).values_list("pk", flat=True)) - set(chosen) else None
    if staff is None:
        return outsider(brand, reach=reach)
    reader = copy.copy(staff)
    reader.reach = reach if reach is not None else staff.reach
    return reader


def about(staff: Staff, *, node: Community | None, first: int, last: int, at: dt.datetime) -> About:
    """What the staff member would read about these days of the community, or of all within reach."""
    known = tuple(visible(staff).order_by("level", "name"))
    reader = Cursor.objects.filter(brand=staff.brand, projector="communities.presence")
    position = reader.values_list("position", flat=True).first() or 0
    scope = Scope(staff, known, node, staff.brand.today(at), position)
    return About(scope, between(first, last, since=scope.since, until=scope.complete), at)


def of_share(token: str, *, at: dt.datetime) -> tuple[Share, About]:
    """The link's row and report; unknown, expired and revoked links look the same."""
    share = Share.objects.select_related("brand", "community").filter(token=token).first()
    if share is None or not share.is_open(at):
        raise Missing("metrics.link_closed")
    reader = outsider(share.brand, reach=share.reach)
    return share, about(reader, node=share.community, first=share.first, last=share.last, at=at)


def place(found: About) -> str:
    """Which communities a report is about, in words that mean the same to every reader."""
    scope = found.scope
    if scope.node is not None or scope.staff.reach is None:
        return scope.name
    names = [row.name for row in scope.communities]
    shown = " / ".join(names[:3])
    return _("{names} 等 {n} 个社群").format(names=shown, n=len(names)) if len(names) > 3 else shown

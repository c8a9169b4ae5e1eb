"""The written parts of a report: staff's comments, and what each number means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from qunying.communities.scope import Scope
from qunying.kit.refusals import Text
from qunying.metrics.asking import metric
from qunying.metrics.models import Comment
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.figures import WINDOWS, keys
from qunying.metrics.reports.range import Range
from qunying.metrics.reports.tables import Table

DRAWN = ("dau", "lifecycle.first", "lifecycle.returning", "lifecycle.resurrecting", "lifecycle.dormant")


@dataclass(frozen=True)
class Meaning:
    """One line of the appendix."""

    key: str
    label: Text
    formula: Text
    window: Text
    version: int


@dataclass(frozen=True)
class Said:
    """A comment as shown: who, when, what; `pk` for those who may take it back."""

    pk: int
    author: str
    at: str
    text: str
    is_mine: bool


def comments_of(scope: Scope, span: Range) -> QuerySet[Comment]:
    """Comments under a report of these days: the community's; those on the whole brand; or, for somebody whose reach is
    part of the brand, one's own on that part."""
    rows = Comment.objects.filter(brand=scope.brand, first=span.first, last=span.last)
    if scope.node is not None:
        return rows.filter(community=scope.node)
    if scope.staff.reach is None:
        return rows.filter(community=None, author__reach__isnull=True)
    return rows.filter(community=None, author=scope.staff.pk or 0)


def comments(about: About) -> Mapping[str, object] | None:
    """The comments, oldest first; nothing for readers who may not add one while there are none."""
    rows = (
        comments_of(about.scope, about.range).select_related("author__account").order_by("created_at", "pk")
    )
    zone, staff = about.brand.clock.zone, about.scope.staff
    said = [
        Said(
            row.pk,
            row.author.name,
            row.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            row.text,
            row.author_id == staff.pk,
        )
        for row in rows
    ]
    may = staff.may("reports.share")
    return {"comments": said, "may_write": may} if said or may else None


def definitions(about: About) -> Mapping[str, object]:
    """Formula, window and version of every metric shown, and the zone of its days."""
    meanings = []
    for key in dict.fromkeys((*keys(about), *DRAWN)):
        entry = metric(key)
        meanings.append(Meaning(key, entry.label, entry.formula, WINDOWS[entry.window], entry.version))
    return {"meanings": meanings, "zone": about.brand.zone}


def comment_table(block: Mapping[str, Any]) -> list[Table]:
    """Who said what; nothing where nobody did."""
    rows = tuple((said.author, said.at, said.text) for said in block["comments"])
    return [Table(gettext("备注"), (gettext("员工"), gettext("时间"), gettext("备注")), rows)] if rows else []


def definition_table(block: Mapping[str, Any]) -> list[Table]:
    """What each number means."""
    head = (gettext("指标"), gettext("口径"), gettext("时间窗"), gettext("口径版本"))
    rows = tuple(
        (str(row.label), str(row.formula), str(row.window), row.version) for row in block["meanings"]
    )
    note = gettext("所有日期按时区 {zone} 的自然日计算。").format(zone=block["zone"])
    return [Table(gettext("口径说明"), head, rows, note, brief=(0, 1, 2))]

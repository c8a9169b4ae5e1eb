"""What the list of members shows: columns, tiles, filters, conditions in force, one page of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np
from django.core.paginator import Page
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qunying.audiences.filters import SIZES, Filter, day_words, who_options
from qunying.audiences.roster import Ints, Roster
from qunying.audiences.stages import LABELS
from qunying.brands.access import BrandRequest
from qunying.kit import days
from qunying.kit.refusals import Text

EXPORT_FORMS = (("csv", "CSV"), ("xlsx", "Excel"))
TILES = ("new", "active", "core", "silent", "dormant", "left")


@dataclass(frozen=True)
class Column:
    """A column of the list, as console/_table.html wants it."""

    key: str
    label: Text
    sort: bool = False
    num: bool = False
    fixed: bool = False


def columns(*, sortable: bool = True) -> list[Column]:
    return [
        Column("name", _("群成员"), fixed=True),
        Column("community", _("社群")),
        Column("stage", _("生命周期阶段")),
        Column("tags", _("标签")),
        Column("said", _("近30天发言"), sort=sortable, num=True),
        Column("joined", _("入群日期"), sort=sortable),
        Column("active", _("最近互动"), sort=sortable),
    ]


def labels(shown: Sequence[Column]) -> dict[str, str]:
    """Column → its label, and what the box of a row says; for rows, which would else translate each word anew."""
    return {"choose": _("选择"), **{column.key: str(column.label) for column in shown}}


def rows_of(page: Page[int]) -> Ints:
    """The page's member bits."""
    return np.array(page.object_list, dtype=np.int64)


def listed(request: BrandRequest, roster: Roster, wanted: Filter, page: Page[int]) -> dict[str, object]:
    """Everything the list shows around its rows."""
    rows = roster.lines(rows_of(page))  # first: it also tells which tags there are
    scope = roster.scope
    return {
        "rows": rows,
        "page": page,
        "day": days.date(scope.complete),
        "total": page.paginator.count,
        "everybody": int(roster.who("").sum()),
        "tiles": tiles(request, roster, wanted),
        "columns": columns(),
        "labels": labels(columns()),
        "sort": wanted.sort,
        "fields": fields(wanted, roster),
        "keep": [("stage", wanted.stage)] if wanted.stage else [],
        "wanted": wanted,
        "day_fields": day_fields(wanted),
        "export_forms": EXPORT_FORMS,
        "chips": [{"label": words, "url": without(request, name)} for name, words in wanted.shown()],
        "clear_url": request.path + (f"?c={scope.node.pk}" if scope.node else ""),
        "sizes": SIZES,
        "size": page.paginator.per_page,
        "tag_names": roster.tag_names,
        "first_day": days.date(scope.since),
        "signature": urlencode({**wanted.rule(), "c": scope.node.pk if scope.node else ""}),
        "may_edit": scope.staff.may("members.edit"),
        "may_export": scope.staff.may("members.export"),
        "may_save": scope.staff.may("audiences.edit"),
        "may_import": scope.staff.may("imports.edit"),
    }


def tiles(request: BrandRequest, roster: Roster, wanted: Filter) -> list[dict[str, object]]:
    """Stages as tiles that filter; pressing the chosen one takes the filter off."""
    counts = roster.stage_counts()
    whole = sum(counts.values()) or 1
    shown = [key for key in (*TILES, "unobserved") if key != "unobserved" or counts[key]]
    return [
        {
            "key": key,
            "label": LABELS[key],
            "count": counts[key],
            "share": counts[key] / whole,
            "percent": round(counts[key] * 100 / whole),
            "is_current": wanted.stage == key,
            "url": without(request, "stage", stage="" if wanted.stage == key else key),
        }
        for key in shown
    ]


def fields(wanted: Filter, roster: Roster) -> list[dict[str, object]]:
    """The controls of the filter bar."""
    return [
        {"name": "q", "label": _("昵称或编号，按 / 聚焦"), "kind": "search", "value": wanted.q},
        {
            "name": "tag",
            "label": _("全部标签"),
            "kind": "select",
            "value": wanted.tag,
            "options": [(name, name) for name in roster.tag_names],
        },
        {
            "name": "who",
            "label": _("群成员"),
            "kind": "select",
            "value": wanted.who,
            "options": who_options(),
        },
    ]


def without(request: HttpRequest, *names: str, **changes: str) -> str:
    """The page's own address without some conditions, or with others; always on its first page."""
    query = request.GET.copy()
    for name in (*names, "page"):
        query.pop(name, None)
    for name, value in changes.items():
        if value:
            query[name] = value
    return f"{request.path}?{query.urlencode()}"


def day_fields(wanted: Filter) -> list[dict[str, str]]:
    """The four days behind “more conditions”."""
    return [
        {"name": name, "label": words, "value": wanted.value(name)} for name, words in day_words().items()
    ]

"""操作日志 as it is read: filtered entries with what changed, and the same as a sheet."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qunying.brands.deeds import DEEDS, PERSONAL, about_label, deed_label, field_label, value_label
from qunying.brands.models import AuditEntry, Brand
from qunying.brands.staffing import choices
from qunying.kit import days
from qunying.kit.sheets import csv_lines

ABOUT_PEOPLE = "personal"
"""Filters by all deeds that show or take out personal data."""


@dataclass(frozen=True)
class Line:
    """One entry in words. `changes` are (what, before, after) of the values that differ."""

    number: int
    at: dt.datetime
    who: str
    deed: str
    about: str
    changes: tuple[tuple[str, str, str], ...]


def entries(brand: Brand, told: Mapping[str, object]) -> QuerySet[AuditEntry]:
    """The brand's log, newest first, narrowed by the filter; days are the brand's."""
    rows = AuditEntry.objects.filter(brand=brand).order_by("-number")
    if told.get("who"):
        rows = rows.filter(who=told["who"])
    if told.get("about"):
        rows = rows.filter(about=told["about"])
    if told.get("deed") == ABOUT_PEOPLE:
        rows = rows.filter(deed__in=PERSONAL)
    elif told.get("deed"):
        rows = rows.filter(deed=told["deed"])
    since, until = told.get("since"), told.get("until")
    if isinstance(since, dt.date):
        rows = rows.filter(at__gte=days.moment(brand.clock.start(days.number(since))))
    if isinstance(until, dt.date):
        rows = rows.filter(at__lt=days.moment(brand.clock.start(days.number(until) + 1)))
    return rows


def fields(brand: Brand, given: Mapping[str, str]) -> list[dict[str, object]]:
    """The filter bar: who, which deed, from and to which day."""
    who = AuditEntry.objects.filter(brand=brand).order_by("who").values_list("who", "who").distinct()
    return [
        {
            "name": "who",
            "label": _("操作人"),
            "kind": "select",
            "value": given.get("who"),
            "options": list(who),
        },
        {
            "name": "deed",
            "label": _("操作"),
            "kind": "select",
            "value": given.get("deed"),
            "options": [(ABOUT_PEOPLE, _("查看或导出个人信息")), *DEEDS.items()],
        },
        {"name": "since", "label": _("开始日期"), "kind": "date", "value": given.get("since")},
        {"name": "until", "label": _("结束日期"), "kind": "date", "value": given.get("until")},
    ]


def looks(brand: Brand, members: Sequence[int]) -> QuerySet[AuditEntry]:
    """Who looked at personal data of one of these members, newest first; lists and files stand in the log alone."""
    about = [f"member:{pk}" for pk in members]
    return AuditEntry.objects.filter(brand=brand, about__in=about, deed__in=PERSONAL).order_by("-number")


def lines(brand: Brand, rows: Iterable[AuditEntry]) -> list[Line]:
    """Entries in words; communities are looked up once for all."""
    places = dict(choices(brand))
    return [_line(entry, places) for entry in rows]


def _line(entry: AuditEntry, places: Mapping[int, str]) -> Line:
    before, after = entry.before or {}, entry.after or {}
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    changes = tuple(
        (
            field_label(key),
            value_label(key, before[key], places=places) if key in before else "—",
            value_label(key, after.get(key), places=places),
        )
        for key in keys
    )
    who = _("系统") if entry.who == "system" else entry.who
    return Line(entry.number, entry.at, who, deed_label(entry.deed), about_label(entry.about), changes)


def sheet(brand: Brand, told: Mapping[str, object]) -> Iterator[bytes]:
    """The same entries as CSV."""
    head = (_("编号"), _("时间"), _("操作人"), _("操作"), _("对象"), _("修改前"), _("修改后"))
    return csv_lines(head, (_cells(brand, entry) for entry in entries(brand, told).iterator()))


def _cells(brand: Brand, entry: AuditEntry) -> tuple[object, ...]:
    shown = _line(entry, {})  # the sheet keeps values as they were kept
    at = entry.at.astimezone(brand.clock.zone).isoformat(" ", "seconds")
    texts = [json.dumps(part, ensure_ascii=False) if part else "" for part in (entry.before, entry.after)]
    return (shown.number, at, shown.who, shown.deed, shown.about, *texts)

"""The tree of communities as its list shows it: order, filters, figures of the last whole week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.http import QueryDict
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.communities.models import Community
from qunying.communities.platforms import platform
from qunying.communities.scope import Scope
from qunying.kit import days
from qunying.metrics.figures import rolled_up
from qunying.metrics.readings import series_of

FIGURES = ("present", "joins", "leaves", "dau", "speaking_rate")
WEEK = 7
TEXTS = ("q", "kind", "level", "platform", "owner", "label", "purpose", "persona", "test", "capacity")


@dataclass(frozen=True)
class Branch:
    """A node of the tree in its order, how deep it hangs, and its figures of the last whole week (None: none)."""

    row: Community
    depth: int
    present: int | None
    joins: int | None
    leaves: int | None
    dau: int | None
    speaking: float | None
    spark: tuple[float | None, ...]

    @property
    def owner(self) -> object:
        return self.row.setting("owner")

    @property
    def covered_to(self) -> dt.date | None:
        return None if self.row.covered_to is None else days.date(self.row.covered_to)


def tree(nodes: Sequence[Community]) -> list[tuple[Community, int]]:
    """Nodes with their depth, children below their parent; a node whose parent is out of reach stands on top."""
    known = {row.pk for row in nodes}
    below: dict[int | None, list[Community]] = {}
    for row in nodes:
        below.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    found: list[tuple[Community, int]] = []

    def hang(parent: int | None, depth: int) -> None:
        for row in below.get(parent, []):
            found.append((row, depth))
            hang(row.pk, depth + 1)

    hang(None, 0)
    return found


def fits(row: Community, given: QueryDict) -> bool:
    """Whether the node fits the filter of the address; every field can be asked."""
    text = given.get("q", "").strip().lower()
    held = {name: getattr(row, name) for name in ("kind", "level", "platform", "purpose")}
    held |= {name: str(row.setting(name)) for name in ("owner", "persona")}
    parts = [row.name, held["purpose"], held["persona"], held["owner"], held["platform"], *row.labels]
    if text and not any(text in part.lower() for part in parts):
        return False
    if any(given.get(name) and given[name] != value for name, value in held.items()):
        return False
    if given.get("label") and given["label"] not in row.labels:
        return False
    if given.get("capacity") in ("set", "none") and (given["capacity"] == "set") != (
        row.capacity is not None
    ):
        return False
    return given.get("test") not in ("0", "1") or (given["test"] == "1") == row.is_excluded


def fields(nodes: Sequence[Community], given: QueryDict) -> list[dict[str, object]]:
    """The filter bar: kinds and levels as declared, the rest as found."""

    def choice(name: str, label: str, options: Sequence[tuple[str, object]]) -> dict[str, object]:
        return {
            "name": name,
            "label": label,
            "kind": "select",
            "value": given.get(name, ""),
            "options": options,
        }

    def those(values: set[str]) -> list[tuple[str, object]]:
        return [(value, value) for value in sorted(values) if value]

    return [
        {"name": "q", "label": _("名称、定位、人群或负责人"), "kind": "search", "value": given.get("q", "")},
        choice("kind", _("全部类型"), Community.Kind.choices),
        choice(
            "platform",
            _("全部平台"),
            [(value, platform(value)) for value, _text in those({row.platform for row in nodes})],
        ),
        choice("owner", _("全部负责人"), those({str(row.setting("owner")) for row in nodes})),
        choice("label", _("全部社群标签"), those({label for row in nodes for label in row.labels})),
        choice("level", _("全部层级"), Community.Level.choices),
        choice("purpose", _("全部定位"), those({row.purpose for row in nodes})),
        choice("persona", _("全部人群"), those({str(row.setting("persona")) for row in nodes})),
        choice("capacity", _("全部上限"), [("set", _("已设人数上限")), ("none", _("未设人数上限"))]),
        choice("test", _("含测试社群"), [("0", _("不含测试社群")), ("1", _("只看测试社群"))]),
    ]


def chips(request: BrandRequest, scope: Scope) -> list[dict[str, str]]:
    """The conditions in force, each with the address without it."""
    found = []
    shown = {field["name"]: field for field in fields(scope.nodes, request.GET)}
    for name in TEXTS:
        value = request.GET.get(name, "").strip()
        if value and name in shown:
            options = shown[name].get("options", ())
            words = dict(options).get(value, value) if isinstance(options, list) else value
            query = request.GET.copy()
            query.pop(name)
            found.append({"label": str(words), "url": f"{request.path}?{query.urlencode()}"})
    return found


def bulk_fields() -> list[tuple[str, str]]:
    """What can be set on several communities at once."""
    return [
        ("labels", _("社群标签")),
        ("kind", _("类型")),
        ("platform", _("平台")),
        ("owner", _("负责人")),
        ("purpose", _("定位")),
        ("persona", _("目标人群")),
        ("capacity", _("人数上限")),
        ("silent_days", _("沉默窗口（天）")),
        ("is_test", _("测试社群")),
    ]


def branches(scope: Scope, rows: Sequence[tuple[Community, int]]) -> list[Branch]:
    """The rows with their figures, read for all of them at once."""
    last = scope.complete
    first = last - 2 * WEEK + 1
    pks = [row.pk for row, _depth in rows]
    values = series_of(scope.brand, FIGURES, first=first, last=last, communities=pks)
    nodes = [row for row, _depth in rows if row.level != Community.Level.COMMUNITY]
    above = rolled_up(scope, nodes, first, last)
    return [
        _branch(row, depth, above.get(row.pk) or {name: values[name, row.pk] for name in FIGURES})
        for row, depth in rows
    ]


def _branch(
    row: Community, depth: int, values: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]
) -> Branch:
    def last(name: str) -> float | None:
        return None if np.isnan(values[name][-1]) else float(values[name][-1])

    def week(name: str) -> int | None:
        part = values[name][-WEEK:]
        return None if np.isnan(part).all() else int(np.nansum(part))

    present, dau = last("present"), last("dau")
    return Branch(
        row=row,
        depth=min(depth, 4),
        present=None if present is None else int(present),
        joins=week("joins"),
        leaves=week("leaves"),
        dau=None if dau is None else int(dau),
        speaking=last("speaking_rate"),
        spark=tuple(None if np.isnan(value) else float(value) for value in values["dau"]),
    )

"""A report's blocks as rows, for files that hold cells instead of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from qunying.kit.refusals import Text
from qunying.metrics.reports.pictures import picture

# A chart's data and a block are of documented shapes (console/_chart.html, the block's own builder), not of one type.
Shape = Mapping[str, Any]


class Share(float):
    """A number to be shown as per cent."""


Cell = str | int | float | None
"""None stays empty."""


@dataclass(frozen=True)
class Drawing:
    """A chart: `data` in the shape that console/_chart.html documents for its kind, None with a reason when empty."""

    key: str
    title: Text
    kind: str
    data: Mapping[str, object] | None
    note: Text = ""
    reason: Text = ""
    wide: bool = True

    @property
    def is_grid(self) -> bool:
        """Whether a page shows it as squares or steps, which print as they stand."""
        return self.kind in ("retention", "heatmap", "steps")

    @property
    def picture(self) -> SafeString:
        """The same without any script, for files."""
        return picture(self.kind, self.data, wide=self.wide) if self.data is not None else SafeString("")


@dataclass(frozen=True)
class Table:
    """表格: rows under their heads, all of them as long as the head. A slide shows the columns of `brief` only, and
    where there is a `drawing` that draws them, that instead."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    brief: tuple[int, ...] = ()
    drawing: Drawing | None = None


def drawn(block: Shape) -> list[Table]:
    """One table for each chart of the block; a chart without data says why."""
    return [_table(each) for each in block.get("drawings", ())]


def _table(drawing: Drawing) -> Table:
    if drawing.data is None:
        return Table(str(drawing.title), (), (), str(drawing.reason))
    head, rows = KINDS[drawing.kind](drawing.data)
    return Table(str(drawing.title), head, tuple(rows), str(drawing.note), drawing=drawing)


Rows = tuple[tuple[str, ...], Sequence[tuple[Cell, ...]]]


def _series(data: Shape) -> Rows:
    series, is_share = data["series"], data.get("unit") == "%"
    columns = [[_cell(value, is_share=is_share) for value in row["values"]] for row in series]
    head = (_("日期") if not data.get("horizontal") else "", *(str(row["name"]) for row in series))
    return head, [(str(label), *(column[at] for column in columns)) for at, label in enumerate(data["x"])]


def _retention(data: Shape) -> Rows:
    width = len(data["cols"])
    rows = []
    for row in data["rows"]:
        cells = [_cell(value, is_share=True) for value in row["values"]]
        rows.append((str(row["label"]), row["n"], *cells, *[None] * (width - len(cells))))
    return (str(data.get("head") or ""), _("人数"), *map(str, data["cols"])), rows


def _hours(data: Shape) -> Rows:
    named = zip(data["rows"], data["values"], strict=True)
    head = ("", *(_("{n} 时").format(n=hour) for hour in range(24)))
    return head, [(str(name), *map(_cell, values)) for name, values in named]


def _steps(data: Shape) -> Rows:
    """Shares with both their parts, which every step but the first tells."""
    head = (
        _("步骤"),
        _("期限"),
        _("人数"),
        *(_("占首步"), _("首步人数"), _("占上一步"), _("上一步人数"), _("说明")),
    )
    rows: list[tuple[Cell, ...]] = []
    for at, step in enumerate(data["steps"]):
        value, shares = step["value"], tuple[Cell, ...]((None,) * 4)
        if value is not None and at:
            shares = (_over(value, step["of"]), step["of"], _over(value, step["before"]), step["before"])
        rows.append((step["name"], step["window"], value, *shares, str(step.get("reason", ""))))
    return head, rows


KINDS: dict[str, Callable[[Shape], Rows]] = {
    "line": _series,
    "bar": _series,
    "stack": _series,
    "retention": _retention,
    "heatmap": _hours,
    "steps": _steps,
}


def _over(part: int, whole: int) -> Share | None:
    return Share(part / whole) if whole else None


def _cell(value: float | None, *, is_share: bool = False) -> Cell:
    return Share(value) if is_share and value is not None else value

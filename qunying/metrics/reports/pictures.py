"""Charts as plain SVG, for files that hold no script: the same data that console/_chart.html draws.

Colours come from classes of the file's own style sheet (s0…s5, compare, tone)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

WIDTH, HEIGHT = 720, 230
HALF = 350
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 10, 22
LABELS = 12
TONES = 5

# A chart's data are JSON of documented shapes (console/_chart.html), not of one type.
Data = Mapping[str, Any]


def picture(kind: str, data: Data, *, wide: bool = True) -> SafeString:
    """The chart as one <svg>, or as a table for triangles and hours."""
    body = PICTURES[kind](data, WIDTH if wide else HALF)
    # Every text in it went through `escape`; everything else is our own numbers.
    return mark_safe(body)  # noqa: S308


def _line(data: Data, width: int) -> str:
    series, labels = data["series"], data["x"]
    values = [value for row in series for value in row["values"] if value is not None]
    scale = Scale(min(0, *values, 0), max([*values, 1]), HEIGHT)
    across = (width - LEFT - RIGHT) / max(len(labels) - 1, 1)
    parts = [scale.grid(width, data.get("unit")), _ticks(labels, lambda at: LEFT + at * across)]
    for place, row in enumerate(series):
        style = f"s{row.get('of', place)}" + (" compare" if row.get("compare") else "")
        spots = [(at, scale.y(value)) for at, value in enumerate(row["values"]) if value is not None]
        run = " ".join(f"{LEFT + at * across:.1f},{y:.1f}" for at, y in spots)
        parts.append(f'<polyline class="line {style}" points="{run}"/>')
    return _svg(width, HEIGHT, parts) + _legend(series)


def _bars(data: Data, width: int, *, is_stack: bool = False) -> str:
    if data.get("horizontal"):
        return _lying(data, width)
    series, labels = data["series"], data["x"]
    low, high = _reach(series, len(labels), is_stack)
    scale = Scale(low, high, HEIGHT)
    room = (width - LEFT - RIGHT) / max(len(labels), 1)
    thick = room * 0.72 / (1 if is_stack else len(series))
    parts = [scale.grid(width, data.get("unit")), _ticks(labels, lambda at: LEFT + (at + 0.5) * room)]
    for at in range(len(labels)):
        up = down = 0.0
        for place, row in enumerate(series):
            value = row["values"][at] or 0
            base = (up if value >= 0 else down) if is_stack else 0.0
            x = LEFT + at * room + room * 0.14 + (0 if is_stack else place * thick)
            top, end = sorted((scale.y(base), scale.y(base + value)))
            size = f'width="{thick:.1f}" height="{end - top:.1f}"'
            parts.append(f'<rect class="s{place}" x="{x:.1f}" y="{top:.1f}" {size}/>')
            up, down = (up + value, down) if value >= 0 else (up, down + value)
    return _svg(width, HEIGHT, parts) + _legend(series)


def _reach(series: Sequence[Data], many: int, is_stack: bool) -> tuple[float, float]:
    """The least and the greatest height the bars need."""
    columns = [[row["values"][at] or 0 for row in series] for at in range(many)]
    if is_stack:
        ups = [sum(value for value in column if value > 0) for column in columns]
        downs = [sum(value for value in column if value < 0) for column in columns]
        return min([0, *downs]), max([1, *ups])
    flat = [value for column in columns for value in column]
    return min([0, *flat]), max([1, *flat])


def _lying(data: Data, width: int) -> str:
    values, labels = data["series"][0]["values"], data["x"]
    most = max([value or 0 for value in values] + [1])
    parts = []
    for at, (label, value) in enumerate(zip(labels, values, strict=True)):
        y, long = at * 30 + 8, (width - 150) * (value or 0) / most
        parts.append(f'<text x="74" y="{y + 13}" class="end">{escape(str(label))}</text>')
        parts.append(f'<rect class="s0" x="82" y="{y}" width="{long:.1f}" height="18" rx="3"/>')
        parts.append(f'<text x="{88 + long:.1f}" y="{y + 13}">{_number(value)}</text>')
    return _svg(width, len(labels) * 30 + 8, parts)


def _retention(data: Data, _width: int) -> str:
    head = "".join(f'<th scope="col">{escape(str(column))}</th>' for column in data["cols"])
    lines = []
    for row in data["rows"]:
        cells = "".join(_cell(value) for value in row["values"])
        rest = "<td></td>" * (len(data["cols"]) - len(row["values"]))
        lines.append(
            f'<tr><th scope="row">{escape(str(row["label"]))}</th><td>{row["n"]:,}</td>{cells}{rest}</tr>'
        )
    return _cells("cells", f'<th scope="col">n</th>{head}', lines)


def _cell(value: float | None) -> str:
    if value is None:
        return "<td></td>"
    return f'<td class="tone{_tone(value, 0.6)}">{value * 100:.1f}%</td>'


def _hours(data: Data, _width: int) -> str:
    most = max([value or 0 for row in data["values"] for value in row] + [1])
    head = "".join(f'<th scope="col">{hour if hour % 3 == 0 else ""}</th>' for hour in range(24))
    lines = [
        f'<tr><th scope="row">{escape(str(name))}</th>'
        + "".join(f'<td class="tone{_tone(value or 0, most)}">{_short(value)}</td>' for value in row)
        + "</tr>"
        for name, row in zip(data["rows"], data["values"], strict=True)
    ]
    return _cells("cells hours", head, lines)


def _steps(data: Data, _width: int) -> str:
    """A table with a bar in each line; shares with both their parts, which every step but the first tells."""
    lines = []
    for at, step in enumerate(data["steps"]):
        value = step["value"]
        name = f'<th scope="row">{escape(step["name"])} <small>{escape(step["window"])}</small></th>'
        if value is None:
            lines.append(f'<tr>{name}<td colspan="4">— {escape(step["reason"])}</td></tr>')
            continue
        first, before = (step["of"], step["before"]) if at else (value, value)
        long = 200 * value / first if first else 0
        rect = f'<rect class="s0" width="{long:.1f}" height="14" rx="3"/>'
        bar = f'<svg class="picture" viewBox="0 0 200 14">{rect}</svg>'
        shares = [_share(value, base) if at else "" for base in (first, before)]
        cells = f"<td>{bar}</td><td>{_number(value)}</td><td>{shares[0]}</td><td>{shares[1]}</td>"
        lines.append(f"<tr>{name}{cells}</tr>")
    heads = "".join(
        f'<th scope="col">{escape(text)}</th>' for text in ("", _("人数"), _("占首步"), _("占上一步"))
    )
    return _cells("cells steps-table", heads, lines)


def _share(value: int, base: int) -> str:
    return f"{f'{value / base * 100:.1f}%' if base else '—'} <small>{value:,}/{base:,}</small>"


def _cells(style: str, head: str, lines: Sequence[str]) -> str:
    body = "".join(lines)
    return f'<table class="{style}"><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>'


def _tone(value: float, most: float) -> int:
    """0 for nothing, then 1 to 5."""
    return 0 if value <= 0 else min(TONES, 1 + int(value / most * TONES * 0.999))


class Scale:
    """Values to heights, with round steps."""

    def __init__(self, low: float, high: float, height: int) -> None:
        rough = (high - low) / 4 or 1
        size = 10.0 ** math.floor(math.log10(rough))
        self.step = next(size * by for by in (1, 2, 2.5, 5, 10) if size * by >= rough)
        self.low, self.high = math.floor(low / self.step) * self.step, math.ceil(high / self.step) * self.step
        self.height = height

    def y(self, value: float) -> float:
        inner = self.height - TOP - BOTTOM
        return TOP + inner * (self.high - value) / ((self.high - self.low) or 1)

    def grid(self, width: int, unit: object) -> str:
        """Lines with their values."""
        lines = []
        for at in range(round((self.high - self.low) / self.step) + 1):
            value = self.low + at * self.step
            y = self.y(value)
            shown = f"{value * 100:.0f}%" if unit == "%" else _number(round(value, 2))
            lines.append(f'<path class="grid" d="M{LEFT},{y:.1f}H{width - RIGHT}"/>')
            lines.append(f'<text class="end" x="{LEFT - 6}" y="{y + 4:.1f}">{shown}</text>')
        return "".join(lines)


def _ticks(labels: Sequence[object], at_x: Callable[[int], float]) -> str:
    every = -(-len(labels) // LABELS)
    return "".join(
        f'<text class="mid" x="{at_x(at):.1f}" y="{HEIGHT - 5}">{escape(str(label))}</text>'
        for at, label in enumerate(labels)
        if at % every == 0
    )


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    return f'<svg class="picture" viewBox="0 0 {width} {height}" role="img">{"".join(parts)}</svg>'


def _legend(series: Sequence[Data]) -> str:
    items = []
    for place, row in enumerate(series):
        style = f"s{row.get('of', place)}" + (" compare" if row.get("compare") else "")
        items.append(f'<span><i class="{style}"></i>{escape(str(row["name"]))}</span>')
    return f'<p class="picture-key">{"".join(items)}</p>' if len(items) > 1 else ""


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def _short(value: float | None) -> str:
    """At most four signs, for small squares."""
    if not value:
        return ""
    return f"{value:.0f}" if value < 10_000 else f"{value / 1000:.0f}k"


PICTURES: dict[str, Callable[[Data, int], str]] = {
    "line": _line,
    "bar": _bars,
    "stack": lambda data, width: _bars(data, width, is_stack=True),
    "retention": _retention,
    "heatmap": _hours,
    "steps": _steps,
}

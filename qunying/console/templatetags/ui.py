"""Numbers, dates, icons and sparklines as screens show them, in the reader's language. Blank is always “—”."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from zoneinfo import ZoneInfo

from django import template
from django.http import QueryDict
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

Number = int | float

BLANK = "—"
AVATARS = 8
CHINESE_UNITS = ((100_000_000, "亿"), (10_000, "万"))
LATIN_UNITS = ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K"))
JSON_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@cache
def icon(name: str, size: str = "") -> SafeString:
    """An icon of the sprite (frontend/icons.txt), hidden from screen readers; size "s" or "l"."""
    sprite = static("dist/icons.svg")
    shape = '<svg class="i{}" width="18" height="18" aria-hidden="true"><use href="{}#{}"></use></svg>'
    return format_html(shape, f" {size}" if size else "", sprite, name)


def fixed(name: str) -> SafeString:
    """A fragment that depends on nothing but the language, rendered once a process for each."""
    return _fixed(name, get_language())


@cache
def _fixed(name: str, _language: str | None) -> SafeString:
    return render_to_string(name)


def qs(context: Context, **changes: object) -> str:
    """The page's own query with some parameters changed; None or "" drops one; a change forgets the page number."""
    query: QueryDict = context["request"].GET.copy()
    if "page" not in changes:
        query.pop("page", None)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


def spark(values: Sequence[Number | None], width: int = 120, height: int = 38) -> SafeString:
    """A sparkline as inline SVG; a blank day leaves a gap, fewer than two numbers draw nothing."""
    known = [value for value in values or () if value is not None]
    if len(known) < 2:
        return SafeString("")
    low, high = min(known), max(known)
    across, down = width / (len(values) - 1), (height - 6) / ((high - low) or 1)
    runs: list[list[str]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{at * across:.1f},{height - 3 - (value - low) * down:.1f}")
    paths = "".join(_spark_run(points, height) for points in runs if points)
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" preserveAspectRatio="none"'
    # Built from our own numbers only: nothing here comes from outside.
    return mark_safe(f'<svg class="spark" {box} aria-hidden="true">{paths}</svg>')  # noqa: S308


def _spark_run(points: Sequence[str], height: int) -> str:
    line = "L".join(points)
    first, last = points[0].split(",")[0], points[-1].split(",")[0]
    area = f'<path class="area" d="M{first},{height}L{line}L{last},{height}Z"/>'
    return f'{area}<path d="M{line}"/>'


def num(value: Number | None, style: str = "") -> str:
    """1,234; from a million on 123.4万, 1.2亿 or 1.2M by language; style "full" never shortens, "short" from 10,000."""
    if value is None:
        return BLANK
    if style != "full" and abs(value) >= (10_000 if style == "short" else 1_000_000):
        return _short(value)
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"


def _short(value: Number) -> str:
    for size, unit in CHINESE_UNITS if _is_chinese() else LATIN_UNITS:
        if abs(value) >= size:
            return f"{value / size:,.1f}".removesuffix(".0") + unit
    return f"{value:,}"


def _is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def pct(value: Number | None, digits: int = 1) -> str:
    """A share (0.331) as 33.1%; None is blank, never 0%."""
    return BLANK if value is None else f"{value * 100:.{int(digits)}f}%"


def pp(value: Number | None) -> str:
    """A difference of two shares (−0.062) as −6.2 个百分点."""
    return BLANK if value is None else gettext("%(n)s 个百分点") % {"n": _signed(value * 100)}


def delta(value: Number | None) -> str:
    """A relative change (0.152) as +15.2%."""
    return BLANK if value is None else f"{_signed(value * 100)}%"


def _signed(value: Number) -> str:
    rounded = round(value, 1)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{abs(rounded):,.1f}"


def jsn(value: object) -> SafeString:
    """JSON that is safe inside <script type="application/json">."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    # The three signs that could end the element or start an entity are escaped just here.
    return mark_safe(text.translate(JSON_ESCAPES))  # noqa: S308


def day(value: dt.date | None, style: str = "") -> str:
    """2026-11-20; style "short" is 11-20."""
    if value is None:
        return BLANK
    return value.strftime("%m-%d" if style == "short" else "%Y-%m-%d")


def moment(value: dt.datetime | None, zone: str = "") -> str:
    """2026-11-20 19:53 in the named zone, by default the active one."""
    if value is None:
        return BLANK
    return timezone.localtime(value, ZoneInfo(zone) if zone else None).strftime("%Y-%m-%d %H:%M")


def avatar_class(name: object) -> str:
    """av0…av7, the same for the same name in every process."""
    return f"av{zlib.crc32(str(name).encode()) % AVATARS}"


FILTERS: tuple[Callable[..., str], ...] = (num, pct, pp, delta, jsn, day, moment, avatar_class)
TAGS: tuple[Callable[..., str], ...] = (icon, spark, fixed)

register = template.Library()
for _filter in FILTERS:
    register.filter(_filter.__name__, _filter)
for _tag in TAGS:
    register.simple_tag(_tag)
register.simple_tag(qs, takes_context=True)

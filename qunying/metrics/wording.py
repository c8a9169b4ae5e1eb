"""A metric's value and its change as a card says them, by the metric's unit; a blank value is None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qunying.metrics.kinds import Metric, Unit

Direction = Literal["up", "down", "flat"]
SHARES = ("share",)
TURNS = "人次"
WORDS = {"messages": "条", "valid_messages": "条", "voice.mentions": "条", "floods": "条", "questions": "个"}
"""Counting words of Chinese for acts: of flows, and of some other metrics."""


def said(value: float | None, unit: Unit) -> str | None:
    """1,234 people, 33.1 %, 2.4 a head; −3 with a real minus."""
    if value is None:
        return None
    if unit in SHARES:
        return f"{value * 100:.1f}%"
    shown = f"{abs(value):,.0f}" if float(value).is_integer() else f"{abs(value):,.1f}"
    return f"−{shown}" if value < 0 else shown


def counted(metric: Metric) -> str:
    """The counting word behind the value."""
    if metric.unit == "times":
        word = TURNS if metric.topic == "flows" else WORDS.get(metric.key, "次")
        return word if (get_language() or "zh").startswith("zh") else ""  # English counts without a word
    return {"people": _("人"), "minutes": _("分钟")}.get(metric.unit, "")


@dataclass(frozen=True)
class Change:
    """Of two values: percentage points for shares, per cent for counts."""

    text: str
    direction: Direction


def change(now: float | None, before: float | None, unit: Unit) -> Change | None:
    if now is None or before is None:
        return None
    if unit in SHARES:
        points = round((now - before) * 100, 1)
        return Change(_("{n} 个百分点").format(n=_signed(points)), _direction(points))
    if before == 0:
        return None
    share = round((now - before) / abs(before) * 100, 1)
    return Change(f"{_signed(share)}%", _direction(share))


def difference(now: float, before: float) -> Change:
    """Of two values that may be negative, where a ratio says nothing."""
    gap = now - before
    return Change(f"{'+' if gap > 0 else '−' if gap < 0 else ''}{abs(gap):,.0f}", _direction(gap))


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value):,.1f}"


def _direction(value: float) -> Direction:
    return "up" if value > 0 else "down" if value < 0 else "flat"

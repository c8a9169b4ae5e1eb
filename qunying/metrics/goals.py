"""目标: what a brand wants a figure to be, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass

from qunying.brands.preferences import number
from qunying.communities.scope import Scope
from qunying.metrics.kinds import Metric
from qunying.metrics.preferences import GOALS
from qunying.metrics.wording import said


@dataclass(frozen=True)
class Goal:
    """The goal in words, and the share of it that is reached in whole per cent, at most 100."""

    text: str
    share: int


def goal(scope: Scope, entry: Metric, value: float | None) -> Goal | None:
    """Of the figure where one is set. Rates have the same goal everywhere; a number of people is the brand's, so one
    community has none."""
    wanted = number(scope.brand, f"goal.{entry.key}") if entry.key in GOALS else 0
    if not wanted or value is None or (entry.unit != "share" and scope.node is not None):
        return None
    target = wanted / 100 if entry.unit == "share" else float(wanted)
    return Goal(said(target, entry.unit) or "", min(100, int(value / target * 100)))

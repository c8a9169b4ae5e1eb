"""The shape of a playbook and of its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qunying.kit import catalog
from qunying.kit.errors import Missing
from qunying.kit.refusals import Text


@dataclass(frozen=True)
class StepKind:
    """步骤类型: `todo` asks a staff member to do something, `draft` lays words ready to be sent."""

    key: Literal["todo", "draft"]
    label: Text


@dataclass(frozen=True)
class Step:
    """One step: so many days after the start (0: the same day), what kind, and its words. `content` is the kind of
    content of a draft."""

    day: int
    kind: Literal["todo", "draft"]
    text: Text
    content: str = "interaction"


@dataclass(frozen=True)
class Playbook:
    """运营SOP: `why` it helps, its steps, the metric that should move (`good`: which way) and after how many
    days that is looked at. `version` grows with its words or steps."""

    key: str
    label: Text
    why: Text
    steps: tuple[Step, ...]
    metric: str
    good: Literal["up", "down"]
    window: int
    version: int = 1

    @property
    def days(self) -> int:
        return max(step.day for step in self.steps) + 1


def playbook(key: str) -> Playbook:
    """The declared playbook, or Missing."""
    for entry in catalog.collect("playbooks"):
        if entry.key == key:
            found: Playbook = entry
            return found
    raise Missing("playbooks.unknown", playbook=key)

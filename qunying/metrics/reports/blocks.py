"""What a report is made of. Apps declare their blocks in `report_blocks`; a report shows them in their order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from qunying.brands.models import Brand
from qunying.communities.scope import Scope
from qunying.kit.refusals import Text
from qunying.metrics.asking import Asker
from qunying.metrics.reports.range import Range
from qunying.metrics.reports.tables import Table, drawn


@dataclass(frozen=True)
class About:
    """What one report is about and who reads it: `scope.staff` decides which names and links appear."""

    scope: Scope
    range: Range
    at: dt.datetime

    @property
    def brand(self) -> Brand:
        return self.scope.brand

    @cached_property
    def asker(self) -> Asker:
        """The one door to its numbers; keeps what it has read for all blocks."""
        return Asker(self.brand, self.scope.known, at=self.at)


@dataclass(frozen=True)
class News:
    """One thing that happened: for the daily report's three. Heavier ones come first."""

    title: str
    proof: str
    weight: float
    level: str = "info"
    url: str = ""


def no_news(about: About) -> Sequence[News]:
    """For blocks that tell nothing."""
    return ()


@dataclass(frozen=True)
class Block:
    """报告板块: `build` gives what `template` shows as `block` and a JSON report holds; None leaves it out.

    `news` tells what of it happened on the last day of the range; `tables` puts what was built in rows, for workbooks
    and slides, by default those of its charts. Blocks stand by `order`: figures 10, charts 20,
    retention 30, newcomers 32, what was found 40, what to do 45, people 50–60, comments 80, definitions 90.
    """

    key: str
    label: Text
    build: Callable[[About], Mapping[str, object] | None]
    template: str
    order: int
    news: Callable[[About], Sequence[News]] = no_news
    tables: Callable[[Mapping[str, Any]], Sequence[Table]] = drawn

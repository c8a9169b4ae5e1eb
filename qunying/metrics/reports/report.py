"""A report put together: every declared block that has something to say, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qunying.kit import catalog
from qunying.kit.errors import Refused
from qunying.metrics.reports.blocks import About, Block, News
from qunying.metrics.reports.tables import Table


@dataclass(frozen=True)
class Part:
    """One block with what it shows, and the same in rows."""

    key: str
    label: str
    template: str
    block: Mapping[str, object]
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Report:
    about: About
    parts: tuple[Part, ...]

    @property
    def title(self) -> str:
        return self.about.range.title


def compose(about: About) -> Report:
    """The report with all its blocks; refused where there is no data at all."""
    if not about.scope.known:
        raise Refused("metrics.nothing_to_report", place=about.scope.name)
    parts = []
    for block in blocks():
        shown = block.build(about)
        if shown is not None:
            rows = tuple(block.tables(shown))
            parts.append(Part(block.key, str(block.label), block.template, shown, rows))
    return Report(about, tuple(parts))


def news(about: About, most: int) -> Sequence[News]:
    """The weightiest of what the blocks tell of the range's last day."""
    told = [item for block in blocks() for item in block.news(about)]
    return sorted(told, key=lambda item: -item.weight)[:most]


def blocks() -> list[Block]:
    """All declared blocks in their order."""
    return sorted(catalog.collect("report_blocks"), key=lambda block: block.order)

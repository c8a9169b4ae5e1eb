"""What one import saw, for the JSON of `qunying import` and the result page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from qunying.connectors.incoming import Duplicates, Unknown
from qunying.connectors.texts import clean

KEPT_UNKNOWN = 50


@dataclass
class Summary:
    """Totals of one file. `first` and `last` are milliseconds UTC of the earliest and latest fact; `chats` are the
    chats by platform and key, which stay what they are when a community is renamed. Of a member table `policy` is how
    it treats people who were known before, `known` and `fresh` are whom its rows are about."""

    communities: list[str] = field(default_factory=list)
    chats: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    people: set[int] = field(default_factory=set)
    policy: Duplicates | None = None
    known: set[int] = field(default_factory=set)
    fresh: set[int] = field(default_factory=set)
    speakers: set[int] = field(default_factory=set)
    first: int | None = None
    last: int | None = None
    unknown: list[dict[str, object]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    encoding: str = ""


def note_unknown(summary: Summary, entry: Unknown) -> None:
    """Count a line nobody could place and keep the first fifty to show."""
    summary.counts["unknown_lines"] += 1
    if len(summary.unknown) < KEPT_UNKNOWN:
        summary.unknown.append({"line": entry.line, "why": entry.why, "raw": clean(entry.raw)[:200]})

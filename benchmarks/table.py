"""Runs one benchmark and prints a row for each thing measured: python -m benchmarks.table NAME [--json]"""

from __future__ import annotations

import json
import signal
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One thing measured: our seconds (or MB), the peer's, whether both gave one answer; None: there is no peer."""

    name: str
    ours: float
    peer: float | None = None
    equal: bool | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        """How many times faster or smaller we are; below 1 we are slower or bigger."""
        return self.peer / self.ours if self.peer is not None else None


def seconds(deed: Callable[[], T], *, times: int = 5) -> tuple[float, T]:
    """The median of several runs after a first one that warms up, and the answer."""
    answer = deed()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        answer = deed()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), answer


def compare(name: str, ours: Callable[[], object], peer: Callable[[], object], *, times: int = 5) -> Row:
    """Measure the same question asked of us and of a peer."""
    (mine, my_answer), (other, other_answer) = seconds(ours, times=times), seconds(peer, times=times)
    return Row(name, mine, other, my_answer == other_answer)


def main(words: list[str]) -> int:
    """0 when every answer equals the peer's; benchmarks/NAME.py's `measure` yields the rows."""
    files = Path(__file__).parent.glob("*.py")
    there = sorted(path.stem for path in files if "\ndef measure(" in path.read_text("utf-8"))
    names = [word for word in words if not word.startswith("-")]
    if len(names) != 1 or names[0] not in there:
        print(f"Name one benchmark: {', '.join(there)}", file=sys.stderr)
        return 2
    rows: list[Row] = list(import_module(f"benchmarks.{names[0]}").measure())
    print(as_json(rows) if "--json" in words else as_table(rows))
    return 1 if any(row.equal is False for row in rows) else 0


def as_json(rows: list[Row]) -> str:
    """For machines; seconds."""
    return json.dumps([{**asdict(row), "ratio": row.ratio} for row in rows], ensure_ascii=False, indent=2)


def as_table(rows: list[Row]) -> str:
    """For people."""
    cells = [("name", "ours", "peer", "ratio", "equal")]
    for row in rows:
        ratio = "–" if row.ratio is None else f"{row.ratio:.1f}×"
        equal = {True: "yes", False: "NO", None: "–"}[row.equal]
        cells.append((row.name, spoken(row.ours, row.unit), spoken(row.peer, row.unit), ratio, equal))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for name, *rest in cells:
        figures = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        lines.append("  ".join([name.ljust(widths[0]), *figures]))
    return "\n".join(lines)


def spoken(taken: float | None, unit: str = "s") -> str:
    """Seconds in the unit that reads best; anything else in its own."""
    if taken is None:
        return "–"
    if unit != "s":
        return f"{taken:,.0f} {unit}"
    if taken >= 1:
        return f"{taken:.2f} s"
    return f"{taken * 1e3:.2f} ms" if taken >= 1e-3 else f"{taken * 1e6:.1f} µs"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # an exit that stops the servers that were started
    sys.exit(main(sys.argv[1:]))

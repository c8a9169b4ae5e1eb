"""The board of one year against the labs' best SQL: DAU, WAU, MAU, speakers and D0–D30 cohorts of 50 communities and
overall. Ours reads the day sets that `record_many` and the projectors filled; DuckDB and ClickHouse read the activity
table they would keep; ClickHouse also reads the raw log. Answers are compared before times.

QUNYING_BENCH_FACTS says how many facts (default 10,000,000; members are a fiftieth of that).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Row, seconds

Ints = NDArray[np.int64]
FACTS = int(os.environ.get("QUNYING_BENCH_FACTS", "10000000"))
MEMBERS, PLACES, DAYS, DEPTH = FACTS // 50, 50, 365, 30
FIRST = 20_089  # 2025-01-01


def life(seed: int = 1) -> tuple[Ints, Ints, Ints, Ints]:
    """Columns day, member, community, kind of the facts, by day: members join over the year and tire, a few
    never do."""
    draw = np.random.Generator(np.random.PCG64(seed))
    joined = np.sort((DAYS * draw.random(MEMBERS) ** 1.5).astype(np.int64))
    stamina = np.where(draw.random(MEMBERS) < 0.12, 400.0, draw.exponential(40, MEMBERS))
    home = (PLACES * draw.random(MEMBERS) ** 2).astype(np.int64)
    weight = draw.pareto(1.5, MEMBERS) + 0.2
    member = draw.choice(MEMBERS, size=FACTS, p=weight / weight.sum())
    age = np.minimum(draw.exponential(stamina[member]), DAYS).astype(np.int64)
    day = joined[member] + age
    keep = day < DAYS
    day, member = day[keep], member[keep]
    elsewhere = draw.random(len(day)) < 0.1
    community = np.where(elsewhere, (home[member] * 7 + member) % PLACES, home[member])
    kind = np.where(draw.random(len(day)) < 0.6, 1, 4)
    order = np.argsort(day, kind="stable")
    return day[order], member[order], community[order], kind[order]


def measure() -> Iterator[Row]:
    """Fill ours and the peers', then ask each the same question."""
    with tempfile.TemporaryDirectory(prefix="qunying-bench-") as folder:
        from benchmarks import board_ours, board_peers

        facts = life()
        board_ours.set_up(Path(folder))
        place = board_ours.fill(facts, first=FIRST, members=MEMBERS, places=PLACES)
        ours, answer = seconds(lambda: board_ours.year(place, FIRST, DAYS, DEPTH))
        for name, ask in board_peers.engines(facts, (PLACES, DAYS, DEPTH)).items():
            taken, other = seconds(ask, times=3)
            equal = all(np.array_equal(answer[key], other[key]) for key in answer)
            yield Row(f"board of a year, {len(facts[0]):,} facts: {name}", ours, taken, equal)
        taken, _today = seconds(lambda: board_ours.today(place, FIRST + DAYS - 1))
        yield Row("today's column, nothing cached (peer: 10 ms)", taken, 0.010)

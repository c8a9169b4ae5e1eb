"""The peers of the board benchmark: DuckDB and ClickHouse with the activity table they would keep, ClickHouse from raw.

Each gets the formulation that is fastest for it: one pass for daily counts, the gap to the next active day instead of
window unions, and a grouped count for cohorts. The small arrays left are finished in numpy, as ours are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import chdb.session
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Shape = tuple[int, int, int]
Answer = dict[str, Ints]
FAR = 100_000
SETTINGS = "settings max_threads = 2"


def engines(facts: tuple[Ints, Ints, Ints, Ints], shape: Shape) -> dict[str, Callable[[], Answer]]:
    """Name → question over tables that are ready."""
    table = activity(facts, shape)
    return {
        "DuckDB, activity table": duck(table, shape),
        "ClickHouse, activity table": click(table, shape),
        "ClickHouse, raw log": click_raw(facts, shape),
    }


def activity(facts: tuple[Ints, Ints, Ints, Ints], shape: Shape) -> pa.Table:
    """One row per (community, member, active day), overall as community `places`, with the cohort day of each."""
    day, member, community, kind = facts
    places, days, _depth = shape
    people = int(member.max()) + 1
    parts = []
    for line, who in (
        (community, community * people + member),
        (np.full(len(day), places), places * people + member),
    ):
        key, at = np.unique(who * days + day, return_inverse=True)
        spoke = np.zeros(len(key), dtype=np.int8)
        np.maximum.at(spoke, at, (kind == 1).astype(np.int8))
        parts.append((key // days // people, key // days % people, key % days, spoke, key // days))
        del line
    own, person, when, spoke, pair = (np.concatenate(column) for column in zip(*parts, strict=True))
    first = np.append(True, np.diff(pair) != 0)
    born = when[np.flatnonzero(first)[np.cumsum(first) - 1]]
    names = ("community", "member", "day", "spoke", "joined")
    return pa.table(
        dict(
            zip(names, (column.astype(np.int32) for column in (own, person, when, spoke, born)), strict=True)
        )
    )


def finish(shape: Shape, daily: list[Ints], ends: list[Ints], cohorts: list[Ints]) -> Answer:
    """Rolling figures as running sums of starts minus window ends; sparse answers into arrays."""
    places, days, depth = shape
    dau, spoke = (np.zeros((places + 1, days), dtype=np.int64) for _ in range(2))
    dau[daily[0], daily[1]], spoke[daily[0], daily[1]] = daily[2], daily[3]
    found: Answer = {"dau": dau, "speakers": spoke}
    for name, column in (("wau", ends[1]), ("mau", ends[2])):
        minus = np.zeros((places + 1, days + 40), dtype=np.int64)
        np.add.at(minus, (ends[0], np.minimum(column, days + 39)), ends[3])
        found[name] = np.cumsum(dau - minus[:, :days], axis=1)
    triangle: Ints = np.zeros((places + 1, days, depth + 1), dtype=np.int64)
    triangle[cohorts[0], cohorts[1], cohorts[2]] = cohorts[3]
    found["retention"] = triangle
    return found


def duck(table: pa.Table, shape: Shape) -> Callable[[], Answer]:
    con = duckdb.connect()
    con.register("given", table)
    con.execute("create table act as select * from given order by community, member, day")

    def fetch(sql: str) -> list[Ints]:
        return [np.asarray(column).astype(np.int64) for column in con.execute(sql).fetchnumpy().values()]

    def ask() -> Answer:
        daily = fetch("select community, day, count(*), sum(spoke) from act group by 1, 2")
        ends = fetch(
            f"with g as (select community, day, coalesce(lead(day) over (partition by community, member order by day), {FAR})"
            " - day as gap from act) select community, day + least(gap, 7), day + least(gap, 30), count(*) from g group by 1, 2, 3"
        )
        cohorts = fetch(
            "select community, joined, day - joined, count(*) from act "
            f"where day - joined between 0 and {shape[2]} group by 1, 2, 3"
        )
        return finish(shape, daily, ends, cohorts)

    return ask


class ClickHouse:
    """ClickHouse's engine in this process, with a folder of its own. One engine a process, so it is shared."""

    _session: chdb.session.Session | None = None

    def __init__(self) -> None:
        if ClickHouse._session is None:
            ClickHouse._session = chdb.session.Session(tempfile.mkdtemp(prefix="qunying-chdb-"))
        self.session = ClickHouse._session

    def run(self, sql: str) -> None:
        self.session.query(sql)

    def fetch(self, sql: str) -> list[Ints]:
        answer = self.session.query(f"{sql} {SETTINGS}", "Arrow").bytes()
        table = pa.ipc.open_file(pa.BufferReader(answer)).read_all()
        return [column.to_numpy().astype(np.int64) for column in table.columns]

    def load(self, name: str, table: pa.Table, columns: str, order: str) -> None:
        path = Path(tempfile.mkdtemp(prefix="qunying-parquet-")) / "table.parquet"
        pq.write_table(table, path)
        self.run(f"create table {name} ({columns}) engine = MergeTree order by ({order})")
        self.run(f"insert into {name} select * from file('{path}', Parquet)")
        self.run(f"optimize table {name} final")


def click(table: pa.Table, shape: Shape) -> Callable[[], Answer]:
    engine = ClickHouse()
    columns = "community UInt8, member UInt32, day Int32, spoke UInt8, joined Int32"
    engine.load("act", table, columns, "community, member, day")

    def ask() -> Answer:
        daily = engine.fetch("select community, day, count(), sum(spoke) from act group by 1, 2")
        ends = engine.fetch(
            "select community, e7, e30, count() from (select community, member, arraySort(groupArray(day)) as ds, "
            f"arrayPushBack(arrayPopFront(ds), {FAR}) as nx from act group by community, member) "
            "array join arrayMap((a, b) -> least(a + 7, b), ds, nx) as e7, "
            "arrayMap((a, b) -> least(a + 30, b), ds, nx) as e30 group by 1, 2, 3"
        )
        cohorts = engine.fetch(
            "select community, joined, day - joined as k, count() from act "
            f"where k between 0 and {shape[2]} group by 1, 2, 3"
        )
        return finish(shape, daily, ends, cohorts)

    return ask


def click_raw(facts: tuple[Ints, Ints, Ints, Ints], shape: Shape) -> Callable[[], Answer]:
    engine = ClickHouse()
    day, member, community, kind = (column.astype(np.int32) for column in facts)
    table = pa.table({"community": community, "member": member, "day": day, "kind": kind})
    engine.load(
        "ev", table, "community UInt8, member UInt32, day Int32, kind UInt8", "community, day, member"
    )

    def ask() -> Answer:
        parts: list[list[list[Ints]]] = [[], [], []]
        for line, by in (("community", "community, member"), (f"toUInt8({shape[0]})", "member")):
            base = (
                f"(select {by}, arraySort(groupUniqArray(day)) as ds, arraySort(groupUniqArrayIf(day, kind = 1)) as ss, "
                f"arrayPushBack(arrayPopFront(ds), {FAR}) as nx from ev group by {by})"
            )
            parts[0].append(
                engine.fetch(
                    f"select {line}, d, count(), sum(has(ss, d)) from {base} array join ds as d group by 1, 2"
                )
            )
            parts[1].append(
                engine.fetch(
                    f"select {line}, e7, e30, count() from {base} array join arrayMap((a, b) -> least(a + 7, b), ds, nx) "
                    "as e7, arrayMap((a, b) -> least(a + 30, b), ds, nx) as e30 group by 1, 2, 3"
                )
            )
            parts[2].append(
                engine.fetch(
                    f"select {line}, ds[1] as joined, d - joined as k, count() from {base} array join ds as d "
                    f"where k between 0 and {shape[2]} group by 1, 2, 3"
                )
            )
        joined = [[np.concatenate(column) for column in zip(*part, strict=True)] for part in parts]
        return finish(shape, joined[0], joined[1], joined[2])

    return ask

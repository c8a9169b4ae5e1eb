"""The door of the log: `record_many` appends, `read` hands facts out in commit order as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import cast

import numpy as np
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from qunying.brands.actions import lock
from qunying.brands.models import Brand
from qunying.brands.rows import Value, insert_columns
from qunying.facts.models import Fact

Ints = NDArray[np.int64]

WRITTEN = (
    "brand",
    "community",
    "channel",
    "member",
    "other",
    "kind",
    "happened_at",
    "day",
    "subject",
    "value",
    "marks",
    "likeness",
    "key_day",
    "source_key",
    "batch",
    "cause",
    "data",
)
Row = tuple[
    int, int | None, int | None, int | None, int | None, int, int, int, int | None, int, int, int | None, int, bytes,
    int | None, str | None, str | None,
]  # fmt: skip
"""One fact in the order of WRITTEN; `data` is JSON text."""

FAR = 2**62
"""Beyond every id."""
TABLE = Fact._meta.db_table
PART = 2000
"""Keys asked for at once."""
TOGETHER = 20_000
"""Rows read at once."""


@dataclass(frozen=True)
class Recorded:
    """Where this call's facts stand, from the id `first` to `last` (0: nowhere); `new` of the `given` rows were not
    there before."""

    first: int
    last: int
    given: int
    new: int


def record_many(brand: Brand, rows: Sequence[Row]) -> Recorded:
    """Append the rows in their order; a row whose natural key is there already changes nothing."""
    return record_columns(brand, list(zip(*rows, strict=True)))


@transaction.atomic
def record_columns(brand: Brand, held: Sequence[Sequence[Value]]) -> Recorded:
    """The same for facts that come as columns of equal length in the order of WRITTEN; none at all for no facts.

    Ids are given in commit order per brand: the brand is locked first, so a reader that has seen an id has seen all
    smaller ones.
    """
    lock(brand)
    after, given = last_id(brand), len(held[0]) if held else 0
    new = 0
    if given:
        if connection.vendor == "postgresql":
            new = _copy_in(held)
        else:
            new = insert_columns(Fact, WRITTEN, held, conflict="ON CONFLICT DO NOTHING")
    first, last = _ends(brand, after) if new else (0, 0)
    return Recorded(first=first, last=last, given=given, new=new)


def _ends(brand: Brand, after: int) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(id), max(id) FROM {TABLE} WHERE brand + 0 = %s AND id > %s", [brand.pk, after]
        )
        first, last = cursor.fetchone()
    return first, last


def last_id(brand: Brand) -> int:
    """Id of the brand's latest fact, 0 for an empty log."""
    with connection.cursor() as cursor:
        if (
            connection.vendor == "sqlite"
        ):  # ids grow over the whole table, so the table's end is found at once
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {TABLE}")
        else:
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {TABLE} WHERE brand = %s", [brand.pk])
        return int(cursor.fetchone()[0])


def days_of(brand: Brand) -> range:
    """Local days from the brand's first fact to its last. Facts of few members are found at once when asked for these
    days and those members; without the days the whole index is read."""
    ours = f"FROM {TABLE} WHERE brand = %s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT (SELECT min(day) {ours}), (SELECT max(day) {ours})", [brand.pk, brand.pk])
        first, last = cursor.fetchone()
    return range(first, last + 1) if first is not None else range(0)


def _copy_in(held: Sequence[Sequence[Value]]) -> int:
    columns = ", ".join(WRITTEN)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS incoming_fact (place serial, LIKE {TABLE} INCLUDING DEFAULTS) "
            "ON COMMIT DELETE ROWS"
        )
        cursor.execute(
            "ALTER TABLE incoming_fact ALTER COLUMN id DROP NOT NULL, ALTER COLUMN id DROP DEFAULT"
        )
        with cursor.copy(f"COPY incoming_fact ({columns}) FROM STDIN") as copy:
            for row in zip(*held, strict=True):
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO {TABLE} ({columns}) SELECT {columns} FROM incoming_fact ORDER BY place "
            "ON CONFLICT DO NOTHING"
        )
        new = int(cursor.rowcount)
        cursor.execute("TRUNCATE incoming_fact RESTART IDENTITY")
    return new


@dataclass(frozen=True)
class Facts:
    """A run of facts as columns of equal length; absent numbers are 0. The natural keys, sixteen bytes each, are there
    only where they were asked for."""

    id: Ints
    kind: Ints
    community: Ints
    member: Ints
    other: Ints
    at: Ints
    day: Ints
    subject: Ints
    value: Ints
    marks: Ints
    batch: Ints
    source_key: NDArray[np.void]

    def __len__(self) -> int:
        return len(self.id)

    def where(self, keep: NDArray[np.bool_]) -> Facts:
        """The facts for which `keep` is true, in the same order."""
        if keep.all():
            return self
        numbers = {name: getattr(self, name)[keep] for name in _NUMBERS}
        return Facts(**numbers, source_key=self.source_key[keep] if len(self.source_key) else self.source_key)


_NUMBERS = ("id", "kind", "community", "member", "other", "at", "day", "subject", "value", "marks", "batch")
_NEVER_NULL = {"id", "kind", "at", "day", "value", "marks"}
_COLUMN = {name: "happened_at" if name == "at" else name for name in _NUMBERS}
_READ = ", ".join(
    column if name in _NEVER_NULL else f"coalesce({column}, 0)" for name, column in _COLUMN.items()
)


def as_written(held: Sequence[Sequence[Value]], recorded: Recorded) -> Facts | None:
    """The facts just recorded, from the columns they were given as; None where their ids cannot be told from how many
    they are, as some were there before or others wrote meanwhile."""
    first, last, given = recorded.first, recorded.last, recorded.given
    if not given or recorded.new != given or last - first + 1 != given:
        return None
    numbers = {
        name: np.array([value or 0 for value in held[WRITTEN.index(column)]], dtype=np.int64)
        for name, column in _COLUMN.items()
        if name != "id"
    }
    keys = b"".join(cast("Sequence[bytes]", held[WRITTEN.index("source_key")]))
    ids = np.arange(first, last + 1, dtype=np.int64)
    return Facts(id=ids, **numbers, source_key=np.frombuffer(keys, dtype="V16"))


def joined(parts: Sequence[Facts]) -> Facts:
    """One run of the parts, in their order; at least one."""
    numbers = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _NUMBERS}
    return Facts(**numbers, source_key=np.concatenate([part.source_key for part in parts]))


def follows(facts: Facts, brand: Brand, position: int) -> bool:
    """Whether these are the brand's very next facts after the position, none left out."""
    first, last = int(facts.id[0]), int(facts.id[-1])
    if first <= position or last - first + 1 != len(facts):
        return False
    between = f"SELECT 1 FROM {TABLE} WHERE brand + 0 = %s AND id > %s AND id < %s LIMIT 1"
    with connection.cursor() as cursor:
        cursor.execute(between, [brand.pk, position, first])
        return cursor.fetchone() is None


def read(
    brand: Brand, condition: str = "", given: Sequence[int | str] = (), *, limit: int = 0, keys: bool = False
) -> Facts:
    """The brand's facts that fit the SQL condition, by id. `keys` also reads the natural keys.

    A condition that begins with `id` walks the table itself: left to choose, SQLite would go through every fact of the
    brand and sort them, once for every run.
    """
    where = f" AND {condition}" if condition else ""
    tail = f" LIMIT {limit:d}" if limit else ""
    columns = _READ + (", source_key" if keys else "")
    ours = "brand + 0 = %s" if condition.startswith("id") else "brand = %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {TABLE} WHERE {ours}{where} ORDER BY id{tail}", [brand.pk, *given]
        )
        return _as_columns(cursor, keys=keys)


def _as_columns(cursor: CursorWrapper, *, keys: bool) -> Facts:
    """A part at a time, as rows of Python integers take many times the memory of columns."""
    parts = [np.zeros((len(_NUMBERS), 0), dtype=np.int64)]
    held: list[bytes | memoryview] = []
    while rows := cursor.fetchmany(TOGETHER):
        flat, wide = list(chain.from_iterable(rows)), len(rows[0])
        parts.append(np.array([flat[place::wide] for place in range(len(_NUMBERS))], dtype=np.int64))
        held += flat[wide - 1 :: wide] if keys else ()
    numbers = np.concatenate(parts, axis=1)
    return Facts(
        **dict(zip(_NUMBERS, numbers, strict=True)), source_key=np.frombuffer(b"".join(held), dtype="V16")
    )


def read_days(brand: Brand, days: Sequence[int], *, upto: int | None = None) -> Iterator[Facts]:
    """The facts of these local days, 32 days at a time so that memory stays bounded; none beyond the id `upto`."""
    for start in range(0, len(days), 32):
        some = list(days[start : start + 32])
        places = ", ".join(["%s"] * len(some))
        yield read(brand, f"day IN ({places}) AND id <= %s", [*some, FAR if upto is None else upto])


def recalled(brand: Brand, kind: int) -> Ints:
    """Numbers of all messages of the brand that were taken back, sorted."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT subject FROM {TABLE} WHERE brand = %s AND kind = %s ORDER BY 1",
            [brand.pk, kind],
        )
        return np.array([row[0] for row in cursor.fetchall() if row[0] is not None], dtype=np.int64)


def authors(brand: Brand, subjects: Sequence[int], *, kind: int) -> dict[int, int]:
    """Message number → member who sent it, for those of `subjects` that the log has. Scans; meant for the rare
    old one."""
    found: dict[int, int] = {}
    for start in range(0, len(subjects), 500):
        part = subjects[start : start + 500]
        places = ", ".join(["%s"] * len(part))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT subject, member FROM {TABLE} WHERE brand = %s AND kind = %s AND subject IN ({places})",
                [brand.pk, kind, *part],
            )
            found.update(cursor.fetchall())
    return found


def by_key(brand: Brand, keys: Mapping[bytes, int], *, kind: int) -> Iterator[tuple[bytes, int, int, int]]:
    """(key, value, happened_at, marks) of those of the facts that the log has; `keys` says of each on which day it is
    known (key_day)."""
    by_day: dict[int, list[bytes]] = {}
    for key, day in keys.items():
        by_day.setdefault(day, []).append(key)
    for day, same_day in by_day.items():
        for start in range(0, len(same_day), PART):
            part = same_day[start : start + PART]
            places = ", ".join(["%s"] * len(part))
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT source_key, value, happened_at, marks FROM {TABLE} "
                    f"WHERE brand = %s AND kind = %s AND key_day = %s AND source_key IN ({places})",
                    [brand.pk, kind, day, *part],
                )
                for key, *rest in cursor.fetchall():
                    yield (bytes(key), *rest)

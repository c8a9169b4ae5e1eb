"""How sets and counts are packed into database blobs, with a checksum that is verified on reading."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.models import DayCount, DaySet
from qunying.brands.models import Brand
from qunying.kit.errors import Refused

Bits = NDArray[np.uint32]
Counts = tuple[Bits, Bits]
"""Sorted keys and their counts, equally long."""
EMPTY: Bits = np.zeros(0, dtype=np.uint32)


def pack_counts(keys: Bits, counts: Bits) -> bytes:
    return keys.astype("<u4").tobytes() + counts.astype("<u4").tobytes()


def unpack_counts(blob: bytes) -> Counts:
    both = np.frombuffer(blob, dtype="<u4")
    return both[: len(both) // 2], both[len(both) // 2 :]


def pack_set(bits: BitMap) -> bytes:
    bits.run_optimize()
    packed: bytes = bits.serialize()
    return packed


def checked(blob: bytes | memoryview, crc: int, *, day: int) -> bytes:
    """The blob, or Refused when it is not what was written; `qunying rebuild` makes it anew from the log."""
    content = bytes(blob)
    if zlib.crc32(content) != crc:
        raise Refused("audiences.broken_set", day=day)
    return content


def load_sets(brand: Brand, *, scope: int, kind: int, first: int, last: int) -> dict[int, BitMap]:
    """Day → bitmap for the days in first..last that have one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT day, blob, crc FROM {DaySet._meta.db_table} "
            "WHERE brand_id = %s AND scope = %s AND kind = %s AND day BETWEEN %s AND %s",
            [brand.pk, scope, kind, first, last],
        )
        return {day: BitMap.deserialize(checked(blob, crc, day=day)) for day, blob, crc in cursor.fetchall()}


def load_counts(brand: Brand, *, kind: int, first: int, last: int) -> dict[int, Counts]:
    """Day → counts for the days in first..last that have some."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT day, blob, crc FROM {DayCount._meta.db_table} "
            "WHERE brand_id = %s AND kind = %s AND day BETWEEN %s AND %s",
            [brand.pk, kind, first, last],
        )
        return {day: unpack_counts(checked(blob, crc, day=day)) for day, blob, crc in cursor.fetchall()}


def add_up(parts: Sequence[Counts]) -> Counts:
    """One sorted list of keys with their counts summed."""
    keys = np.concatenate([part[0] for part in parts]) if parts else EMPTY
    counts = np.concatenate([part[1] for part in parts]) if parts else EMPTY
    if not len(keys):
        return EMPTY, EMPTY
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order].astype(np.int64)
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[starts], np.add.reduceat(counts, starts).astype(np.uint32)


def save_sets(brand: Brand, rows: Iterable[tuple[int, int, int, BitMap]]) -> None:
    """Write (scope, kind, day, bits); an empty set takes its row away."""
    full, empty = [], []
    for scope, kind, day, bits in rows:
        if bits:
            blob = pack_set(bits)
            full.append((brand.pk, scope, kind, day, blob, zlib.crc32(blob)))
        else:
            empty.append((brand.pk, scope, kind, day))
    table = DaySet._meta.db_table
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (brand_id, scope, kind, day, blob, crc) VALUES (%s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (brand_id, scope, kind, day) DO UPDATE SET blob = excluded.blob, crc = excluded.crc",
            full,
        )
        cursor.executemany(
            f"DELETE FROM {table} WHERE brand_id = %s AND scope = %s AND kind = %s AND day = %s", empty
        )


def save_counts(brand: Brand, rows: Iterable[tuple[int, int, Counts]]) -> None:
    """Write (kind, day, counts); empty counts take their row away."""
    full, empty = [], []
    for kind, day, (keys, counts) in rows:
        if len(keys):
            blob = pack_counts(keys, counts)
            full.append((brand.pk, kind, day, blob, zlib.crc32(blob)))
        else:
            empty.append((brand.pk, kind, day))
    table = DayCount._meta.db_table
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (brand_id, kind, day, blob, crc) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (brand_id, kind, day) DO UPDATE SET blob = excluded.blob, crc = excluded.crc",
            full,
        )
        cursor.executemany(f"DELETE FROM {table} WHERE brand_id = %s AND kind = %s AND day = %s", empty)

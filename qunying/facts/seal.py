"""The seal: a hash chain over segments of the log, so that a changed or removed fact shows. Personal data is
not hashed."""

from __future__ import annotations

import datetime as dt
import hashlib
from itertools import pairwise

import numpy as np
from django.db.models import Max, Sum

from qunying.brands.models import Brand
from qunying.facts import log
from qunying.facts.models import Cursor, Fact, Segment

SIZE = 10_000
NAME = "facts.seal"
"""The seal's projector."""
SEALED = ("id", "kind", "at", "member", "community", "subject", "value")


def seal_facts(brand: Brand, facts: log.Facts) -> None:
    """Close segments over the run; one segment never spans two import batches."""
    number = Segment.objects.filter(brand=brand).aggregate(last=Max("number"))["last"] or 0
    previous = bytes(Segment.objects.get(brand=brand, number=number).seal) if number else b""
    edges = np.flatnonzero(np.diff(facts.batch)) + 1
    bounds = sorted({0, len(facts), *edges.tolist(), *range(0, len(facts), SIZE)})
    fresh = []
    for start, end in pairwise(bounds):
        number += 1
        content = digest(facts, start, end)
        previous = chain(previous, number, content)
        batch = int(facts.batch[start]) or None
        fresh.append(
            Segment(
                brand=brand,
                number=number,
                batch=batch,
                first=int(facts.id[start]),
                last=int(facts.id[end - 1]),
                count=end - start,
                digest=content,
                seal=previous,
            )
        )
    Segment.objects.bulk_create(fresh)


def digest(facts: log.Facts, start: int, end: int) -> bytes:
    """SHA-256 over the sealed columns of facts[start:end] as little-endian 64-bit integers, then the natural keys."""
    hashed = hashlib.sha256()
    for name in SEALED:
        hashed.update(getattr(facts, name)[start:end].astype("<i8").tobytes())
    hashed.update(facts.source_key[start:end].tobytes())
    return hashed.digest()


def chain(previous: bytes, number: int, content: bytes) -> bytes:
    return hashlib.sha256(previous + number.to_bytes(8, "big") + content).digest()


def withdraw(brand: Brand, *, batch: int, at: dt.datetime) -> int:
    """Mark the batch's segments as withdrawn; the chain stays, their rows must be absent. Answers how many."""
    return Segment.objects.filter(brand=brand, batch=batch, withdrawn_at=None).update(withdrawn_at=at)


def breaks(brand: Brand) -> list[int]:
    """Numbers of the segments whose facts or chain differ from what was sealed; empty when the log is as written."""
    wrong = []
    previous = b""
    for expected, segment in enumerate(Segment.objects.filter(brand=brand).order_by("number"), start=1):
        facts = log.read(brand, "id BETWEEN %s AND %s", [segment.first, segment.last], keys=True)
        if segment.withdrawn_at is not None:
            facts = facts.where(facts.batch == (segment.batch or 0))
            whole = len(facts) == 0
        else:
            whole = len(facts) == segment.count and digest(facts, 0, len(facts)) == bytes(segment.digest)
        linked = segment.number == expected and chain(
            previous, segment.number, bytes(segment.digest)
        ) == bytes(segment.seal)
        if not (whole and linked):
            wrong.append(segment.number)
        previous = bytes(segment.seal)
    return wrong


def strays(brand: Brand) -> int:
    """How many facts stand where the seal has none, or are gone from its end: put in between the segments, or cut off
    together with them. 0 when the log holds exactly what was sealed."""
    standing = Segment.objects.filter(brand=brand, withdrawn_at=None)
    sealed = standing.aggregate(count=Sum("count"))["count"] or 0
    end = Segment.objects.filter(brand=brand).aggregate(last=Max("last"))["last"] or 0
    cursor = Cursor.objects.filter(brand=brand, projector=NAME).first()
    read = cursor.position if cursor else 0
    held = Fact.objects.filter(brand=brand.pk, pk__lte=read).count()
    return abs(held - sealed) + int(read != end)

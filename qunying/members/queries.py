"""Reads of members used more than once."""

from __future__ import annotations

from collections.abc import Iterable

from qunying.brands.models import Brand
from qunying.members.models import Member


def homes_of(brand: Brand, members: Iterable[int]) -> list[int]:
    """These members and everybody merged with them: the home members whose facts count as theirs."""
    asked = list(members)
    roots = set(Member.objects.filter(brand=brand, pk__in=asked).values_list("merged_into_id", flat=True)) - {
        None
    }
    roots.update(asked)
    below = Member.objects.filter(brand=brand, merged_into__in=roots).values_list("pk", flat=True)
    return sorted({*(root for root in roots if root is not None), *below})

"""How many examples a property is tried on that takes long: some in every run, with --slow 200 in four parts, which
run beside each other and each begin with empty tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import seed, settings

Property = Callable[..., None]
Tried = Callable[[Property], Property]
"""Decorates the property inside a test."""


def _tried(examples: int, part: int) -> Tried:
    def tried(holds: Property) -> Property:
        holds = settings(max_examples=examples)(holds)
        # Where every run looks at the same examples, each part has to look at others.
        return seed(part)(holds) if settings().derandomize else holds

    return tried


PARTS = [pytest.param(_tried(50, part), marks=pytest.mark.slow, id=f"part-{part}") for part in range(1, 5)]
LENGTHS = pytest.mark.parametrize("tried", [pytest.param(_tried(20, 0), id="short"), *PARTS])

"""How many examples a property is tried on that takes long: some in every run, with --slow 200 in four parts, which
run beside each other and each begin with empty tables."""

from __future__ import annotations

import pytest

PARTS = [pytest.param(50, marks=pytest.mark.slow, id=f"part-{part}") for part in range(1, 5)]
LENGTHS = pytest.mark.parametrize("examples", [20, *PARTS])

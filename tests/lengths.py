"""How many examples a property is tried on that takes long: some in every run, all of them with --slow."""

from __future__ import annotations

import pytest

LENGTHS = pytest.mark.parametrize("examples", [30, pytest.param(200, marks=pytest.mark.slow)])

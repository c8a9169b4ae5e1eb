"""A brand's chief and a program that pushes in his name."""

from __future__ import annotations

import pytest

from qunying.brands.models import Staff
from tests.connectors.live.world import open_brand
from tests.connectors.world import Program


@pytest.fixture
def chief(tmp_path, settings) -> Staff:
    settings.HOME = tmp_path
    return open_brand()[1]


@pytest.fixture
def program(chief) -> Program:
    return Program(chief)

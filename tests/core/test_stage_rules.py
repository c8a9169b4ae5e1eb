"""The seven rules of kpi.md §3.4, in their order: the first that holds decides."""

from __future__ import annotations

import numpy as np
import pytest

from qunying.audiences.columns import FAR
from qunying.audiences.stages import KEYS, Knowledge, judge

DAY = 1000


def stage(
    *,
    started: int = DAY - 100,
    present: bool = True,
    ever: bool = True,
    active: int = -FAR,
    spoke: int = -FAR,
    core: bool = False,
    sees: bool = True,
    window: int = 14,
) -> str:
    known = Knowledge(
        np.array([0]),
        np.array([started]),
        np.array([present]),
        np.array([ever]),
        np.array([active]),
        np.array([spoke]),
        np.array([core]),
    )
    return KEYS[int(judge(known, day=DAY, sees=sees, window=window)[0])]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"started": FAR}, ""),
        ({"present": False, "core": True}, "left"),
        ({"sees": False, "ever": False}, "unobserved"),
        ({"sees": False, "ever": True, "active": DAY, "spoke": DAY}, "active"),
        ({"core": True}, "core"),
        ({"started": DAY - 7}, "new"),
        ({"started": DAY - 8}, "dormant"),
        ({"active": DAY - 30, "spoke": DAY - 30}, "dormant"),
        ({"active": DAY - 29, "spoke": DAY - 29}, "silent"),
        ({"active": DAY - 7, "spoke": DAY - 14}, "silent"),
        ({"active": DAY - 6, "spoke": DAY - 14}, "active"),
        ({"active": DAY - 13, "spoke": DAY - 13}, "active"),
        ({"active": DAY - 13, "spoke": -FAR}, "silent"),
        ({"active": DAY - 3, "spoke": DAY - 3, "window": 3}, "silent"),
        ({"active": DAY - 2, "spoke": DAY - 2, "window": 3}, "active"),
        ({"started": -FAR}, "dormant"),
    ],
)
def test_the_first_rule_that_holds_decides(given: dict[str, int], expected: str) -> None:
    assert stage(**given) == expected  # type: ignore[arg-type] # flags and days as the table has them

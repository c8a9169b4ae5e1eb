"""Every planted fault is found in time, in the right community and among the right people; a healthy brand has none."""

from __future__ import annotations

import pytest

from qunying.demo.faults import FAULTS
from tests.diagnosis.trials import healthy, trial

NAMES = [fault.name for fault in FAULTS]
SEEDS = range(1, 31)
ENOUGH = 28


@pytest.mark.parametrize("fault", NAMES)
def test_a_planted_fault_is_found_within_seven_days_among_its_people(fault: str):
    assert [trial(fault, seed).is_good for seed in (1, 2)] == [True, True]


def test_a_healthy_brand_opens_no_finding_in_ninety_days():
    assert [healthy(seed) for seed in (1, 2)] == [[], []]


@pytest.mark.slow
@pytest.mark.parametrize("fault", NAMES)
def test_a_planted_fault_is_found_in_28_of_30_seeds(fault: str):
    found = [seed for seed in SEEDS if trial(fault, seed).is_good]

    assert len(found) >= ENOUGH, sorted(set(SEEDS) - set(found))


@pytest.mark.slow
def test_a_healthy_brand_opens_no_finding_over_30_seeds():
    assert {seed: opened for seed in SEEDS if (opened := healthy(seed))} == {}

"""What is declared fits together."""

from __future__ import annotations

from qunying.diagnosis.detectors import DETECTORS
from qunying.kit import catalog
from qunying.playbooks.kinds import playbook
from qunying.playbooks.playbooks import PLAYBOOKS
from qunying.playbooks.steps import STEPS


def test_every_detector_advises_one_to_three_playbooks_that_exist():
    advised = {entry.key: [playbook(key).key for key in entry.advises] for entry in DETECTORS}

    assert {key: 1 <= len(keys) <= 3 for key, keys in advised.items()} == dict.fromkeys(advised, True)


def test_every_playbook_is_advised_and_moves_a_declared_metric():
    advised = {key for entry in DETECTORS for key in entry.advises}
    metrics = {entry.key for entry in catalog.collect("metrics")}

    assert {book.key for book in PLAYBOOKS} == advised
    assert {book.metric for book in PLAYBOOKS} <= metrics


def test_steps_stand_in_order_and_are_of_declared_kinds():
    kinds = {kind.key for kind in STEPS}

    for book in PLAYBOOKS:
        assert [step.day for step in book.steps] == sorted(step.day for step in book.steps)
        assert {step.kind for step in book.steps} <= kinds
        assert book.days <= book.window + 1


def test_causes_hide_declared_consequences_and_no_two_hide_each_other():
    hides = {entry.key: set(entry.hides) for entry in DETECTORS}

    assert set().union(*hides.values()) <= hides.keys()
    assert [(one, two) for one in hides for two in hides[one] if one in hides[two]] == []

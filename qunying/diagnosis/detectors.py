"""Every detector of ours; a package's own stand in its `detectors` module and are read the same way."""

from __future__ import annotations

from qunying.diagnosis.kinds import Detector, activity, answers, arrivals, content, newcomers, uproar

DETECTORS: tuple[Detector, ...] = (
    *uproar.DETECTORS,
    *arrivals.DETECTORS,
    *activity.DETECTORS,
    *newcomers.DETECTORS,
    *answers.DETECTORS,
    *content.DETECTORS,
)

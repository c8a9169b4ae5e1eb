"""Filled by the tests."""

from __future__ import annotations

from qunying.jobs.beats import Beat

BEATS: tuple[Beat, ...] = ()

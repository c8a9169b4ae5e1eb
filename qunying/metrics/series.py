"""A metric step by step, in the words that the command line and the API share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qunying.communities.models import Community
from qunying.kit import days
from qunying.kit.errors import Invalid
from qunying.metrics.asking import Asker, Bucket, buckets
from qunying.metrics.kinds import Answer, Metric, Question


@dataclass(frozen=True)
class Step:
    """One step of a series. `is_partial` when a day it counts has not ended or lies beyond what we know."""

    bucket: Bucket
    question: Question
    answer: Answer
    is_partial: bool

    def as_json(self) -> dict[str, object]:
        """Both parts, the state, and who is missing from it."""
        return {
            "from": days.date(self.bucket.first).isoformat(),
            "to": days.date(self.bucket.last).isoformat(),
            **self.answer.as_json(),
            "partial": self.is_partial,
            "missing": [community.name for community in self.question.missing],
        }


def series(asker: Asker, entry: Metric, first: int, last: int, *, by: str) -> list[Step]:
    """The period as one step, or cut into days, weeks or months. Of a step that is not over, or lies partly beyond what
    we know, the known days are counted."""
    if by not in ("", "day", "week", "month"):
        raise Invalid("metrics.bad_triangle", by=by[:20], step=by[:20])
    cut = [Bucket(first, last, last > asker.as_of or last >= asker.today)]
    if by:
        cut = buckets(first, last, by=by, as_of=asker.as_of, today=asker.today)
    found = []
    for bucket in cut:
        known = min(bucket.last, asker.as_of) if bucket.first <= asker.as_of else bucket.last
        question = asker.posed(entry, bucket.first, known, step=by)
        ends = entry.ends(known)
        running = ends > asker.as_of or ends >= asker.today
        found.append(Step(bucket, question, asker.put(entry, question), bucket.is_partial or running))
    return found


def as_json(
    asker: Asker, entry: Metric, places: Sequence[Community], steps: Sequence[Step]
) -> dict[str, object]:
    """The definition, how fresh it is, which days of which communities are known, and the steps."""
    return {
        "metric": entry.key,
        "label": str(entry.label),
        "unit": entry.unit,
        "window": entry.window,
        "version": entry.version,
        "changes": changes(entry),
        "formula": str(entry.formula),
        "zone": asker.brand.zone,
        "everybody": asker.with_everybody,
        "as_of": days.date(asker.as_of).isoformat() if asker.communities else None,
        "communities": [row.name for row in places],
        "coverage": [
            {"community": row.name, "from": _day(row.covered_from), "to": _day(row.covered_to)}
            for row in places
        ],
        "rows": [step.as_json() for step in steps],
    }


def changes(entry: Metric) -> list[dict[str, object]]:
    """What the metric meant otherwise before: version, day, what changed and its effect, latest first."""
    return [
        {
            "version": version,
            "on": change.on.isoformat(),
            "text": str(change.text),
            "effect": str(change.effect),
        }
        for version, change in entry.history
    ]


def _day(number: int | None) -> str | None:
    return None if number is None else days.date(number).isoformat()

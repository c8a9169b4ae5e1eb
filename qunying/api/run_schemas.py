"""The shapes of advice and of what became of it."""

from __future__ import annotations

import datetime as dt

from ninja import Schema

from qunying.api.schemas import HolderOut


class AdvisedStepOut(Schema):
    number: int
    kind: str
    text: str
    due_on: dt.date


class AdviceOut(Schema):
    """A playbook for a finding and what it would do if it were started today; `run` is the one that was."""

    id: int
    playbook: str
    label: str
    why: str
    state: str
    reason: str
    run: int | None
    people: int
    steps: list[AdvisedStepOut]
    metric: str
    metric_label: str
    review_on: dt.date


class AdvicesOut(Schema):
    items: list[AdviceOut]


class RunStepOut(AdvisedStepOut):
    """`state` is done, failed (for this `reason`), overdue, today, ahead, or dropped with its run."""

    state: str
    done_at: dt.datetime | None
    reason: str


class ReviewOut(Schema):
    """The metric over as many days before the start as after it, with the 95 % interval of the change. There is no
    holdout: it tells a direction and not an effect."""

    metric: str
    label: str
    is_share: bool
    before: float | None
    before_n: int
    after: float | None
    after_n: int
    change: float | None
    low: float | None
    high: float | None
    verdict: str
    has_holdout: bool
    text: str
    reviewed_at: dt.datetime


class RunOut(Schema):
    """A playbook carried out in a community; its steps are the owner's."""

    id: int
    playbook: str
    label: str
    version: int
    community: int
    finding: int | None
    owner: HolderOut | None
    state: str
    reason: str
    started_on: dt.date
    review_on: dt.date
    steps: list[RunStepOut]
    review: ReviewOut | None


class RunsOut(Schema):
    items: list[RunOut]
    next: str | None

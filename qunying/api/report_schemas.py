"""The shape of a daily report."""

from __future__ import annotations

import datetime as dt

from ninja import Schema


class ChangedOut(Schema):
    """In words, as the page says it: per cent, percentage points of a share, or a plain difference."""

    text: str
    direction: str


class FigureOut(Schema):
    """One number of a day. A change is null where there is nothing to compare with; `since_week` compares with the
    same weekday of the week before."""

    key: str
    label: str
    unit: str
    value: float | int | None
    numerator: int | None
    denominator: int | None
    state: str
    reason: str
    since_yesterday: ChangedOut | None
    since_week: ChangedOut | None


class NewsOut(Schema):
    title: str
    proof: str


class PlannedOut(Schema):
    """One thing to do today; `where` is its community, empty where the title says it, `owner` whose it is."""

    kind: str
    title: str
    where: str
    owner: str


class PlanOut(Schema):
    """What is due the longest, and how many things there are besides."""

    things: list[PlannedOut]
    more: int


class DailyOut(Schema):
    heading: str
    day: dt.date
    is_partial: bool
    figures: list[FigureOut]
    news: list[NewsOut]
    plan: PlanOut | None
    text: str

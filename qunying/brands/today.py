"""What an app declares of what a person must do today (tuple TODAY in `today`), and all of it as one list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from qunying.brands.models import Staff
from qunying.kit import catalog
from qunying.kit.refusals import Text

MOST = 300
"""Of one kind; the oldest of them are the ones to do first."""


@dataclass(frozen=True)
class Thing:
    """One thing to do: its words, the page where it is done, and the day by which.

    `place` is its community's number and `where` that community's name, `owner` whose it is, "" for anybody's. `copy`
    are words to be posted by hand. `done_url` takes a POST that says it is done, for what needs no second look.
    `reminders` is how often its owner was reminded of it.
    """

    title: str
    url: str
    due_on: dt.date
    place: int | None = None
    where: str = ""
    owner: str = ""
    copy: str = ""
    done_url: str = ""
    done_label: Text = ""
    reminders: int = 0


@dataclass(frozen=True)
class Part:
    """今日待办项: one kind of thing. `rows(staff, today, mine)` is what waits within the staff member's reach, one row
    for each thing, `mine` leaving out what is only others' to do; `show(row, staff)` puts a row in words. `may` is the
    permission it takes. What is not `is_counted` is worth a look today, but nothing to be ticked off."""

    key: str
    label: Text
    may: str
    rows: Callable[[Staff, dt.date, bool], QuerySet[Any]]
    show: Callable[[Any, Staff], Thing]
    mark: str = ""
    is_counted: bool = True


TODAY: tuple[Part, ...] = ()
"""Brands have nothing to do by themselves."""


def parts(staff: Staff) -> Iterator[Part]:
    """The kinds of things that the staff member may do anything about."""
    return (part for part in catalog.collect("today") if staff.may(part.may))


def waiting(staff: Staff, day: dt.date, *, mine: bool) -> list[tuple[Part, Thing]]:
    """What waits within the staff member's reach, the longest due first, of one day in the order of the apps."""
    found = [
        (part, part.show(row, staff)) for part in parts(staff) for row in part.rows(staff, day, mine)[:MOST]
    ]
    return sorted(found, key=lambda each: each[1].due_on)

"""What an app declares for the page of what a person must do today (tuple TODAY in `today`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from qunying.brands.models import Staff
from qunying.kit.refusals import Text


@dataclass(frozen=True)
class Thing:
    """One thing to do: its words, the page where it is done, and the day by which.

    `place` is its community's number and `where` that community's name, `owner` whose it is, "" for anybody's. `copy`
    are words to be posted by hand. `done_url` takes a POST that says it is done, for what needs no second look.
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

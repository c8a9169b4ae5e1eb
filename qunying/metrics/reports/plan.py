"""今日计划: what is due by the end of today, as the apps declare it for the page of today."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from qunying.brands.models import Staff
from qunying.brands.today import Thing, parts, waiting
from qunying.kit import days
from qunying.metrics.reports.blocks import About
from qunying.outbox.queries import short

MOST = 12
LETTERS = 60
"""Of one thing's words; the whole stands on the page of today."""


@dataclass(frozen=True)
class Planned:
    """One thing to do: of which kind, and in words that fit a line of a chat."""

    kind: str
    mark: str
    title: str
    where: str
    owner: str
    url: str

    @property
    def line(self) -> str:
        return " · ".join(filter(None, (self.kind, self.title, self.where, self.owner)))


@dataclass(frozen=True)
class Plan:
    """The things due the longest, and how many there are besides."""

    things: tuple[Planned, ...]
    more: int

    @property
    def lines(self) -> list[str]:
        """The plan as it is pasted into a chat."""
        said = [f"{at}. {thing.line}" for at, thing in enumerate(self.things, 1)] or [_("今天没有要做的事")]
        return [*said, *([self.more_words] if self.more else [])]

    @property
    def more_words(self) -> str:
        return _("另有 {n} 项，见今日待办。").format(n=self.more)


def plan(about: About, staff: Staff) -> Plan | None:
    """What the staff member has to do today in the report's communities, who decides also what colleagues have to.

    Only the report of the last day we know, or of today, tells of what comes next; None for any other, and for those
    who have nothing to do here.
    """
    if about.range.last < about.range.until or not any(parts(staff)):
        return None
    today = days.date(about.scope.today)
    mine = not staff.may("advice.decide")
    due = [each for each in waiting(staff, today, mine=mine) if each[1].due_on <= today]
    named = tuple(_planned(str(part.label), part.mark, thing) for part, thing in due[:MOST])
    return Plan(named, len(due) - len(named))


def _planned(kind: str, mark: str, thing: Thing) -> Planned:
    words = short(f"{thing.title}：{thing.copy}" if thing.copy else thing.title, LETTERS)
    where = "" if thing.where in thing.title else thing.where
    return Planned(kind, mark, words, where, thing.owner, thing.url)

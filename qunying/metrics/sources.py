"""Where people came from: joins by source with how well they stay, and who invited them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from qunying.communities.models import JoinSource
from qunying.communities.scope import Scope
from qunying.metrics.asking import Asker
from qunying.metrics.cards import people_url
from qunying.metrics.flows import joined_mask, same_day_leaves
from qunying.metrics.kinds import Answer, Question
from qunying.metrics.periods import Period
from qunying.metrics.voice import counts_on

STAY = 7
MOST_INVITERS = 10


@dataclass(frozen=True)
class Source:
    """One way of coming in over a period; `kept` is of the joins whose seventh day is over (None: none yet)."""

    name: str
    joins: int
    url: str
    same_day: Answer
    kept: Answer


def by_source(scope: Scope, asker: Asker, period: Period) -> list[Source]:
    """The period's joins by source, the largest first."""
    question = asker.question(period.first, period.last)
    if not question.communities or not question.knows_joins:
        return []
    stays = question.sets.columns.stays
    numbers, joins = np.unique(stays.source[joined_mask(question)], return_counts=True)
    names = dict(
        JoinSource.objects.filter(brand=scope.brand, pk__in=numbers.tolist()).values_list("pk", "name")
    )
    may = scope.staff.may("members.read")
    found = []
    for number, many in sorted(
        zip(numbers.tolist(), joins.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0])
    ):
        asked = asker.question(period.first, period.last, source=number)
        found.append(
            Source(
                name=names.get(number, _("来源未注明")),
                joins=many,
                url=people_url(scope, "joins", period.first, period.last, source=number) if may else "",
                same_day=same_day_leaves(asked),
                kept=_kept(asker, period, number),
            )
        )
    return found


def _kept(asker: Asker, period: Period, source: int) -> Answer:
    """In-group retention after seven days of those of the period's joins whose seventh day is over."""
    last = min(period.last, asker.as_of - STAY, asker.today - 1 - STAY)
    if last < period.first:
        return Answer.unripe()
    return asker.ask("in_group_retention.d7", period.first, last, source=source)


@dataclass(frozen=True)
class Inviter:
    """A member and how many of the period's joins name them as the one who invited; `kept` are still in the group."""

    member: int
    joins: int
    kept: int


def inviters(question: Question, day: int) -> list[Inviter]:
    """The busiest inviters of the question's days, both sides counting on the day of the join; `kept` as of `day`."""
    if not question.communities:
        return []
    stays = question.sets.columns.stays
    came = joined_mask(question) & (stays.inviter > 0) & counts_on(question, stays.inviter, stays.joined)
    members, joins = np.unique(stays.inviter[came], return_counts=True)
    stay = stays.left > day
    order = np.argsort(-joins, kind="stable")[:MOST_INVITERS]
    return [
        Inviter(int(members[at]), int(joins[at]), int((came & stay & (stays.inviter == members[at])).sum()))
        for at in order
    ]

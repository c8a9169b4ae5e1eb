"""The one door to a number: builds the question, checks what the source can tell, asks the metric."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from qunying.audiences.sets import Sets
from qunying.brands.models import Brand
from qunying.communities.models import Community
from qunying.kit import catalog, days
from qunying.kit.errors import Invalid, Missing
from qunying.metrics.kinds import Answer, Listed, Metric, Question
from qunying.metrics.retention import of_any_day

NO_JOINS = _("这个来源没有入群记录")
NO_SPEECH = _("这个渠道看不到聊天内容")


def metric(key: str) -> Metric:
    """The declared metric, the retention of any day N, or Missing with those there are."""
    for entry in catalog.collect("metrics"):
        if entry.key == key:
            found: Metric = entry
            return found
    if (other := of_any_day(key)) is not None:
        return other
    raise Missing(
        "metrics.unknown", metric=key, known="、".join(entry.key for entry in catalog.collect("metrics"))
    )


class Asker:
    """Asks many questions of one brand's communities and keeps the sets between them."""

    def __init__(
        self, brand: Brand, communities: Sequence[Community], *, at: dt.datetime, with_everybody: bool = False
    ) -> None:
        self.brand = brand
        self.communities = tuple(row for row in communities if row.covered_to is not None)
        self.today = brand.today(at)
        self.with_everybody = with_everybody
        self._sets: dict[tuple[int, ...], Sets] = {}

    @property
    def as_of(self) -> int:
        """The last day any of the communities is known for, at most today."""
        return min(self.today, max((row.covered_to or 0 for row in self.communities), default=self.today))

    @property
    def since(self) -> int:
        return min((row.covered_from or 0 for row in self.communities), default=self.as_of)

    def question(
        self,
        first: int,
        last: int,
        *,
        ahead: int = 0,
        source: int | None = None,
        terms: tuple[str, ...] = (),
        step: str = "",
    ) -> Question:
        """The question over these days. What is known of every community counts, from `ahead` on too if that is later;
        those whose cover does not reach `last` are named as missing, and when that is all of them there is no
        answer."""
        if last < first:
            raise Invalid(
                "metrics.days_reversed", first=days.date(first).isoformat(), last=days.date(last).isoformat()
            )
        known = tuple(row for row in self.communities if (row.covered_from or 0) <= max(last, ahead))
        missing = tuple(row for row in self.communities if not _covers(row, last))
        if len(missing) == len(self.communities) or last > self.today:
            known = ()
        return Question(
            self.brand,
            self.sets(known),
            first,
            last,
            self.as_of,
            self.today,
            known,
            missing,
            source=source,
            terms=terms,
            step=step,
        )

    def posed(
        self,
        entry: Metric,
        first: int,
        last: int,
        *,
        source: int | None = None,
        terms: tuple[str, ...] = (),
        step: str = "",
    ) -> Question:
        """The question as the metric needs it: one of a calendar week or month reaches to that interval's last known
        day, one about a cohort's return looks into communities whose cover begins after the cohort."""
        reach = max(last, min(entry.ends(last), self.as_of))
        ahead = self.as_of if entry.window == "cohort" else 0
        return self.question(first, reach, ahead=ahead, source=source, terms=terms, step=step)

    def sets(self, communities: Sequence[Community]) -> Sets:
        key = tuple(sorted(row.pk for row in communities))
        if key not in self._sets:
            self._sets[key] = Sets(self.brand, key, with_everybody=self.with_everybody)
        return self._sets[key]

    def ask(
        self, key: str, first: int, last: int, *, source: int | None = None, terms: tuple[str, ...] = ()
    ) -> Answer:
        """The metric's answer over the days, first and last included."""
        entry = metric(key)
        return self.put(entry, self.posed(entry, first, last, source=source, terms=terms))

    def put(self, entry: Metric, question: Question) -> Answer:
        """Ask, unless the sources cannot tell: then the answer says so instead of 0."""
        if not question.communities:
            return Answer.not_computed(_("这段时间没有数据"))
        if entry.needs == "joins" and not question.knows_joins:
            return Answer.not_computed(NO_JOINS)
        if entry.needs == "speech" and not question.sees_speech:
            return Answer.not_computed(NO_SPEECH)
        return entry.ask(question)


def _covers(row: Community, day: int) -> bool:
    return (row.covered_from or 0) <= day <= (row.covered_to or 0)


def listing(question: Question, answer: Answer) -> list[Listed]:
    """The lines behind the numerator, as many as it says."""
    if answer.listing is not None:
        return list(answer.listing())
    if answer.bits is None:
        return []
    return [Listed(member) for member in question.sets.members(answer.bits)]


@dataclass(frozen=True)
class Bucket:
    """One step of a series. `is_partial` when its last day has not ended or lies beyond what we know."""

    first: int
    last: int
    is_partial: bool


def buckets(first: int, last: int, *, by: str, as_of: int, today: int) -> list[Bucket]:
    """The days cut into days, Monday weeks or calendar months, whole ones: a cut week still starts on its Monday."""
    found = []
    start = {"day": first, "week": days.week_start(first), "month": days.month_start(first)}[by]
    while start <= last:
        end = {"day": start, "week": start + 6, "month": days.month_end(start)}[by]
        found.append(Bucket(start, end, end > as_of or end >= today))
        start = end + 1
    return found

"""日报: at most twelve figures of one day against the day before and the same weekday a week before, three things that
happened, what is due today, and all of it as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from qunying.audiences.models import DayCount
from qunying.brands.models import Staff
from qunying.communities.duty import weekdays
from qunying.metrics.asking import metric
from qunying.metrics.cards import Card, people_url
from qunying.metrics.kinds import Answer, Metric
from qunying.metrics.reports.blocks import About, News
from qunying.metrics.reports.figures import dictionary_url
from qunying.metrics.reports.people import names
from qunying.metrics.reports.plan import Plan, plan
from qunying.metrics.reports.report import news
from qunying.metrics.reports.scopes import place
from qunying.metrics.response import default_by
from qunying.metrics.wording import Change, change, counted, difference, said

KEYS = (
    *("present", "joins", "leaves", "net", "dau", "wau"),
    *("speakers", "speaking_rate", "messages", "interactions", "questions", "response.{by}.survival"),
)
THINGS = 3
WEEK = 7


@dataclass(frozen=True)
class Row:
    """One figure of the day; a change is None where there is nothing to compare with."""

    entry: Metric
    now: Answer
    since_yesterday: Change | None
    since_week: Change | None

    @property
    def value(self) -> str:
        """The value with its counting word, — where it is blank."""
        shown = said(self.now.value, self.entry.unit)
        return "—" if shown is None else f"{shown}{_gap(self.entry)}{counted(self.entry)}"

    @property
    def compared(self) -> str:
        """Both changes in words."""
        parts = []
        if self.since_yesterday:
            parts.append(_("较昨日 {change}").format(change=self.since_yesterday.text))
        if self.since_week:
            parts.append(_("较上周同日 {change}").format(change=self.since_week.text))
        return " · ".join(parts)


@dataclass(frozen=True)
class Daily:
    """The day's figures and news, and what today brings; see plan() for when that is None."""

    about: About
    rows: tuple[Row, ...]
    news: tuple[News, ...]
    plan: Plan | None

    @property
    def heading(self) -> str:
        return _("{brand} · {place}日报").format(brand=self.about.brand.name, place=place(self.about))

    @property
    def day(self) -> str:
        day = self.about.range.from_day
        return f"{day.isoformat()} {weekdays()[day.weekday()]}"

    @property
    def text(self) -> str:
        """The report as it is pasted into a chat."""
        lines = [f"{self.heading} · {self.day}"]
        lines += [
            " · ".join(filter(None, (f"{row.entry.label} {row.value}", row.compared))) for row in self.rows
        ]
        lines += ["", _("当日要点")] if self.news else []
        lines += [f"{at}. {item.title} · {item.proof}" for at, item in enumerate(self.news, 1)]
        lines += ["", _("今日计划"), *self.plan.lines] if self.plan else []
        return "\n".join([*lines, "", self.about.scope.freshness()])

    @property
    def cards(self) -> list[Card]:
        """The figures as console/_kpi.html shows them."""
        return [self._card(row) for row in self.rows]

    def _card(self, row: Row) -> Card:
        entry, day, scope = row.entry, self.about.range.first, self.about.scope
        link = scope.staff.may("members.read") and row.now.state == "ok"
        moved = row.since_yesterday
        note = _("较上周同日 {change}").format(change=row.since_week.text) if row.since_week else ""
        return Card(
            key=entry.key.replace(".", "-"),
            label=entry.label,
            value=said(row.now.value, entry.unit),
            formula=entry.formula,
            dictionary_url=dictionary_url(self.about, entry.key),
            people_url=people_url(scope, entry.key, day, day) if link else "",
            unit=counted(entry) if row.now.value is not None else "",
            reason=row.now.reason or _("当天没有可计算的样本"),
            delta=moved.text if moved else "",
            direction=moved.direction if moved else "",
            better=entry.good or "up",
            against=_("较昨日"),
            n=row.now.denominator if entry.unit == "share" else None,
            note=note,
        )


def daily(about: About, *, planner: Staff | None = None) -> Daily:
    """The daily report of the range's one day; today's plan is the planner's, else the reader's."""
    day = about.range.first
    by = default_by(about.asker.question(day, day))
    rows = tuple(_row(about, key.format(by=by), day) for key in KEYS)
    told = [*news(about, THINGS)]
    happened = tuple([*told, *_plain_news(about)][:THINGS])
    return Daily(about, rows, happened, plan(about, planner or about.scope.within))


def _row(about: About, key: str, day: int) -> Row:
    asker = about.asker
    now = asker.ask(key, day, day)
    return Row(metric(key), now, _since(about, key, now, day, 1), _since(about, key, now, day, WEEK))


def _since(about: About, key: str, now: Answer, day: int, back: int) -> Change | None:
    """The change since so many days before; none while the day itself has not ended."""
    if about.range.is_partial or day - back < about.range.since:
        return None
    past = about.asker.ask(key, day - back, day - back).value
    if now.value is None or past is None:
        return None
    return difference(now.value, past) if key == "net" else change(now.value, past, metric(key).unit)


def _plain_news(about: About) -> Sequence[News]:
    """What can be said of any day: who spoke most, which hour was busiest, which community was liveliest."""
    day = about.range.first
    return [item for item in (_talker(about, day), _hour(about, day), _place(about, day)) if item is not None]


def _talker(about: About, day: int) -> News | None:
    sets = about.asker.question(day, day).sets
    bits, times = sets.counts(DayCount.Kind.MESSAGES, day, day)
    if not len(bits):
        return None
    most = int(times.max())
    who = sets.members(bits[times == most][:3].tolist())
    known = names(about, who)
    shown = " / ".join(known[member] for member in who)
    told = _("{names}，各 {n} 条") if len(who) > 1 else _("{names}，{n} 条")
    proof = told.format(names=shown, n=f"{most:,}")
    return News(_("发言最多"), proof, 0.0)


def _hour(about: About, day: int) -> News | None:
    found = about.asker.question(day, day).sets.hours(day, day).get(day)
    if found is None or not len(found[0]):
        return None
    tally = np.bincount(found[0].astype(np.int64) % 24, weights=found[1], minlength=24)
    hour = int(tally.argmax())
    proof = _("{first}:00–{last}:00，互动 {n} 次").format(
        first=hour, last=hour + 1, n=f"{int(tally[hour]):,}"
    )
    return News(_("最热闹的时段"), proof, 0.0)


def _place(about: About, day: int) -> News | None:
    question = about.asker.question(day, day)
    if len(question.communities) < 2:
        return None
    active = {row.name: len(question.sets_of(row).active(day)) for row in question.communities}
    name = max(active, key=lambda key: active[key])
    return News(_("最活跃的社群"), _("{name}，{n} 人互动").format(name=name, n=f"{active[name]:,}"), 0.0)


def _gap(entry: Metric) -> str:
    """A space before a counting word, none before a percent sign."""
    return " " if counted(entry) else ""

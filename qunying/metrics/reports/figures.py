"""The figures of a report: asked of the metrics, each beside the period before (of a calendar month, the month)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.kit.refusals import Text
from qunying.metrics.asking import metric
from qunying.metrics.cards import DAILY, Card, blanks, people_url
from qunying.metrics.figures import daily
from qunying.metrics.goals import goal
from qunying.metrics.kinds import Answer, Metric
from qunying.metrics.periods import Period
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.tables import Cell, Share, Table
from qunying.metrics.response import default_by
from qunying.metrics.wording import SHARES, Change, change, counted, difference, said

WEEK = 7
SHORTEST = 14
READ = (*DAILY, "stickiness", "speakers", "valid_messages")
GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (gettext_lazy("规模"), ("present", "joins", "leaves", "net")),
    (gettext_lazy("活跃"), ("{actives}", "active_share", "stickiness")),
    (gettext_lazy("发言"), ("speakers", "speaking_rate", "messages", "valid_messages")),
    (gettext_lazy("留存"), ("retention.d7", "in_group_retention.d7", "leave_rate", "same_day_leave_rate")),
    (
        gettext_lazy("答疑"),
        ("questions", "response.{by}.median", "response.{by}.within15", "response.{by}.unanswered"),
    ),
)
ACTIVES = {"week": ("wau.calendar",), "month": ("mau.calendar",), "custom": ("wau", "mau")}
"""By the calendar in reports of a calendar week or month, rolling in any other; never both (kpi.md §3.1)."""
COHORTS = ("retention.d7", "in_group_retention.d7")
"""Asked about those who joined a week before, whose seventh day lies in the period."""

WINDOWS: dict[str, Text] = {
    "day": gettext_lazy("当天"),
    "7 days": gettext_lazy("截至当天的 7 天"),
    "30 days": gettext_lazy("截至当天的 30 天"),
    "calendar week": gettext_lazy("当天所在自然周"),
    "calendar month": gettext_lazy("当天所在自然月"),
    "period": gettext_lazy("所选期间"),
    "cohort": gettext_lazy("所选期间入群或首次发言的一批人"),
}


@dataclass(frozen=True)
class Figure:
    """One metric over the period and over the one before (None: not compared)."""

    entry: Metric
    period: Period
    now: Answer
    before: Answer | None

    @property
    def change(self) -> Change | None:
        now, before = self.now.value, self.before.value if self.before else None
        if now is None or before is None:
            return None
        if self.entry.key == "net":
            return difference(now, before)
        return change(now, before, self.entry.unit)

    def as_json(self) -> dict[str, object]:
        """The numbers themselves, unrounded."""
        found = {"metric": self.entry.key, "label": str(self.entry.label), "unit": self.entry.unit}
        span = {"from": self.period.from_day.isoformat(), "to": self.period.to_day.isoformat()}
        return {
            **found,
            **span,
            **self.now.as_json(),
            "before": self.before.as_json() if self.before else None,
        }


def sections(about: About) -> list[tuple[Text, list[str]]]:
    """The metrics a report shows, in order, under their headings."""
    period = about.range.period
    by = default_by(about.asker.question(period.first, period.last))
    actives = ACTIVES[about.range.key]
    return [
        (label, [name.format(by=by) for key in group for name in (actives if key == "{actives}" else (key,))])
        for label, group in GROUPS
    ]


def keys(about: About) -> list[str]:
    return [key for _label, group in sections(about) for key in group]


def figure(about: About, key: str) -> Figure:
    """The metric's answers over the report's days."""
    period = about.range.period
    back = period.before
    if key in COHORTS:
        period, back = period.shifted(-WEEK), back.shifted(-WEEK)
    now = about.asker.ask(key, period.first, period.last)
    is_compared = about.range.has_before and back.first >= about.range.since
    return Figure(
        metric(key), period, now, about.asker.ask(key, back.first, back.last) if is_compared else None
    )


def card(about: About, figure: Figure, spark: tuple[float | None, ...] = ()) -> Card:
    """The figure as console/_kpi.html shows it."""
    entry, answer, moved = figure.entry, figure.now, figure.change
    staff = about.scope.staff
    link = staff.may("members.read") and answer.state == "ok"
    wanted = goal(about.scope, entry, answer.value)
    return Card(
        key=entry.key.replace(".", "-"),
        label=entry.label,
        value=said(answer.value, entry.unit),
        formula=entry.formula,
        dictionary_url=dictionary_url(about, entry.key),
        people_url=people_url(about.scope, entry.key, figure.period.first, figure.period.last)
        if link
        else "",
        unit=counted(entry) if answer.value is not None else "",
        reason=answer.reason or _blank(answer),
        delta=moved.text if moved else "",
        direction=moved.direction if moved else "",
        better=entry.good or "up",
        against=_("较上期"),
        spark=spark,
        n=answer.denominator if entry.unit == "share" else None,
        note=_note(figure),
        goal=wanted.text if wanted else "",
        goal_share=wanted.share if wanted else None,
    )


def _sparks(about: About) -> dict[str, tuple[float | None, ...]]:
    """The daily values of the period, two weeks at least, of those that are read every day."""
    last = about.range.period.last
    first = min(about.range.period.first, last - SHORTEST + 1)
    return {key: blanks(values) for key, values in daily(about.scope, READ, first, last).items()}


def _note(figure: Figure) -> str:
    """Whose retention it is; how many questions are too young to be judged."""
    answer = figure.now
    if answer.state != "ok":
        return ""
    if figure.entry.key in COHORTS:
        first, last = figure.period.from_day.strftime("%m-%d"), figure.period.to_day.strftime("%m-%d")
        return _("{first}–{last} 入群").format(first=first, last=last)
    young = (answer.numerator or 0) - (answer.denominator or 0) if figure.entry.key == "questions" else 0
    return _("{n} 条提问不足 24 小时，未计入").format(n=young) if young else ""


def dictionary_url(about: About, key: str) -> str:
    """The metric's definition, for those who may open it."""
    if not about.scope.staff.may("numbers.read"):
        return ""
    return reverse("metric", args=[about.brand.slug, key])


def _blank(answer: Answer) -> str:
    return _("观察期未满") if answer.state == "unripe" else _("没有可计算的样本")


def block(about: About) -> Mapping[str, object]:
    """The figures in their groups."""
    figures = [(label, [figure(about, key) for key in group]) for label, group in sections(about)]
    before, drawn = about.range.period.before, _sparks(about)
    return {
        "tiles": [
            (label, [card(about, item, drawn.get(item.entry.key, ())) for item in row])
            for label, row in figures
        ],
        "figures": [item for _label, row in figures for item in row],
        "compared": f"{before.from_day.isoformat()} – {before.to_day.isoformat()}"
        if about.range.has_before
        else "",
        "is_partial": about.range.is_partial,
        "until": about.range.period.to_day,
    }


def tables(block: Mapping[str, Any]) -> list[Table]:
    """The figures with all that they were worked out from."""
    head = (
        _("指标"),
        _("数值"),
        _("单位"),
        _("分子"),
        _("分母"),
        _("自"),
        _("至"),
        _("时间窗"),
        _("上期数值"),
    )
    more = (_("上期分子"), _("上期分母"), _("变化"), _("说明"))
    note = _("对比期 {days}").format(days=block["compared"]) if block["compared"] else ""
    if block["is_partial"]:
        note = _("本期未结束，数据截至 {day}。").format(day=block["until"].isoformat())
    rows = tuple(_row(item) for item in block["figures"])
    return [Table(_("核心数据"), (*head, *more), rows, note, brief=(0, 1, 2, 8, 11, 12))]


def _row(item: Figure) -> tuple[Cell, ...]:
    now, before, moved = item.now, item.before, item.change
    reason = "" if now.value is not None else str(now.reason or _blank(now))
    return (
        str(item.entry.label),
        _value(item, now),
        counted(item.entry),
        now.numerator,
        now.denominator,
        item.period.from_day.isoformat(),
        item.period.to_day.isoformat(),
        str(WINDOWS[item.entry.window]),
        _value(item, before) if before else None,
        before.numerator if before else None,
        before.denominator if before else None,
        f"{_('较上期')} {moved.text}" if moved else "",
        reason or _note(item),
    )


def _value(item: Figure, answer: Answer) -> Cell:
    value = answer.value
    return Share(value) if value is not None and item.entry.unit in SHARES else value

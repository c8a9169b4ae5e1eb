"""The drawings of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from django.utils.translation import gettext as _

from qunying.kit import days
from qunying.metrics import charts
from qunying.metrics.asking import Bucket, buckets
from qunying.metrics.cards import DAILY, people_url
from qunying.metrics.figures import Daily, Floats, daily
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.tables import Drawing
from qunying.metrics.retention import triangle

SHORTEST = 14
WEEKS = 8
MOST_DAYS, MOST_WEEKS = 31, 70
"""Up to so many days are drawn by day or by week; more are drawn by month."""


def trends(about: About) -> Mapping[str, object]:
    """Actives, joins and leaves, messages. Reports of a calendar week or month count its actives by the calendar, so
    no rolling line stands in them."""
    period, scope = about.range.period, about.scope
    since = min(period.last - 2 * max(period.length, SHORTEST) - 1, period.before.first)
    values = daily(scope, (*DAILY, "valid_messages"), since, max(period.last, scope.as_of))
    part = slice(period.first - since, period.last - since + 1)
    mean = _mean(values["dau"][part])
    note = _("日均活跃 {n} 人").format(n=f"{mean:,.0f}") if mean is not None else ""
    names = charts.ACTIVES if about.range.key == "custom" else charts.ACTIVES[:1]
    active = charts.activity(scope, period, values, since, names=names)
    return {
        "drawings": [
            Drawing("active", _("活跃趋势"), "line", active, note=note),
            Drawing(
                "flows",
                _("入群与退群"),
                "bar",
                _flows(about, values, part),
                note=_step_name(about),
                wide=False,
            ),
            Drawing(
                "messages",
                _("消息"),
                "bar",
                _messages(about, values, part),
                note=_step_name(about),
                wide=False,
            ),
        ]
    }


def rhythm(about: About) -> Mapping[str, object]:
    """Hours of the week, stages, and who came, stayed, returned and fell silent."""
    period, scope = about.range.period, about.scope
    standing = daily(scope, charts.STAGE_KEYS, period.last, period.last)
    hours = charts.hours(about.asker, scope, period)
    bars = charts.lifecycle_bars(about.asker, scope, period.last, step="week", many=WEEKS)
    steps = charts.stages(scope, standing, period.last)
    return {
        "drawings": [
            Drawing("hours", _("活跃时段"), "heatmap", hours, reason=_("这段时间没有互动。")),
            Drawing(
                "lifecycle",
                _("活跃构成"),
                "stack",
                bars,
                note=_("截至期末的 8 周"),
                reason=_("数据不足两周，满两周后自动出现。"),
                wide=False,
            ),
            Drawing(
                "stages",
                _("生命周期阶段"),
                "bar",
                steps,
                note=period.to_day.isoformat(),
                reason=_("这一天还没有阶段数据。"),
                wide=False,
            ),
        ]
    }


def returning(about: About) -> Mapping[str, object]:
    """The retention triangle of the weeks up to the period's end."""
    last = about.range.period.last
    week = days.week_start(last)
    asker = about.asker
    question = asker.question(min(max(asker.since, week - WEEKS * 7), last), last)
    by = "join" if question.knows_joins else "message"
    rows = triangle(question, by=by, step="week", columns=WEEKS + 1)
    shape = charts.triangle(about.scope, question, rows, by=by, step="week")
    note = _("按入群周，任一互动") if by == "join" else _("按首次发言周，任一互动")
    reason = _("这段时间没有可观察的新群成员。")
    return {
        "drawings": [Drawing("retention", _("新群成员周留存"), "retention", shape, note=note, reason=reason)]
    }


def newcomers(about: About) -> Mapping[str, object]:
    """The newcomers' funnel of the period, or of the latest month before its end that is old enough."""
    told = charts.funnel(about.asker, about.scope, about.range.period)
    return {"drawings": [Drawing("funnel", _("从入群到留下"), "steps", told.data, told.note, told.reason)]}


def _flows(about: About, values: Daily, part: slice) -> charts.Chart | None:
    came, went = values["joins"][part], values["leaves"][part]
    if not about.asker.question(about.range.period.first, about.range.period.last).knows_joins:
        return _bars(about, [("leaves", _("退群"), went)])
    return _bars(
        about, [("joins", _("新增入群"), came), ("leaves", _("退群"), went), ("", _("净增"), came - went)]
    )


def _messages(about: About, values: Daily, part: slice) -> charts.Chart | None:
    return _bars(
        about,
        [
            ("messages", _("消息数"), values["messages"][part]),
            ("valid_messages", _("有效发言数"), values["valid_messages"][part]),
        ],
    )


def _bars(about: About, rows: Sequence[tuple[str, str, Floats]]) -> charts.Chart | None:
    """Sums by day, week or month of the period; a bar opens the people behind it."""
    period = about.range.period
    steps = buckets(period.first, period.last, by=_step(about), as_of=period.last, today=period.last + 1)
    may = about.scope.staff.may("members.read")
    series: list[charts.Chart] = []
    for key, name, array in rows:
        shown: charts.Chart = {"name": name, "values": [_sum(array, period.first, step) for step in steps]}
        if key and may:
            shown["hrefs"] = [
                people_url(about.scope, key, max(step.first, period.first), min(step.last, period.last))
                for step in steps
            ]
        series.append(shown)
    if all(value is None for shown in series for value in _values(shown)):
        return None
    form = "%Y-%m" if _step(about) == "month" else "%m-%d"
    return {
        "x": [days.date(max(step.first, period.first)).strftime(form) for step in steps],
        "series": series,
    }


def _values(shown: charts.Chart) -> Sequence[object]:
    values = shown["values"]
    return values if isinstance(values, list) else []


def _sum(array: Floats, first: int, step: Bucket) -> int | None:
    some = array[max(step.first - first, 0) : step.last - first + 1]
    return None if np.isnan(some).all() else int(np.nansum(some))


def _mean(array: Floats) -> float | None:
    return None if np.isnan(array).all() else float(np.nanmean(array))


def _step(about: About) -> str:
    length = about.range.period.length
    return "day" if length <= MOST_DAYS else "week" if length <= MOST_WEEKS * 7 else "month"


def _step_name(about: About) -> str:
    return {"day": _("按天"), "week": _("按周"), "month": _("按月")}[_step(about)]

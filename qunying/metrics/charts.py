"""The shapes that console/_chart.html draws, from daily values, triangles and hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.audiences.stages import KEYS, LABELS
from qunying.communities.duty import weekdays
from qunying.communities.scope import Scope
from qunying.kit import days
from qunying.kit.refusals import Text
from qunying.metrics import newcomers, retention
from qunying.metrics.asking import NO_JOINS, NO_SPEECH, Asker
from qunying.metrics.cards import blanks, days_of, people_url
from qunying.metrics.figures import Daily
from qunying.metrics.kinds import Question
from qunying.metrics.lifecycle import lifecycle
from qunying.metrics.periods import Period, interval_before, intervals

Chart = dict[str, object]
"""What a chart's JSON holds; its shapes are written at the top of console/_chart.html."""


@dataclass(frozen=True)
class Told:
    """A chart that says itself which days it is about, or why it is blank."""

    data: Chart | None
    note: Text = ""
    reason: Text = ""


SHORTEST = 14


ACTIVES: tuple[tuple[str, Text], ...] = (
    ("dau", gettext_lazy("日活跃")),
    ("wau", gettext_lazy("近7天活跃")),
    ("mau", gettext_lazy("近30天活跃")),
)


def activity(
    scope: Scope,
    period: Period,
    values: Daily,
    since: int,
    *,
    names: Sequence[tuple[str, Text]] = ACTIVES,
) -> Chart:
    """Daily, weekly and monthly actives with the period before; a running day comes last, unfinished. A running month
    stands alone."""
    first = min(period.first, period.last - SHORTEST + 1)
    runs_on = scope.as_of == period.last + 1 and period.key != "custom" and not period.is_month
    last = scope.as_of if runs_on else period.last
    length = last - first + 1
    first = max(first, since + length)
    shown = slice(first - since, last - since + 1)
    series: list[Chart] = [{"name": str(label), "values": blanks(values[key][shown])} for key, label in names]
    start = period.before.first if period.is_month else first - length
    end = min(start + length, first)
    series += [
        {
            "name": _("{name}（上期）").format(name=label),
            "values": [*blanks(values[key][start - since : end - since]), *[None] * (length - end + start)],
            "compare": True,
            "of": at,
        }
        for at, (key, label) in enumerate(names)
        if not period.is_running
    ]
    found: Chart = {"x": days_of(range(first, last + 1)), "series": series, "partial": last >= scope.today}
    if scope.staff.may("members.read"):
        found["hrefs"] = [people_url(scope, "dau", day, day) for day in range(first, last + 1)]
    return found


STAGE_ORDER = ("core", "active", "new", "silent", "dormant", "unobserved")
STAGE_KEYS = tuple(f"stage.{key}" for key in KEYS[1:])


def stages(scope: Scope, values: Daily, day: int) -> Chart | None:
    """How many present members stand in each stage; a bar opens them."""
    counts = {key: values[f"stage.{key}"][-1] for key in STAGE_ORDER}
    if all(np.isnan(value) for value in counts.values()):
        return None
    shown = [key for key in STAGE_ORDER if key != "unobserved" or counts[key] > 0]
    found: Chart = {
        "x": [str(LABELS[key]) for key in shown],
        "series": [{"name": _("群成员"), "values": [int(np.nan_to_num(counts[key])) for key in shown]}],
        "unit": _(" 人"),
        "horizontal": True,
    }
    if scope.staff.may("members.read"):
        found["hrefs"] = [people_url(scope, f"stage.{key}", day, day) for key in shown]
    return found


def triangle(
    scope: Scope,
    question: Question,
    rows: Sequence[retention.Row],
    *,
    by: str,
    step: str,
    variant: str = "exact",
) -> Chart | None:
    """The retention triangle; a cell opens the people in it, a cell that has not ended stays empty."""
    if not any(row.size for row in rows):
        return None
    if variant == "bracket":
        return _brackets(scope, rows, by=by, step=step)
    name = {"day": _("第{n}天"), "week": _("第{n}周"), "month": _("第{n}月")}[step]
    width = max((len([cell for cell in row.cells if cell.active is not None]) for row in rows), default=0)
    may = scope.staff.may("members.read")
    shown = []
    for row in rows:
        if not row.size:
            continue
        cells = row.cells[1:width]
        links = [
            _cell_url(scope, question, f"{by}:{step}:{days.date(row.first)}:{at}:{variant}", row.first)
            if may and cell.active is not None
            else None
            for at, cell in enumerate(cells, 1)
        ]
        shown.append(_line(row, step, cells, links))
    return {"cols": [name.format(n=at) for at in range(1, width)], "rows": shown}


def _line(
    row: retention.Row, step: str, cells: Sequence[retention.Cell], links: Sequence[str | None]
) -> Chart:
    label = days.date(row.first).strftime("%Y-%m" if step == "month" else "%m-%d")
    return {"label": label, "n": row.size, "values": [cell.share for cell in cells], "hrefs": list(links)}


def _brackets(scope: Scope, rows: Sequence[retention.Row], *, by: str, step: str) -> Chart:
    """The bracket variant: a column for each bracket, a cell opens the people of its metric."""
    may = scope.staff.may("members.read")
    kind = "retention" if by == "join" else "retention.message"
    names = [f"{kind}.d{low}_{high}" for low, high in retention.BRACKETS]
    shown = []
    for row in rows:
        links = [
            people_url(scope, name, row.first, row.last) if may and cell.active is not None else None
            for name, cell in zip(names, row.cells, strict=True)
        ]
        if row.size:
            shown.append(_line(row, step, row.cells, links))
    cols = [_("第{low}–{high}天").format(low=low, high=high) for low, high in retention.BRACKETS]
    return {"cols": cols, "rows": shown}


def _cell_url(scope: Scope, question: Question, cell: str, start: int) -> str:
    return people_url(scope, "retention", start, question.last, cell=cell.removesuffix(":exact"))


def funnel(asker: Asker, scope: Scope, period: Period) -> Told:
    """The newcomers' funnel of the period, or of the latest month that is old enough for it; a step opens who took it
    and who did not. Steps that are not due yet, or decided for nobody, stay blank."""
    found = newcomers.join_days(asker, period.first, period.last)
    if found is None:
        asked = asker.question(period.first, period.last)
        known = asked.knows_joins or not asked.communities
        return Told(None, reason=_("这段时间没有可观察的新群成员。") if known else NO_JOINS)
    first, last = found
    question = asker.question(first, last, ahead=asker.as_of)
    if not question.sees_speech:
        return Told(None, reason=NO_SPEECH)
    span = f"{days.date(first).isoformat()} – {days.date(last).isoformat()}"
    note = _("{span} 首次入群的人").format(span=span)
    if last < period.last:
        note = _("{span} 首次入群的人；之后入群的未到期，不计").format(span=span)
    pairs = zip(newcomers.STEPS, newcomers.walk(question), strict=True)
    return Told({"steps": [_step(scope, question, step, taken) for step, taken in pairs]}, note)


def _step(scope: Scope, question: Question, step: newcomers.Step, taken: newcomers.Taken) -> Chart:
    shown: Chart = {"name": str(step.name), "window": str(step.window)}
    if not question.has_ended(question.last + step.reach):
        return {**shown, "value": None, "reason": _("入群满 {n} 天后可见").format(n=step.reach)}
    if not taken.of:
        return {**shown, "value": None, "reason": _("所在社群的数据不满入群后 {n} 天").format(n=step.reach)}
    shown["value"] = len(taken.bits)
    span, may = (question.first, question.last), scope.staff.may("members.read")
    if may:
        shown["href"] = people_url(scope, step.key, *span)
    if step is newcomers.STEPS[0]:
        return shown
    shown |= {"of": len(taken.of), "before": len(taken.before), "lost": len(taken.lost)}
    if may:
        shown["lost_href"] = people_url(scope, "funnel", *span, cell=step.key)
    return shown


def hours(asker: Asker, scope: Scope, period: Period) -> Chart | None:
    """Interactions by weekday and local hour over the period; a square opens the people active in it."""
    grid = np.zeros((7, 24), dtype=np.int64)
    for day, (keys, times) in (
        asker.question(period.first, period.last).sets.hours(period.first, period.last).items()
    ):
        np.add.at(grid[days.date(day).weekday()], keys.astype(np.int64) % 24, times)
    if not grid.any():
        return None
    names = weekdays()
    found: Chart = {"rows": names, "values": grid.tolist(), "unit": _(" 次")}
    if scope.staff.may("members.read"):
        found["hrefs"] = [
            [
                people_url(scope, "hours", period.first, period.last, cell=f"{row}:{hour}")
                if grid[row, hour]
                else None
                for hour in range(24)
            ]
            for row in range(7)
        ]
    return found


def flows(scope: Scope, first: int, last: int, values: Daily) -> Chart | None:
    """Joins above the line and leaves below it, day by day; their sum is the net growth of the card."""
    came, went = blanks(values["joins"]), blanks(-values["leaves"])
    if not any(came) and not any(went):
        return None
    series: list[Chart] = [{"name": _("新增入群"), "values": came}, {"name": _("退群"), "values": went}]
    if scope.staff.may("members.read"):
        for shown, key in zip(series, ("joins", "leaves"), strict=True):
            shown["hrefs"] = [people_url(scope, key, day, day) for day in range(first, last + 1)]
    return {"x": days_of(range(first, last + 1)), "series": series}


def lifecycle_bars(asker: Asker, scope: Scope, last: int, *, step: str, many: int) -> Chart | None:
    """First, returning and resurrecting above the line, dormant below it, for the latest whole days, weeks or months up
    to `last`."""
    spans = [
        (start, end)
        for start, end in intervals(last, step=step, many=many)
        if interval_before(start, end, step)[0] >= asker.since
    ]
    if not spans:
        return None
    question = asker.question(spans[0][0], spans[-1][1], step=step)
    parts = [lifecycle(question, start, end) for start, end in spans]
    names = (
        ("first", _("首次互动"), 1),
        ("returning", _("持续活跃"), 1),
        ("resurrecting", _("回流"), 1),
        ("dormant", _("流失活跃"), -1),
    )
    may = scope.staff.may("members.read")
    series: list[Chart] = []
    for name, label, sign in names:
        shown: Chart = {"name": label, "values": [sign * len(getattr(part, name)) for part in parts]}
        if may:
            shown["hrefs"] = [people_url(scope, f"lifecycle.{name}", start, end) for start, end in spans]
        series.append(shown)
    return {"x": days_of([start for start, _end in spans]), "series": series, "unit": _(" 人")}

"""指标词典: every declared metric with its definition, and one page for each."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.communities.scope import Scope, frame, scope_of
from qunying.kit import catalog, days
from qunying.kit.refusals import Text
from qunying.metrics import asking, switch
from qunying.metrics.asking import Asker
from qunying.metrics.cards import blanks, days_of, people_url
from qunying.metrics.figures import daily, restated
from qunying.metrics.kinds import Answer, Metric
from qunying.metrics.periods import Period, period_of
from qunying.metrics.wording import counted, said

ORDER = ("flows", "activity", "speech", "response", "voice", "retention", "lifecycle", "stages")
READ = (
    *("dau", "wau", "mau", "speakers", "messages", "valid_messages", "interactions", "joins", "leaves"),
    *("present", "stickiness", "speaking_rate", "active_share"),
)
"""Metrics read every day; stages too."""
TREND = 90
HORIZON = 60
READ_ON_ONE_DAY = ("day", "7 days", "30 days", "calendar week", "calendar month")


def topics() -> dict[str, Text]:
    return {
        "flows": _("入群与退群"),
        "activity": _("活跃与发言"),
        "speech": _("发言结构"),
        "response": _("答疑与响应"),
        "voice": _("品牌声量"),
        "retention": _("留存"),
        "lifecycle": _("活跃构成"),
        "stages": _("生命周期阶段"),
    }


def windows() -> dict[str, Text]:
    return {
        "day": _("当天"),
        "7 days": _("截至当天的 7 天"),
        "30 days": _("截至当天的 30 天"),
        "calendar week": _("当天所在自然周"),
        "calendar month": _("当天所在自然月"),
        "period": _("所选期间"),
        "cohort": _("所选期间入群或首次发言的一批人"),
    }


def units() -> dict[str, Text]:
    return {
        "people": _("人（去重）"),
        "times": _("次"),
        "share": _("比例"),
        "ratio": _("倍数"),
        "minutes": _("分钟"),
        "score": _("分"),
    }


def metrics(request: BrandRequest) -> HttpResponse:
    """All definitions by group."""
    scope = scope_of(request, dt.datetime.now(dt.UTC))
    text = request.GET.get("q", "").strip().lower()
    entries = [
        entry
        for entry in catalog.collect("metrics")
        if text in f"{entry.key} {entry.label} {entry.formula}".lower()
    ]
    names, rank = topics(), {name: at for at, name in enumerate(ORDER)}
    entries.sort(key=lambda entry: rank.get(entry.topic, len(ORDER)))
    context = {
        "groups": [
            (names.get(name, _("其他")), [(entry, windows()[entry.window]) for entry in rows])
            for name, rows in _grouped(entries)
        ],
        "fields": [{"name": "q", "label": _("指标名称或口径"), "kind": "search", "value": text}],
        "count": len(entries),
    }
    return render(request, "metrics/dictionary.html", {**frame(scope), **context})


def _grouped(entries: list[Metric]) -> list[tuple[str, list[Metric]]]:
    return [(name, list(rows)) for name, rows in groupby(entries, key=lambda entry: entry.topic)]


def metric(request: BrandRequest, key: str) -> HttpResponse:
    """One definition with its current value and its trend."""
    scope = switch.scope_with_switch(request, dt.datetime.now(dt.UTC))
    entry = asking.metric(key)
    context = {
        "entry": entry,
        "facts": definition(entry, scope),
        **(
            current(scope, entry, period_of(request.GET, scope))
            if scope.known
            else {"blank": _("还没有数据。")}
        ),
    }
    return render(request, "metrics/metric.html", {**frame(scope), **context})


def definition(entry: Metric, scope: Scope) -> list[tuple[Text, Text]]:
    """What a reader must know to trust the number."""
    changed = restated(scope, entry.key)
    return [
        (_("口径"), entry.formula),
        (_("时间窗"), windows()[entry.window]),
        (_("单位"), units()[entry.unit]),
        (_("时区"), _("{zone}，按自然日，周一为一周的第一天").format(zone=scope.brand.zone)),
        (_("不计入"), _left_out(scope)),
        (_("数据要求"), _needs(entry)),
        (_("越高越好还是越低越好"), _better(entry)),
        (_("计算时间"), _computed(scope)),
        (_("更新"), _("每天日终取值；补录的数据会自动重算")),
        (_("最近一次重算"), changed or _("没有改动过历史值")),
        (_("版本"), _("第 {n} 版").format(n=entry.version)),
    ]


def _computed(scope: Scope) -> str:
    at = dt.datetime.now(ZoneInfo(scope.brand.zone))
    return _("打开本页时，{time}；数据截至 {day}").format(
        time=f"{at:%Y-%m-%d %H:%M}", day=days.date(scope.as_of).isoformat()
    )


def _left_out(scope: Scope) -> str:
    if scope.with_everybody:
        return _("撤回的消息。已合并的账号算一位。员工、机器人与测试账号已计入。")
    return _("机器人、测试账号；任职期内的员工；撤回的消息。已合并的账号算一位。")


def _needs(entry: Metric) -> str:
    needs = {"joins": _("需要带入群记录的数据"), "speech": _("需要能看到发言的群"), "": _("不限")}
    return needs[entry.needs]


def _better(entry: Metric) -> str:
    return {"up": _("越高越好"), "down": _("越低越好")}.get(entry.good, _("不作判断"))


def current(scope: Scope, entry: Metric, period: Period) -> dict[str, object]:
    """The value over the period, or over the latest one that is ripe for a metric that looks ahead."""
    at = dt.datetime.now(dt.UTC)
    asker = Asker(scope.brand, scope.known, at=at, with_everybody=scope.with_everybody)
    answer, shown = ripe(asker, entry, period)
    may = scope.staff.may("members.read") and answer.state == "ok"
    return {
        "period": period,
        "shown": shown,
        "answer": answer,
        "value": said(answer.value, entry.unit),
        "word": counted(entry),
        "people_url": people_url(scope, entry.key, shown.first, shown.last) if may else "",
        "trend": trend(scope, entry, period.last),
    }


def ripe(asker: Asker, entry: Metric, period: Period) -> tuple[Answer, Period]:
    """The answer and the days it speaks of: moved back, a week at a time, until something is due."""
    answer, back = asker.ask(entry.key, period.first, period.last), 0
    while answer.state == "unripe" and back < HORIZON + period.length:
        back += 7 if back else 1
        answer = asker.ask(entry.key, period.first - back, period.last - back)
    shown = period.shifted(-back)
    return answer, Period(shown.key, shown.last, shown.last) if entry.window in READ_ON_ONE_DAY else shown


def trend(scope: Scope, entry: Metric, last: int) -> dict[str, object] | None:
    """Daily values of the last 90 days of metrics that are read every day."""
    if entry.key not in READ and not entry.key.startswith("stage."):
        return None
    first = max(scope.since, last - TREND + 1)
    values = daily(scope, (entry.key,), first, last)[entry.key]
    series = [{"name": str(entry.label), "values": blanks(values)}]
    found: dict[str, object] = {"x": days_of(range(first, last + 1)), "series": series}
    return {**found, "unit": "%"} if entry.unit == "share" else found

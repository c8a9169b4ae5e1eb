"""活跃分析: stickiness, lifecycle and concentration as tabs, and the rank of speakers."""

from __future__ import annotations

import datetime as dt

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from qunying.audiences.filters import size_of
from qunying.audiences.roster import Roster
from qunying.brands.access import BrandRequest
from qunying.communities.scope import Scope, frame
from qunying.kit.errors import Missing
from qunying.metrics import charts, structure
from qunying.metrics.asking import Asker, metric
from qunying.metrics.cards import metric_url, people_url
from qunying.metrics.periods import Period, intervals, period_of
from qunying.metrics.switch import scope_with_switch
from qunying.metrics.wording import counted, said

TABS = ("stickiness", "lifecycle", "concentration", "speakers")
STEPS = {"day": 30, "week": 12, "month": 12}
Context = dict[str, object]


def activity(request: BrandRequest) -> HttpResponse:
    """The tab of the address; each reads only what it shows."""
    at = dt.datetime.now(dt.UTC)
    scope = scope_with_switch(request, at)
    if not scope.known:
        return render(request, "metrics/dashboard_empty.html", {**frame(scope), "title": _("活跃分析")})
    tab = request.GET.get("tab", TABS[0])
    if tab not in TABS or (tab == "speakers" and not scope.staff.may("members.read")):
        raise Missing("brands.not_found")
    period = period_of(request.GET, scope, default="30d")
    asker = Asker(scope.brand, scope.known, at=at, with_everybody=scope.with_everybody)
    shown = PARTS[tab](request, scope, asker, period)
    context = {
        "tab": tab,
        "tabs": tabs(request, scope, tab),
        "period": period,
        "part": f"metrics/_activity_{tab}.html",
        **shown,
    }
    return render(request, "metrics/activity.html", {**frame(scope), **context})


def tabs(request: BrandRequest, scope: Scope, current: str) -> list[Context]:
    names = {
        "stickiness": _("黏性"),
        "lifecycle": _("活跃构成"),
        "concentration": _("集中度"),
        "speakers": _("发言排行"),
    }
    found: list[Context] = []
    for key in TABS:
        if key == "speakers" and not scope.staff.may("members.read"):
            continue
        query = request.GET.copy()
        query.pop("page", None)
        query["tab"] = key
        found.append({"label": names[key], "url": f"?{query.urlencode()}", "is_current": key == current})
    return found


def stickiness(_request: BrandRequest, scope: Scope, asker: Asker, period: Period) -> Context:
    """Days active of the last 30, the ratio, the habitual, the streaks."""
    question = asker.question(max(asker.since, period.last - 29), period.last)
    keys = ("stickiness", "habitual", "dau", "mau")
    return {
        "histogram": structure.stickiness(scope, question),
        "figures": [figure(scope, asker, key, Period("", period.last, period.last)) for key in keys],
        "streaks": structure.streaks_of(scope, question),
    }


def lifecycle(request: BrandRequest, scope: Scope, asker: Asker, period: Period) -> Context:
    """First, returning and resurrecting above the line, dormant below; the identity holds in every interval."""
    step = request.GET.get("step", "week")
    step = step if step in STEPS else "week"
    first, last = intervals(period.last, step=step, many=1)[0]
    names = {"day": _("日"), "week": _("周"), "month": _("月")}
    steps = []
    for key, label in names.items():
        query = request.GET.copy()
        query["step"] = key
        steps.append({"label": label, "url": f"?{query.urlencode()}", "is_current": key == step})
    keys = ("lifecycle.first", "lifecycle.returning", "lifecycle.resurrecting", "lifecycle.dormant")
    return {
        "bars": charts.lifecycle_bars(asker, scope, period.last, step=step, many=STEPS[step]),
        "steps": steps,
        "figures": [figure(scope, asker, key, Period("", first, last)) for key in keys],
    }


def concentration(_request: BrandRequest, scope: Scope, asker: Asker, period: Period) -> Context:
    """Who carries the talk."""
    found = structure.spread(asker.question(period.first, period.last))
    url = people_url(scope, "quiet", period.first, period.last) if scope.staff.may("members.read") else ""
    keys = ("concentration", "top_tenth", "speakers", "messages_per_speaker")
    return {"spread": found, "figures": [figure(scope, asker, key, period) for key in keys], "quiet_url": url}


def speakers(request: BrandRequest, scope: Scope, asker: Asker, period: Period) -> Context:
    """Everybody by messages, those without one included, equals on one place."""
    ranked = structure.Ranking(
        asker.question(period.first, period.last), with_silent=request.GET.get("silent") != "0"
    )
    page = Paginator(ranked, size_of(request.GET)).get_page(request.GET.get("page"))
    roster = Roster(scope)
    lines = {
        line.pk: line for line in roster.lines(roster.of_members([row.member for row in page.object_list]))
    }
    rows = [(row, lines[row.member]) for row in page.object_list if row.member in lines]
    return {"page": page, "rows": rows, "with_silent": request.GET.get("silent") != "0"}


def figure(scope: Scope, asker: Asker, key: str, period: Period) -> Context:
    """A metric over the period as a small card."""
    entry = metric(key)
    answer = asker.ask(key, period.first, period.last)
    may = scope.staff.may("members.read") and answer.value is not None
    return {
        "key": key.replace(".", "-"),
        "label": entry.label,
        "value": said(answer.value, entry.unit),
        "formula": entry.formula,
        "dictionary_url": metric_url(scope, key),
        "people_url": people_url(scope, key, period.first, period.last) if may else "",
        "note": f"{answer.numerator:,} / {answer.denominator:,}"
        if answer.denominator and entry.unit == "share"
        else "",
        "unit": counted(entry) if answer.value is not None else "",
        "reason": answer.reason or _("这段时间没有数据"),
        "n": answer.denominator,
    }


PARTS = {
    "stickiness": stickiness,
    "lifecycle": lifecycle,
    "concentration": concentration,
    "speakers": speakers,
}

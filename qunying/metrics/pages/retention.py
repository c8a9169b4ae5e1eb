"""留存分析: cohorts by joining or first message; staying active beside staying in the group."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.communities.scope import Scope, frame
from qunying.kit.errors import Invalid
from qunying.metrics import charts
from qunying.metrics.asking import Asker, metric
from qunying.metrics.cards import Card, metric_url, people_url
from qunying.metrics.flows import stayed as still_here
from qunying.metrics.kinds import Answer, Metric
from qunying.metrics.periods import Period
from qunying.metrics.retention import DAYS, FURTHEST, triangle
from qunying.metrics.switch import scope_with_switch
from qunying.metrics.wording import said

COLUMNS = {"day": 15, "week": 13, "month": 13}
ROWS = {"day": 21, "week": 12, "month": 12}
MONTH = 30


@dataclass(frozen=True)
class Asked:
    """What the page is asked: whose first day counts, the step, and a day N of the reader's own choice."""

    by: str
    step: str
    n: int | None
    variant: str = "exact"

    def url(self, scope: Scope, **changes: object) -> str:
        given = {
            "by": self.by,
            "step": self.step,
            "n": self.n or "",
            "variant": self.variant,
            "c": scope.node.pk if scope.node else "",
            "everybody": "1" if scope.with_everybody else "",
            **changes,
        }
        query = urlencode({name: value for name, value in given.items() if value != ""})
        return f"{reverse('retention', args=[scope.brand.slug])}?{query}"


def asked_of(given: QueryDict) -> Asked:
    by, step, text = given.get("by", "join"), given.get("step", "week"), given.get("n", "")
    if by not in ("join", "message") or step not in COLUMNS:
        raise Invalid("metrics.bad_triangle", by=by[:20], step=step[:20])
    number = int(text) if text.isdigit() and 0 < int(text) <= FURTHEST else None
    return Asked(by, step, number, given.get("variant") or "exact")


def retention(request: BrandRequest) -> HttpResponse:
    """Cards and the triangle."""
    at = dt.datetime.now(dt.UTC)
    scope = scope_with_switch(request, at)
    if not scope.known:
        return render(request, "metrics/dashboard_empty.html", {**frame(scope), "title": _("留存分析")})
    asked = asked_of(request.GET)
    asker = Asker(scope.brand, scope.known, at=at, with_everybody=scope.with_everybody)
    shown = cards(scope, asker, asked)
    context = {
        "asked": asked,
        "cards": shown,
        "beside": beside(shown),
        "funnel": charts.funnel(asker, scope, Period("", scope.complete - MONTH + 1, scope.complete)),
        **table(scope, asker, asked),
        **tabs(scope, asked),
    }
    return render(request, "metrics/retention.html", {**frame(scope), **context})


def table(scope: Scope, asker: Asker, asked: Asked) -> dict[str, object]:
    """The triangle over as many cohorts as the step shows."""
    last = scope.complete
    span = {"day": ROWS["day"], "week": ROWS["week"] * 7, "month": ROWS["month"] * 30}[asked.step]
    question = asker.question(max(asker.since, last - span + 1), last)
    rows = triangle(
        question, by=asked.by, step=asked.step, columns=COLUMNS[asked.step], variant=asked.variant
    )
    if question.first <= asker.since and rows and asked.step != "day" and rows[0].first < asker.since:
        rows = rows[1:]
    found = charts.triangle(scope, question, rows, by=asked.by, step=asked.step, variant=asked.variant)
    if found is not None and asked.by == "message":
        found["head"] = _("首次发言批次")
    return {"triangle": found}


def cards(scope: Scope, asker: Asker, asked: Asked) -> list[dict[str, object]]:
    """Per day N: active exactly then, and still in the group then, of the latest 30 days' arrivals that are ripe."""
    numbers = [*DAYS, *([asked.n] if asked.n and asked.n not in DAYS else [])]
    found = []
    for n in numbers:
        last = scope.complete - n
        first = max(last - MONTH + 1, asker.since)
        there = stayed(asker, n, first, last) if asked.by == "join" else None
        entry = metric(f"retention.d{n}" if asked.by == "join" else f"retention.message.d{n}")
        answer = asker.put(entry, asker.posed(entry, first, last)) if first <= last else Answer.unripe()
        shown = card(scope, entry, answer, Period("", first, max(first, last)))
        found.append({"n": n, "card": shown, "active": answer.value, "stayed": there})
    return found


def beside(shown: list[dict[str, object]]) -> charts.Chart:
    """Staying active and staying in the group side by side, as bars."""
    return {
        "x": [_("第 {n} 天").format(n=row["n"]) for row in shown],
        "series": [
            {"name": _("当天活跃"), "values": [row["active"] for row in shown]},
            {"name": _("仍在群"), "values": [row["stayed"] for row in shown]},
        ],
        "unit": "%",
    }


def card(scope: Scope, entry: Metric, answer: Answer, period: Period) -> Card:
    """Day-N retention of those whose first day lies in the period; blank before the first such day is over."""
    first, last = period.from_day.strftime("%m-%d"), period.to_day.strftime("%m-%d")
    note = _("{first}–{last} 共 {n} 人").format(first=first, last=last, n=f"{answer.denominator or 0:,}")
    may = scope.staff.may("members.read") and answer.value is not None
    return Card(
        key=entry.key.replace(".", "-"),
        label=entry.label,
        value=said(answer.value, "share"),
        formula=entry.formula,
        dictionary_url=metric_url(scope, entry.key),
        people_url=people_url(scope, entry.key, period.first, period.last) if may else "",
        reason=answer.reason or _("还没有到期的数据"),
        n=answer.denominator,
        note=note if answer.value is not None else "",
    )


def stayed(asker: Asker, n: int, first: int, last: int) -> float | None:
    """In-group retention of the same days' arrivals."""
    if first > last:
        return None
    question = asker.question(first, last)
    answer = still_here(n)(question) if question.communities and question.knows_joins else Answer.unripe()
    return None if answer.value is None else float(answer.value)


def tabs(scope: Scope, asked: Asked) -> dict[str, object]:
    """The two ways to count, the three steps and the three variants."""
    notes = {
        "exact": _("每格：恰在这一间隔内有互动的人"),
        "rolling": _("每格：在这一间隔或之后有互动的人"),
        "bracket": _("每格：在各自第 6–8、28–34、57–63 天内有互动的人"),
    }
    ways = {"join": _("按入群"), "message": _("按首次发言")}
    steps = {"day": _("日"), "week": _("周"), "month": _("月")}
    variants = {"exact": _("当期"), "rolling": _("当期及以后"), "bracket": _("区间")}
    return {
        "variant_note": notes[asked.variant],
        "variants": _tabs(scope, asked, "variant", variants),
        "ways": _tabs(scope, asked, "by", ways),
        "steps": _tabs(scope, asked, "step", steps),
    }


def _tabs(scope: Scope, asked: Asked, name: str, labels: Mapping[str, str]) -> list[dict[str, object]]:
    return [
        {
            "label": label,
            "url": asked.url(scope, **{name: key}),
            "is_current": getattr(asked, name) == key,
        }
        for key, label in labels.items()
    ]

"""Operations that answer a whole report: the numbers, what happened and whom it is about, as its page shows them."""

from __future__ import annotations

from django.http import HttpResponse
from ninja.params.functions import Query

from qunying.api.places import now, scope_for
from qunying.brands.access import BrandRequest
from qunying.kit.errors import Invalid, Refused
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.daily import Row
from qunying.metrics.reports.daily import daily as daily_of
from qunying.metrics.reports.export import as_bytes
from qunying.metrics.reports.plan import Plan
from qunying.metrics.reports.range import one_day, range_of
from qunying.metrics.wording import Change


def report(
    request: BrandRequest,
    brand: str,
    community: str = "",
    since: str = Query("", alias="from"),
    until: str = Query("", alias="to"),
) -> HttpResponse:
    """The report of any days, by default of the last week that is over, as the JSON file of the report holds it. Names
    are masked unless the token carries members.personal."""
    if until and not since:
        raise Invalid("api.bad_request", what="from")
    scope = scope_for(request, community)
    body = as_bytes(About(scope, range_of(request.GET, scope), now()), "json")
    return HttpResponse(body, content_type="application/json")


def daily(request: BrandRequest, brand: str, community: str = "", on: str = "") -> dict[str, object]:
    """The daily report of one day, by default of the last that is over. `plan` is what the token's staff member has to
    do today, null for other days than the last and for who has nothing to do here; `text` is all of it as pasted into a
    chat."""
    scope = scope_for(request, community)
    if not scope.known:
        raise Refused("metrics.nothing_to_report", place=scope.name)
    found = daily_of(About(scope, one_day(on, scope), now()))
    span = found.about.range
    return {
        "heading": found.heading,
        "day": span.from_day,
        "is_partial": span.is_partial,
        "figures": [_figure(row) for row in found.rows],
        "news": [{"title": item.title, "proof": item.proof} for item in found.news],
        "plan": _plan(found.plan) if found.plan else None,
        "text": found.text,
    }


def _figure(row: Row) -> dict[str, object]:
    told = {"key": row.entry.key, "label": str(row.entry.label), "unit": row.entry.unit}
    changes = {"since_yesterday": _change(row.since_yesterday), "since_week": _change(row.since_week)}
    return {**told, **row.now.as_json(), **changes}


def _change(change: Change | None) -> dict[str, object] | None:
    return {"text": change.text, "direction": change.direction} if change else None


def _plan(plan: Plan) -> dict[str, object]:
    things = [
        {"kind": each.kind, "title": each.title, "where": each.where, "owner": each.owner}
        for each in plan.things
    ]
    return {"things": things, "more": plan.more}

"""Operations about the brand, its communities, its work and its numbers."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

from ninja.params.functions import Query

from qunying.api.asking import Period, ask, day_of
from qunying.api.cursors import cut
from qunying.brands.access import BrandRequest
from qunying.communities.duty import Turn, seen_in
from qunying.communities.models import Community
from qunying.communities.roster import span
from qunying.communities.scope import Scope, chosen, scope_of
from qunying.connectors.models import ImportBatch
from qunying.connectors.queries import one as one_import
from qunying.connectors.queries import visible as visible_imports
from qunying.diagnosis.models import Finding
from qunying.diagnosis.queries import findings as visible_findings
from qunying.diagnosis.queries import one as one_finding
from qunying.jobs.models import Job
from qunying.jobs.queries import one as one_job
from qunying.jobs.queries import sentence
from qunying.jobs.queries import visible as visible_jobs
from qunying.kit import catalog, days
from qunying.kit.errors import Invalid, NotAllowed
from qunying.metrics.asking import Asker
from qunying.metrics.figures import daily
from qunying.metrics.kinds import Question
from qunying.metrics.retention import Cell, triangle
from qunying.metrics.series import changes

MOST_DAYS = 1_100
MOST_COLUMNS = 60
MOST_ROSTER_DAYS = 100
LAST_ROSTER_DAY = days.number(dt.date(2200, 1, 1))


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def scope_for(request: BrandRequest, community: str, *, everybody: bool = False) -> Scope:
    """All communities of the data scope, or the one with this number; Missing where it is not in scope."""
    whole = scope_of(request, now())
    return replace(whole, node=chosen(community, list(whole.nodes)), with_everybody=everybody)


def brands(request: BrandRequest) -> list[dict[str, object]]:
    """The brand this token belongs to."""
    token = request.auth  # type: ignore[attr-defined]  # set by ninja from Bearer's answer
    brand = request.brand
    scopes = [scope for scope in token.scopes if token.may(scope)]
    return [
        {
            "slug": brand.slug,
            "name": brand.name,
            "zone": brand.zone,
            "role": request.staff.role,
            "scopes": scopes,
        }
    ]


def communities(request: BrandRequest, brand: str) -> dict[str, object]:
    """Communities within the data scope."""
    return {"items": [_community(row) for row in scope_for(request, "").nodes]}


def community(request: BrandRequest, brand: str, community_id: int) -> dict[str, object]:
    node = scope_for(request, str(community_id)).node
    return _community(node) if node else {}


def _community(row: Community) -> dict[str, object]:
    ends = [None if day is None else days.date(day).isoformat() for day in (row.covered_from, row.covered_to)]
    return {
        "id": row.pk,
        "name": row.name,
        "kind": row.kind,
        "level": row.level,
        "parent": row.parent_id,
        "platform": row.platform,
        "is_test": row.is_excluded,
        "covered_from": ends[0],
        "covered_to": ends[1],
    }


def metrics(request: BrandRequest, brand: str) -> dict[str, object]:
    """Every declared metric with its definition."""
    return {
        "items": [
            {
                "key": entry.key,
                "label": str(entry.label),
                "unit": entry.unit,
                "window": entry.window,
                "version": entry.version,
                "changes": changes(entry),
                "formula": str(entry.formula),
            }
            for entry in catalog.collect("metrics")
        ]
    }


def metric(
    request: BrandRequest,
    brand: str,
    key: str,
    community: str = "",
    on: str = "",
    since: str = Query("", alias="from"),
    until: str = Query("", alias="to"),
    by: str = "",
    people: bool = False,
    everybody: bool = False,
) -> dict[str, object]:
    """The metric over a day, a period or its steps. `people=true` adds the members behind it, `everybody=true` counts
    staff, bots and test accounts too."""
    if people and not request.staff.may("members.read"):
        raise NotAllowed("brands.may_not", permission="members.read")
    scope = scope_for(request, community, everybody=everybody)
    told = ask(scope, key, Period(on, since, until, by), at=now())
    return {**told.body, "people": told.people} if people else told.body


def readings(
    request: BrandRequest,
    brand: str,
    metric: str,
    community: str = "",
    since: str = Query("", alias="from"),
    until: str = Query("", alias="to"),
    everybody: bool = False,
) -> dict[str, object]:
    """The daily values of one metric, of one community, of all below a region or chapter, or of the whole brand;
    `everybody=true` counts staff, bots and test accounts too."""
    scope = scope_for(request, community, everybody=everybody)
    if scope.node is None and request.staff.reach is not None:
        raise Invalid("api.bad_request", what="community")
    first, last = _days(scope, since, until)
    place = scope.node.pk if scope.node else None
    values = daily(scope, [metric], first, last)[metric]
    told = [
        {"day": days.date(first + at).isoformat(), "value": None if math.isnan(value) else value}
        for at, value in enumerate(values.tolist())
    ]
    return {"metric": metric, "community": place, "everybody": everybody, "days": told}


def _days(scope: Scope, since: str, until: str) -> tuple[int, int]:
    """First and last day; by default the last thirty we know of."""
    last = day_of(until) if until else scope.as_of
    first = day_of(since) if since else last - 29
    if not 0 <= last - first < MOST_DAYS:
        raise _reversed(first, last)
    return first, last


def _reversed(first: int, last: int) -> Invalid:
    return Invalid(
        "metrics.days_reversed", first=days.date(first).isoformat(), last=days.date(last).isoformat()
    )


def roster(
    request: BrandRequest,
    brand: str,
    community: str = "",
    since: str = Query("", alias="from"),
    until: str = Query("", alias="to"),
) -> dict[str, object]:
    """Who is on duty on which day, by default this and the six after it, and the hours of the plan in which nobody is.
    A turn stands on the day on which it begins; `community` is null for the whole brand, `staff` where nobody came."""
    scope, at = scope_for(request, community), now()
    first = day_of(since) if since else scope.today
    last = day_of(until) if until else first + 6
    if not (first > 0 and 0 <= last - first < MOST_ROSTER_DAYS and last < LAST_ROSTER_DAY):
        raise _reversed(first, last)
    told = span(seen_in(scope), first=days.date(first), last=days.date(last), at=at)
    zone = request.brand.clock.zone
    return {
        "zone": zone.key,
        "turns": [_turn(turn, zone) for turn in told.turns],
        "gaps": [
            {"community": gap.community.pk if gap.community else None, "on": gap.on, "hours": gap.hours}
            for gap in told.gaps
        ],
    }


def _turn(turn: Turn, zone: dt.tzinfo) -> dict[str, object]:
    staff, own = turn.staff, turn.shift.staff
    return {
        "shift": turn.shift.pk,
        "community": turn.shift.community_id,
        "on": turn.on,
        "starts_at": turn.start.replace(tzinfo=zone),
        "ends_at": turn.end.replace(tzinfo=zone),
        "staff": {"id": staff.pk, "name": staff.name} if staff else None,
        "planned": {"id": own.pk, "name": own.name},
    }


def retention(
    request: BrandRequest,
    brand: str,
    community: str = "",
    by: str = "join",
    step: str = "week",
    columns: int = 8,
    variant: str = "exact",
    people: bool = False,
    since: str = Query("", alias="from"),
    until: str = Query("", alias="to"),
    everybody: bool = False,
) -> dict[str, object]:
    """The retention triangle, exact, rolling or bracket; cells whose days have not ended are null. `people=true` adds
    the members behind each cell."""
    if people and not request.staff.may("members.read"):
        raise NotAllowed("brands.may_not", permission="members.read")
    scope = scope_for(request, community, everybody=everybody)
    first, last = _days(scope, since, until)
    asker = Asker(request.brand, scope.communities, at=now(), with_everybody=everybody)
    question = asker.question(first, last)
    rows = triangle(question, by=by, step=step, columns=max(1, min(columns, MOST_COLUMNS)), variant=variant)
    told = [
        {
            "first": days.date(row.first).isoformat(),
            "last": days.date(row.last).isoformat(),
            "size": row.size,
            "cells": [_cell(question, cell, people=people) for cell in row.cells],
        }
        for row in rows
    ]
    return {"by": by, "step": step, "variant": variant, "everybody": everybody, "rows": told}


def _cell(question: Question, cell: Cell, *, people: bool) -> dict[str, object]:
    told: dict[str, object] = {"active": cell.active, "size": cell.size, "share": cell.share}
    if people:
        told["people"] = None if cell.bits is None else question.sets.members(cell.bits)
    return told


def imports(request: BrandRequest, brand: str, cursor: str = "", limit: int = 100) -> dict[str, object]:
    found, following = cut(visible_imports(request.staff), cursor=cursor, limit=limit)
    return {"items": [_import(row) for row in found], "next": following}


def one_batch(request: BrandRequest, brand: str, import_id: int) -> dict[str, object]:
    return _import(one_import(request.staff, import_id))


def _import(row: ImportBatch) -> dict[str, object]:
    told = {"id": row.pk, "name": row.name, "state": row.state, "created_at": row.created_at}
    return {**told, "keep_until": row.keep_until, "job": row.job_id}


def jobs(request: BrandRequest, brand: str, cursor: str = "", limit: int = 100) -> dict[str, object]:
    found, following = cut(visible_jobs(request.staff), cursor=cursor, limit=limit)
    return {"items": [_job(row) for row in found], "next": following}


def job(request: BrandRequest, brand: str, job_id: int) -> dict[str, object]:
    return _job(one_job(request.staff, job_id))


def _job(row: Job) -> dict[str, object]:
    told = {"id": row.pk, "kind": row.kind, "state": row.state, "done": row.done, "total": row.total}
    ends = {"created_at": row.created_at, "finished_at": row.finished_at}
    return {**told, **ends, "error": sentence(row.error)}


def findings(
    request: BrandRequest,
    brand: str,
    cursor: str = "",
    limit: int = 100,
    community: str = "",
    is_open: bool = Query(False, alias="open"),
) -> dict[str, object]:
    """What detectors saw, within the data scope; `open=true` leaves out what has recovered or was dismissed."""
    scope = scope_for(request, community)
    rows = visible_findings(request.staff)
    if not scope.is_brand:
        rows = rows.filter(community__in=scope.communities)
    if is_open:
        rows = rows.filter(closed_on=None, dismissed_at=None)
    found, following = cut(rows, cursor=cursor, limit=limit)
    return {"items": [_finding(row) for row in found], "next": following}


def finding(request: BrandRequest, brand: str, finding_id: int) -> dict[str, object]:
    return _finding(one_finding(request.staff, finding_id))


def _finding(row: Finding) -> dict[str, object]:
    told = {"id": row.pk, "detector": row.detector, "community": row.community_id, "severity": row.severity}
    days_of = {"opened_on": row.opened_on, "last_seen_on": row.last_seen_on, "closed_on": row.closed_on}
    return {**told, **days_of, "size": row.size, "is_dismissed": row.is_dismissed, "evidence": row.evidence}

"""数字背后的人: who stands behind a number; saved as an audience or taken as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from qunying.audiences.actions import Source, save_audience
from qunying.audiences.exports import as_file
from qunying.audiences.filters import size_of
from qunying.audiences.listing import EXPORT_FORMS, Column, columns, labels
from qunying.audiences.models import Audience
from qunying.audiences.roster import Line, Roster
from qunying.brands.access import BrandRequest
from qunying.communities.scope import Scope, chosen, frame, scope_of
from qunying.kit import days
from qunying.metrics.asking import Asker
from qunying.metrics.behind import Behind, behind
from qunying.metrics.cards import metric_url
from qunying.metrics.kinds import Listed
from qunying.metrics.periods import period_of
from qunying.metrics.switch import scope_with_switch, switched
from qunying.metrics.wording import said


def people(request: BrandRequest) -> HttpResponse:
    """As many lines as the numerator says, a page at a time."""
    scope = scope_with_switch(request, dt.datetime.now(dt.UTC))
    found = asked(scope, request.GET)
    lines = found.lines()
    page = Paginator(lines, size_of(request.GET)).get_page(request.GET.get("page"))
    rows = shown(scope, list(page.object_list))
    context = {
        "found": found,
        "page": page,
        "rows": rows,
        "heads": len({line.member for line in lines}),
        "columns": columns_of(rows),
        "labels": labels(columns_of(rows)),
        "value": said(found.answer.value, found.unit),
        "dictionary_url": metric_url(scope, found.key) if found.is_metric else "",
        **rights(scope),
    }
    return render(request, "metrics/people.html", {**frame(scope), **context})


def shown(scope: Scope, lines: Sequence[Listed]) -> list[tuple[Line, dt.datetime | None]]:
    """The people of the lines, and when each did it where the number says when."""
    roster, clock = Roster(scope), scope.brand.clock
    known = {line.pk: line for line in roster.lines(roster.of_members([line.member for line in lines]))}
    return [
        (known[line.member], clock.local(line.at) if line.at else None)
        for line in lines
        if line.member in known
    ]


def columns_of(rows: Sequence[tuple[Line, dt.datetime | None]]) -> list[Column]:
    """The list's columns, with the moment where the number says when."""
    return [
        *columns(sortable=False),
        *([Column("moment", _("发生时间"))] if any(at for _row, at in rows) else []),
    ]


def rights(scope: Scope) -> dict[str, object]:
    """What the staff member may do with the list."""
    may = scope.staff.may
    return {
        "may_save": may("audiences.edit"),
        "may_export": may("members.export"),
        "export_forms": EXPORT_FORMS,
    }


def asked(scope: Scope, given: QueryDict) -> Behind:
    """The number the address names, over the scope's communities."""
    at = dt.datetime.now(dt.UTC)
    asker = Asker(scope.brand, scope.known, at=at, with_everybody=scope.with_everybody)
    return behind(asker, given, period_of(given, scope))


def posted(request: BrandRequest) -> tuple[Scope, Behind]:
    """The number that a form on the page was sent from."""
    given = QueryDict(request.POST.get("of", ""))
    scope = scope_of(request, dt.datetime.now(dt.UTC))
    scope = replace(switched(scope, given), node=chosen(given.get("c", ""), list(scope.nodes)))
    return scope, asked(scope, given)


def save(request: BrandRequest) -> HttpResponse:
    """POST: freeze the people behind the number under a name."""
    scope, found = posted(request)
    saved = save_audience(
        request.brand,
        name=request.POST.get("name", ""),
        people=found.people(),
        source=Source(Audience.Origin.METRIC, found.rule, scope.node),
        as_of_on=days.date(min(found.question.last, scope.as_of)),
        at=dt.datetime.now(dt.UTC),
        by=request.staff,
    )
    messages.success(
        request, _("已存为人群包“{name}”，共 {n} 位").format(name=saved.name, n=f"{saved.size:,}")
    )
    return redirect("audience", request.brand.slug, saved.pk)


def export(request: BrandRequest) -> HttpResponseBase:
    """POST: the people behind the number as a file, logged."""
    scope, found = posted(request)
    roster = Roster(scope)
    bits = np.array(found.people().to_array(), dtype=np.int64)
    return as_file(
        roster,
        bits,
        form=request.POST.get("form", "csv"),
        about=found.rule,
        reason=request.POST.get("reason", ""),
    )

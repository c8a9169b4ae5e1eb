"""诊断问题: what is open, the timeline, what was dismissed; one finding with its evidence, people and advice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qunying.audiences.masking import OnScreen
from qunying.brands.access import BrandRequest
from qunying.brands.models import Staff
from qunying.communities.scope import Scope, frame, scope_of
from qunying.diagnosis import queries as diagnosis
from qunying.diagnosis.models import Finding
from qunying.kit import days
from qunying.members.models import Member
from qunying.playbooks import queries
from qunying.playbooks.kinds import playbook
from qunying.playbooks.models import Advice
from qunying.playbooks.showing import advised, evidence, problem

PAGE = 30
TABS = ("open", "timeline", "dismissed")


def findings(request: BrandRequest) -> HttpResponse:
    """Open ones by community with their advice; `tab` chooses the timeline or the dismissed."""
    scope = scope_of(request, dt.datetime.now(dt.UTC))
    tab = request.GET.get("tab", "open")
    tab = tab if tab in TABS else "open"
    listed = _narrowed(_rows(request.staff, tab), scope.places if scope.node else None)
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    context = {
        **frame(scope),
        **(_unread(scope) if tab == "open" else {}),
        "tab": tab,
        "tabs": _tabs(request, tab),
        "page": page,
        "places": _by_community(rows, request.staff, days.date(scope.today)) if tab == "open" else [],
        "problems": [] if tab == "open" else [problem(row, slug=request.brand.slug) for row in rows],
    }
    return render(request, "playbooks/findings.html", context)


def _unread(scope: Scope) -> dict[str, object]:
    """Where messages have no words, and what therefore was not judged."""
    return {
        "textless": diagnosis.without_text(scope.brand, scope.known, scope.complete),
        "readers": diagnosis.readers_of_text(),
    }


def _rows(staff: Staff, tab: str) -> QuerySet[Finding]:
    if tab == "open":
        return diagnosis.open_findings(staff)
    return diagnosis.findings(staff) if tab == "timeline" else diagnosis.dismissed(staff)


def _narrowed(rows: QuerySet[Finding], places: Sequence[int] | None) -> QuerySet[Finding]:
    return rows if places is None else rows.filter(community__in=places)


def _by_community(rows: list[Finding], staff: Staff, today: dt.date) -> list[dict[str, object]]:
    advice = queries.best_advice(rows)
    groups: dict[str, list[object]] = {}
    for row in rows:
        name = row.community.name if row.community else _("整个品牌")
        groups.setdefault(name, []).append(advised(row, advice.get(row.pk, []), staff=staff, on=today))
    return [{"name": name, "problems": problems} for name, problems in groups.items()]


def _tabs(request: BrandRequest, tab: str) -> list[dict[str, object]]:
    here = reverse("findings", args=[request.brand.slug])
    chosen = f"c={request.GET['c']}&" if request.GET.get("c", "").isdigit() else ""
    labels = {"open": _("待处理"), "timeline": _("时间线"), "dismissed": _("已忽略")}
    return [
        {"label": labels[key], "url": f"{here}?{chosen}tab={key}", "is_current": key == tab} for key in TABS
    ]


def finding(request: BrandRequest, pk: int) -> HttpResponse:
    """Evidence, chart, advice and deeds of one finding."""
    row = diagnosis.one(request.staff, pk)
    today = days.date(request.brand.today(dt.datetime.now(dt.UTC)))
    context = {
        **frame(scope_of(request, dt.datetime.now(dt.UTC))),
        "finding": row,
        "problem": problem(row, slug=request.brand.slug),
        "evidence": evidence(row),
        "chart": diagnosis.chart(row),
        "cards": [_card(one, row, today) for one in queries.advice_of(row)],
        "may_decide": request.staff.may("advice.decide"),
        "may_see": request.staff.may("members.read"),
        "may_save": request.staff.may("audiences.edit") and row.size > 0,
    }
    return render(request, "playbooks/finding.html", context)


def _card(one: Advice, row: Finding, today: dt.date) -> dict[str, object]:
    run = getattr(one, "run", None)
    return {"advice": one, "plan": queries.preview(row, one.playbook, on=today), "run": run}


def members(request: BrandRequest, pk: int) -> HttpResponse:
    """The members behind the finding, by name as the staff member may see it."""
    row = diagnosis.one(request.staff, pk)
    people = Member.objects.filter(
        brand=request.brand, pk__in=diagnosis.members(row), erased_at=None
    ).order_by("name", "pk")
    page = Paginator(people, 50).get_page(request.GET.get("page"))
    shown = OnScreen(request.staff)
    context = {
        **frame(scope_of(request, dt.datetime.now(dt.UTC))),
        "finding": row,
        "problem": problem(row, slug=request.brand.slug),
        "page": page,
        "people": [(row.pk, shown.name(row.name)) for row in page],
        "may_save": request.staff.may("audiences.edit") and row.size > 0,
    }
    return render(request, "playbooks/members.html", context)


def advice(request: BrandRequest, pk: int) -> HttpResponse:
    """What accepting would do, who could own it, and the two answers. Writes nothing."""
    one = queries.one_advice(request.staff, pk)
    today = days.date(request.brand.today(dt.datetime.now(dt.UTC)))
    community = one.finding.community_id
    owners = [
        row
        for row in request.brand.staff.filter(is_active=True).select_related("account")
        if community and row.reaches(community)
    ]
    context = {
        **frame(scope_of(request, dt.datetime.now(dt.UTC))),
        "advice": one,
        "playbook": playbook(one.playbook),
        "problem": problem(one.finding, slug=request.brand.slug),
        "plan": queries.preview(one.finding, one.playbook, on=today),
        "owners": owners,
        "may_decide": request.staff.may("advice.decide") and one.state == Advice.State.PROPOSED,
    }
    return render(request, "playbooks/advice.html", context)

"""人群包: the saved lists of people; open, combine, export, delete with undo."""

from __future__ import annotations

import datetime as dt

import numpy as np
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from pyroaring import BitMap

from qunying.audiences.actions import Source, combine, delete_audience, restore_audience, save_audience
from qunying.audiences.exports import as_file
from qunying.audiences.filters import filter_of, size_of
from qunying.audiences.listing import EXPORT_FORMS, columns, labels, rows_of
from qunying.audiences.models import Audience
from qunying.audiences.pages.members import picked
from qunying.audiences.queries import audience, held_by, people_of, roots_of
from qunying.audiences.roster import Ints, Roster
from qunying.brands.access import BrandRequest
from qunying.communities.scope import Scope, frame, scope_of
from qunying.kit import days
from qunying.kit.errors import Missing

KEPT = "deleted_audiences"
MOST_KEPT = 3


def audiences(request: BrandRequest) -> HttpResponse:
    """The saved ones, the latest first."""
    scope = scope_of(request, dt.datetime.now(dt.UTC))
    rows = Audience.objects.select_related("community", "staff__account").filter(brand=request.brand)
    text = request.GET.get("q", "").strip()
    rows = rows.filter(name__icontains=text) if text else rows
    page = Paginator(rows.order_by("-created_at", "-pk").defer("blob"), size_of(request.GET)).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "rows": list(page.object_list),
        "fields": [{"name": "q", "label": _("人群包名称"), "kind": "search", "value": text}],
        "is_filtered": bool(text),
        "may_edit": request.staff.may("audiences.edit"),
        "hows": hows(),
    }
    return render(request, "audiences/audiences.html", {**frame(scope), **context})


def hows() -> list[tuple[str, str]]:
    """The three ways to combine."""
    return [
        ("and", _("交集（都在）")),
        ("or", _("并集（在任一个）")),
        ("minus", _("差集（第一个减其余）")),
    ]


def one(request: BrandRequest, pk: int) -> HttpResponse:
    """The people frozen in one; only those within the staff member's communities are listed."""
    scope = everywhere(scope_of(request, dt.datetime.now(dt.UTC)))
    saved = audience(request.brand, pk)
    roster = Roster(scope)
    bits = reachable(roster, roots_of(saved, roster.held))
    page = Paginator(list(bits), size_of(request.GET)).get_page(request.GET.get("page"))
    context = {
        "saved": saved,
        "page": page,
        "rows": roster.lines(rows_of(page)),
        "columns": columns(sortable=False),
        "labels": labels(columns()),
        "export_forms": EXPORT_FORMS,
        "rule": rule_words(saved),
        "may_edit": scope.staff.may("audiences.edit") and may_delete(scope, saved),
        "may_export": scope.staff.may("members.export"),
    }
    return render(request, "audiences/audience.html", {**frame(scope), **context})


def may_delete(scope: Scope, saved: Audience) -> bool:
    return scope.staff.reach is None or held_by(scope.staff).filter(pk=saved.pk).exists()


def rule_words(saved: Audience) -> list[str]:
    """What it was saved from, as its page says it."""
    rule = {name: str(value) for name, value in saved.rule.items() if value}
    if saved.origin == Audience.Origin.ALGEBRA:
        return [str(dict(hows()).get(rule.get("how", ""), "")), rule.get("parts", "")]
    if "picked" in rule:
        return [_("勾选 {n} 位").format(n=rule["picked"])]
    if saved.origin == Audience.Origin.METRIC:
        days_of_it = _("{first} 至 {last}").format(first=rule.get("from", ""), last=rule.get("to", ""))
        return [days_of_it, *([_("含员工、机器人与测试")] if rule.get("everybody") else [])]
    given = QueryDict(mutable=True)
    given.update(rule)
    return [words for _name, words in filter_of(given).shown()]


def everywhere(scope: Scope) -> Scope:
    """The same staff member's whole reach, whatever community the address names."""
    return Scope(scope.staff, scope.nodes, None, scope.today, scope.position)


def reachable(roster: Roster, people: BitMap) -> Ints:
    """Member bits of the set within the roster's scope, the latest to join first."""
    bits = np.array(people.to_array(), dtype=np.int64)
    bits = bits[roster.crowd.here[bits]]
    order = np.lexsort((-bits, -roster.crowd.joined[bits]))
    found: Ints = bits[order]
    return found


def new(request: BrandRequest) -> HttpResponse:
    """POST from the list of members: freeze the chosen people."""
    chosen = picked(request)
    scope = chosen.roster.scope
    every = request.POST.get("every") == "1"
    rule: dict[str, object] = dict(chosen.wanted.rule()) if every else {"picked": len(chosen.bits)}
    saved = save_audience(
        request.brand,
        name=request.POST.get("name", ""),
        people=BitMap(chosen.bits.astype(np.uint32)),
        source=Source(Audience.Origin.FILTER, rule, scope.node),
        as_of_on=days.date(scope.complete),
        at=dt.datetime.now(dt.UTC),
        by=request.staff,
    )
    messages.success(
        request, _("已存为人群包“{name}”，共 {n} 位").format(name=saved.name, n=f"{saved.size:,}")
    )
    return redirect("audience", request.brand.slug, saved.pk)


def combination(request: BrandRequest) -> HttpResponse:
    """POST: a new audience out of several; `minus` takes the others from the one picked first in the list."""
    parts = [audience(request.brand, int(text)) for text in request.POST.getlist("parts") if text.isdigit()]
    first = request.POST.get("first", "")
    parts.sort(key=lambda row: str(row.pk) != first)
    how = request.POST.get("how", "")
    people = combine([people_of(row) for row in parts], how)
    saved = save_audience(
        request.brand,
        name=request.POST.get("name", ""),
        people=people,
        source=Source(Audience.Origin.ALGEBRA, {"how": how, "parts": "、".join(row.name for row in parts)}),
        as_of_on=min(row.as_of_on for row in parts),
        at=dt.datetime.now(dt.UTC),
        by=request.staff,
    )
    messages.success(
        request, _("已存为人群包“{name}”，共 {n} 位").format(name=saved.name, n=f"{saved.size:,}")
    )
    return redirect("audience", request.brand.slug, saved.pk)


def export(request: BrandRequest, pk: int) -> HttpResponseBase:
    """POST: the people of one as a file, logged."""
    saved = audience(request.brand, pk)
    roster = Roster(everywhere(scope_of(request, dt.datetime.now(dt.UTC))))
    bits = reachable(roster, roots_of(saved, roster.held))
    return as_file(
        roster,
        bits,
        form=request.POST.get("form", "csv"),
        about={"audience": saved.name},
        reason=request.POST.get("reason", ""),
    )


def deletion(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: delete one; the toast brings it back."""
    saved = held_by(request.staff).filter(pk=pk).first()
    if saved is None:
        raise Missing("audiences.not_found")
    name = saved.name
    gone = delete_audience(saved, at=dt.datetime.now(dt.UTC), by=request.staff)
    kept = {**request.session.get(KEPT, {}), f"{request.brand.pk}:{pk}": gone}
    request.session[KEPT] = dict(list(kept.items())[-MOST_KEPT:])
    undo = reverse("audience_restored", args=[request.brand.slug, pk])
    messages.success(request, _("已删除人群包“{name}”").format(name=name), extra_tags=f"undo:{undo}")
    return redirect("audiences", request.brand.slug)


def restored(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: bring back what this session deleted."""
    kept = request.session.get(KEPT, {}).get(f"{request.brand.pk}:{pk}")
    if kept is None:
        raise Missing("audiences.not_found")
    back = restore_audience(request.brand, kept=kept, at=dt.datetime.now(dt.UTC), by=request.staff)
    messages.success(request, _("已恢复人群包“{name}”").format(name=back.name))
    return redirect("audiences", request.brand.slug)

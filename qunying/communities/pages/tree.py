"""Deeds on communities: open one, edit one, set a field on several."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.communities.actions import change_community, change_many, open_community
from qunying.communities.forms import BULK, CommunityForm, initial
from qunying.communities.models import Community
from qunying.communities.queries import one, visible
from qunying.communities.scope import Scope, frame, scope_of
from qunying.kit.errors import Invalid, NotAllowed, QunyingError


def opening(request: BrandRequest) -> HttpResponse:
    """The form of a new node, and making it."""
    scope = entered(request)
    if request.staff.reach is not None:
        raise NotAllowed("brands.may_not", permission="communities.edit")
    form = CommunityForm(
        request.POST or None, nodes=scope.nodes, initial={"level": "community", "kind": "interest"}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = open_community(request.brand, values=form.values(), at=now(), by=request.staff)
        except Invalid as error:
            refuse(form, error)
        else:
            messages.success(request, _("已新建“{name}”").format(name=made.name))
            return redirect("community", request.brand.slug, made.pk)
    return shown(request, scope, form, None)


def edit(request: BrandRequest, pk: int) -> HttpResponse:
    """The form of one node, and changing it."""
    scope = entered(request)
    row = one(request.staff, pk)
    form = CommunityForm(request.POST or None, nodes=scope.nodes, row=row, initial=initial(row))
    if request.method == "POST" and form.is_valid():
        try:
            check_name(row, str(form.cleaned_data["name"]))
            change_community(row, values=form.values(), at=now(), by=request.staff)
        except Invalid as error:
            refuse(form, error)
        else:
            messages.success(request, _("已保存“{name}”").format(name=row.name))
            return redirect("community", request.brand.slug, row.pk)
    return shown(request, scope, form, row)


def fields(request: BrandRequest) -> HttpResponse:
    """POST: set one field on the chosen communities, all or none."""
    scope = entered(request)
    name = request.POST.get("field", "")
    chosen = [int(word) for word in request.POST.get("ids", "").split(",") if word.strip().isdigit()]
    mine = set(visible(request.staff).filter(pk__in=chosen).values_list("pk", flat=True))
    if name not in BULK or not chosen:
        raise Invalid("communities.nothing_chosen")
    if mine != set(chosen):
        one(request.staff, next(iter(set(chosen) - mine)))
    values = {name: value_of(name, request.POST.get("value", "").strip(), scope)}
    done = change_many(request.brand, communities=sorted(mine), values=values, at=now(), by=request.staff)
    messages.success(request, _("已修改 {n} 个社群").format(n=done))
    return redirect("communities", request.brand.slug)


def value_of(name: str, text: str, scope: Scope) -> object:
    """The text as the field's own kind of value, checked by the form's field."""
    form = CommunityForm(
        {"name": "—", "level": "community", "kind": "interest", name: text}, nodes=scope.nodes
    )
    if not form.is_valid():
        raise Invalid("communities.bad_value", text=text[:40])
    return form.values()[name]


def check_name(row: Community, name: str) -> None:
    if Community.objects.filter(brand=row.brand, name=name).exclude(pk=row.pk).exists():
        raise Invalid("communities.name_taken", name=name)


def refuse(form: CommunityForm, error: QunyingError) -> None:
    """The refusal beside the field it is about."""
    texts = {
        "communities.name_taken": ("name", _("已有同名的社群，请换一个名称。")),
        "communities.bad_parent": ("parent", _("不能放在它自己或别的品牌之下，请另选上级。")),
    }
    field, text = texts.get(error.code, (None, error.code))
    form.add_error(field, text)


def shown(request: BrandRequest, scope: Scope, form: CommunityForm, row: Community | None) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "communities/form.html", {**frame(scope), "form": form, "row": row}, status=status)


def entered(request: BrandRequest) -> Scope:
    return scope_of(request, now())


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)

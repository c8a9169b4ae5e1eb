"""活码: the codes of an account, who or what is behind each, and how they turned."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.connectors import actions, codes, queries
from qunying.connectors.code_forms import FORMS, ChatCodeForm, ContactCodeForm
from qunying.connectors.models import Code, Connection
from qunying.jobs.actions import database_now
from qunying.kit import days
from qunying.kit.errors import Missing, QunyingError

PAGE = 20


def listed(request: BrandRequest, pk: int) -> HttpResponse:
    """The codes in the world, and those of which the platform has not yet taken that they are no more."""
    row = queries.connection(request.staff, pk)
    kind = queries.connector(row.connector)
    page = Paginator(queries.codes(row), PAGE).get_page(request.GET.get("page"))
    context = {
        "row": row,
        "kind": kind,
        "page": page,
        "lines": _lines(request, row, list(page)) if kind.codes else [],
        "may_edit": request.staff.may("connections.edit"),
    }
    return render(request, "connectors/codes.html", context)


def _lines(request: BrandRequest, row: Connection, found: list[Code]) -> list[codes.Shown]:
    chats = [place.channel.key for code in found for place in code.places.all()]
    people = {who for code in found if not code.is_for_chats for who in [*code.employees, *code.backups]}
    return codes.shown(
        found,
        sizes=actions.sizes_of(row, chats),
        names=codes.names_of(row, people),
        today=days.date(request.brand.today(database_now())),
    )


def new(request: BrandRequest, pk: int, kind: str) -> HttpResponse:
    """The form of a new code."""
    if kind not in FORMS:
        raise Missing("brands.not_found")
    return _form(request, queries.connection(request.staff, pk), kind, None)


def edit(request: BrandRequest, pk: int, code: int) -> HttpResponse:
    """The form of one there is."""
    row = queries.connection(request.staff, pk)
    found = queries.code(row, code)
    return _form(request, row, found.kind, found)


def _form(request: BrandRequest, row: Connection, kind: str, code: Code | None) -> HttpResponse:
    if queries.connector(row.connector).codes is None:
        return redirect("codes", request.brand.slug, row.pk)
    form = FORMS[kind](row, code=code, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _saved(request, row, form, code):
        messages.success(request, _("活码已保存，几秒后生效。"))
        return redirect("codes", request.brand.slug, row.pk)
    context = {"row": row, "form": form, "code": code, "kind": kind}
    return render(request, "connectors/code.html", context, status=422 if form.errors else 200)


def _saved(
    request: BrandRequest, row: Connection, form: ContactCodeForm | ChatCodeForm, code: Code | None
) -> bool:
    """Whether it is; else the form says why."""
    try:
        actions.save_code(row, code=code, wanted=form.wanted, at=database_now(), by=request.staff)
    except QunyingError as error:
        form.refuse(error)
        return False
    return True


@require_POST
def removal(request: BrandRequest, pk: int, code: int) -> HttpResponse:
    row = queries.connection(request.staff, pk)
    actions.drop_code(queries.code(row, code), at=database_now(), by=request.staff)
    messages.success(request, _("活码正在作废；从它来的人，来源不变。"))
    return redirect("codes", request.brand.slug, row.pk)

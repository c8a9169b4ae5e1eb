"""标签同步: which tags of a platform and of ours are kept the same, what waits, and what was carried over."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.connectors import actions, queries
from qunying.connectors.models import TagSync
from qunying.connectors.texts import clean
from qunying.jobs.actions import database_now
from qunying.jobs.queries import sentence
from qunying.kit.errors import Invalid
from qunying.outbox.queries import MARKS

PAGE = 50
WAITING = 50


def listed(request: BrandRequest, pk: int) -> HttpResponse:
    row = queries.connection(request.staff, pk)
    waiting = list(queries.tags_waiting(row)[:WAITING])
    context = {
        "row": row,
        "kind": queries.connector(row.connector),
        "sync": TagSync.objects.filter(connection=row).first(),
        "bonds": queries.tag_bonds(row),
        "waiting": [(tie, MARKS[tie.sending.state] if tie.sending else "failed") for tie in waiting],
        "page": Paginator(queries.tag_steps(row), PAGE).get_page(request.GET.get("page")),
        "may_edit": request.staff.may("connections.edit"),
    }
    return render(request, "connectors/tags.html", context)


@require_POST
def switch(request: BrandRequest, pk: int) -> HttpResponse:
    row = queries.connection(request.staff, pk)
    is_on = request.POST.get("is_on") == "1"
    actions.switch_tags(row, is_on=is_on, at=database_now(), by=request.staff)
    words = _("已开启，正在读取平台上的标签。") if is_on else _("已关闭，两边的标签各自保留。")
    messages.success(request, words)
    return redirect("tag_sync", request.brand.slug, pk)


@require_POST
def new(request: BrandRequest, pk: int) -> HttpResponse:
    """A tag on the platform too."""
    row = queries.connection(request.staff, pk)
    name, family = (clean(request.POST.get(field, "")) for field in ("name", "family"))
    try:
        actions.add_tag(row, name=name, family=family, at=database_now(), by=request.staff)
    except Invalid as error:
        messages.error(request, sentence({"code": error.code, "details": error.details}))
    else:
        messages.success(request, _("已排队在平台新建，建好后自动对应同名标签。"))
    return redirect("tag_sync", request.brand.slug, pk)

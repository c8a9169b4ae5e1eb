"""The list of imports, one import with its result, undo, and the files that come out."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.communities.queries import one as one_community
from qunying.connectors import actions, files, previews, queries, results
from qunying.connectors.drafts import export_path
from qunying.jobs.queries import card
from qunying.jobs.queries import one as one_job
from qunying.kit.errors import Missing
from qunying.kit.sheets import csv_lines

PAGE = 25


def imports(request: BrandRequest) -> HttpResponse:
    page = Paginator(queries.visible(request.staff).order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [results.row(batch) for batch in page],
        "pushes": queries.waiting_pushes(request.staff),
        "blanks": files.blanks(),
        "may_import": request.staff.may("imports.edit"),
        "may_export": request.staff.may("members.export"),
    }
    return render(request, "connectors/imports.html", context)


def one_import(request: BrandRequest, pk: int) -> HttpResponse:
    """An import under way, or what it brought."""
    batch = queries.one(request.staff, pk)
    job = card(batch.job, request.brand.slug) if batch.job else None
    context = {**results.page(batch), "job": job, "may_import": request.staff.may("imports.edit")}
    return render(request, "connectors/import.html", context)


@require_POST
def import_undo(request: BrandRequest, pk: int) -> HttpResponse:
    batch = queries.one(request.staff, pk)
    previews.check_word(request.POST.get("word", ""))
    actions.order_undo(batch, at=dt.datetime.now(dt.UTC), by=request.staff)
    messages.success(request, _("正在撤销“%(name)s”。") % {"name": batch.name})
    return redirect("import", brand=request.brand.slug, pk=pk)


def import_unknown(request: BrandRequest, pk: int) -> HttpResponseBase:
    """Every line nobody could place, as a sheet."""
    batch = queries.one(request.staff, pk)
    head = (_("文件"), _("行号"), _("原因"), _("原文"))
    answer = StreamingHttpResponse(
        csv_lines(head, results.unknown(batch)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="unknown-{batch.pk}.csv"'
    return answer


def import_template(request: BrandRequest, key: str) -> HttpResponse:
    """An empty sheet with the headers its importer knows."""
    blank = files.blank(key)
    answer = HttpResponse(b"".join(csv_lines(blank.columns, ())), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{blank.key}.csv"'
    return answer


@require_POST
def chatlab_export(request: BrandRequest) -> HttpResponse:
    chosen = request.POST.get("community", "")
    community = one_community(request.staff, int(chosen) if chosen.isdecimal() else 0)
    job = actions.order_export(
        community, reason=request.POST.get("reason", ""), at=dt.datetime.now(dt.UTC), by=request.staff
    )
    return redirect("job", brand=request.brand.slug, pk=job.pk)


def chatlab_file(request: BrandRequest, pk: int) -> HttpResponseBase:
    """The finished file, as long as it is kept; the community must still be in scope."""
    job = one_job(request.staff, pk)
    path = export_path(job.pk)
    if job.kind != "connectors.export" or not job.is_over or not path.is_file():
        raise Missing("connectors.export_gone", job=job.pk)
    community = one_community(request.staff, int(job.args["community"]))
    name = f"{community.name}.chatlab.jsonl"
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type="application/x-ndjson"
    )

"""An upload before it is imported: what it is, how it is read, what it would bring, and yes or no."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.connectors import counting, drafts, previews, results
from qunying.connectors.drafts import Draft
from qunying.connectors.forms import ZONES, DraftOptions
from qunying.connectors.mapping import TARGETS, choices, parsed, proposed, target
from qunying.jobs.queries import card
from qunying.jobs.queries import visible as visible_jobs


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@require_POST
def import_files(request: BrandRequest) -> HttpResponse:
    """Keep what was uploaded and go to its preview."""
    draft = drafts.open_draft(request.staff, request.FILES.getlist("files"))
    previews.prepare(draft, staff=request.staff, at=now())
    return _to(request, draft)


def import_draft(request: BrandRequest, token: str) -> HttpResponse:
    draft = drafts.find(request.staff, token)
    return _page(request, draft, DraftOptions(request.staff, draft))


def _page(request: BrandRequest, draft: Draft, form: DraftOptions, status: int = 200) -> HttpResponse:
    job = visible_jobs(request.staff).filter(pk=draft.job or 0).first()
    context = {
        "draft": draft,
        "form": form,
        "zones": ZONES,
        "look": previews.look_at(draft, request.staff),
        "counts": results.counted(draft.counted),
        "job": card(job, request.brand.slug) if job else None,
    }
    return render(request, "connectors/draft.html", context, status=status)


@require_POST
def import_options(request: BrandRequest, token: str) -> HttpResponse:
    """Read the files another way, and count again."""
    draft = drafts.find(request.staff, token)
    form = DraftOptions(request.staff, draft, request.POST)
    if not form.is_valid():
        return _page(request, draft, form, status=422)
    form.answer()
    counting.begin(draft, staff=request.staff, at=now())
    return _to(request, draft)


def import_columns(request: BrandRequest, token: str) -> HttpResponse:
    """Say what the columns of a table mean."""
    draft = drafts.find(request.staff, token)
    aim = target(request.POST.get("format") or request.GET.get("format") or "members")
    header = previews.look_at(draft, request.staff).header
    if request.method == "POST":
        fields = parsed(aim, header, request.POST.dict())
        previews.map_columns(draft, aim=aim, header=header, fields=fields, staff=request.staff, at=now())
        return _to(request, draft)
    known = draft.options.mapping if draft.format_key == aim.format else {}
    context = {"draft": draft, "aim": aim, "targets": TARGETS, "choices": choices(aim)}
    return render(request, "connectors/columns.html", {**context, "columns": proposed(aim, header, known)})


@require_POST
def import_confirm(request: BrandRequest, token: str) -> HttpResponse:
    draft = drafts.find(request.staff, token)
    batch = previews.confirm(draft, staff=request.staff, has_basis=bool(request.POST.get("basis")), at=now())
    return redirect("import", brand=request.brand.slug, pk=batch.pk)


@require_POST
def import_drop(request: BrandRequest, token: str) -> HttpResponse:
    """Throw the upload away."""
    drafts.drop(drafts.find(request.staff, token))
    messages.success(request, _("已取消，上传的文件已删除。"))
    return redirect("imports", brand=request.brand.slug)


def _to(request: BrandRequest, draft: Draft) -> HttpResponse:
    return redirect("import_draft", brand=request.brand.slug, token=draft.token)

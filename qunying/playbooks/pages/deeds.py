"""What people decide on these pages: posted, done once, answered with a sentence."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from qunying.audiences.actions import Source, save_audience
from qunying.audiences.models import Audience
from qunying.brands.access import BrandRequest
from qunying.brands.models import Staff
from qunying.diagnosis import actions as diagnosing
from qunying.diagnosis import queries as diagnosis
from qunying.diagnosis.models import Finding
from qunying.kit.errors import Refused
from qunying.playbooks import actions, queries


def dismissal(request: BrandRequest, pk: int) -> HttpResponse:
    """Dismiss the finding for a reason, or take that back with `undo`."""
    row, at = diagnosis.one(request.staff, pk), dt.datetime.now(dt.UTC)
    if request.POST.get("undo"):
        diagnosing.recall(row, by=request.staff, at=at)
        messages.success(request, _("已恢复到待处理。"))
    else:
        diagnosing.dismiss(row, reason=request.POST.get("reason", ""), by=request.staff, at=at)
        messages.success(request, _("已忽略，可在“已忽略”里恢复。"))
    return redirect("finding", request.brand.slug, pk)


def audience(request: BrandRequest, pk: int) -> HttpResponse:
    """Save the people behind the finding as an audience."""
    row = diagnosis.one(request.staff, pk)
    saved = _saved(row, name=request.POST.get("name", ""), by=request.staff)
    told = {"name": saved.name, "n": saved.size}
    messages.success(request, _("已存为人群包“%(name)s”，共 %(n)s 位。") % told)
    return redirect("audience", request.brand.slug, saved.pk)


def _saved(row: Finding, *, name: str, by: Staff) -> Audience:
    people, at = diagnosis.people(row), dt.datetime.now(dt.UTC)
    if not people:
        raise Refused("diagnosis.nobody")
    where = row.community.name if row.community else ""
    name = name or f"{diagnosis.detector(row.detector).label} {where} {row.last_seen_on.isoformat()}"
    source = Source("metric", {"finding": row.detector}, row.community)
    return save_audience(
        row.brand, name=name, people=people, source=source, as_of_on=row.last_seen_on, at=at, by=by
    )


def run(request: BrandRequest, pk: int) -> HttpResponse:
    """Accept the advice; the owner is who accepts unless another is named."""
    advice = queries.one_advice(request.staff, pk)
    owner = request.staff
    if request.POST.get("owner", "").isdigit():
        owner = (
            Staff.objects.filter(brand=request.brand, pk=request.POST["owner"])
            .select_related("account")
            .first()
            or _nobody()
        )
    done = actions.start(advice, by=request.staff, owner=owner, at=dt.datetime.now(dt.UTC))
    messages.success(request, _("已开始执行，今天的步骤已放进待办。"))
    return redirect("run", request.brand.slug, done.pk)


def _nobody() -> Staff:
    raise Refused("playbooks.bad_owner")


def advice_dismissal(request: BrandRequest, pk: int) -> HttpResponse:
    advice = queries.one_advice(request.staff, pk)
    actions.dismiss(
        advice, reason=request.POST.get("reason", ""), by=request.staff, at=dt.datetime.now(dt.UTC)
    )
    messages.success(request, _("已忽略这条建议。"))
    return redirect("finding", request.brand.slug, advice.finding_id)


def stopped(request: BrandRequest, pk: int) -> HttpResponse:
    """End a run early, for a reason."""
    row = queries.one_run(request.staff, pk)
    actions.stop(row, reason=request.POST.get("reason", ""), by=request.staff, at=dt.datetime.now(dt.UTC))
    messages.success(request, _("已停止执行，未完成的待办与草稿已取消。"))
    return redirect("run", request.brand.slug, pk)

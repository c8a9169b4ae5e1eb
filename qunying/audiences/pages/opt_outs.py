"""拒收名单 and 同意文本 of the brand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from qunying.audiences import consents
from qunying.audiences.exports import Row, comma_file
from qunying.audiences.masking import OnScreen
from qunying.brands.access import BrandRequest
from qunying.brands.actions import log
from qunying.brands.models import Staff
from qunying.kit.errors import Refused
from qunying.members.actions import Unwanted, end_opt_out, opt_out_many, write_consent_text
from qunying.members.models import ConsentText, Purpose, Via

PAGE = 50


def opt_outs(request: BrandRequest) -> HttpResponse:
    """The list, newest first, narrowed by its address."""
    told, staff = request.GET.dict(), request.staff
    page = Paginator(consents.opt_outs_like(staff, told), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "entries": consents.entries(OnScreen(staff), list(page)),
        "fields": consents.opt_out_fields(told),
        "may_edit": staff.may("members.edit"),
        "may_add": staff.may("members.edit") and staff.reach is None,
        "may_export": staff.may("members.export"),
    }
    return render(request, "audiences/opt_outs.html", context)


def opt_outs_new(request: BrandRequest) -> HttpResponse:
    """POST `accounts`, one a line, and the `reason` for all of them; known or not, they get nothing unsolicited."""
    whole_brand(request.staff)
    entries = [Unwanted(line) for line in request.POST.get("accounts", "").splitlines() if line.strip()]
    at, reason = dt.datetime.now(dt.UTC), request.POST.get("reason", "")
    rows = opt_out_many(request.brand, entries, reason=reason, via=Via.STAFF, at=at, by=request.staff)
    messages.success(request, _("已加入 {n} 个，其余原已在名单上。").format(n=len(rows)))
    return redirect("opt_outs", request.brand.slug)


def whole_brand(staff: Staff) -> None:
    """Refused to who has some communities only: nobody knows whose members these are."""
    if staff.reach is not None:
        raise Refused("members.opt_outs_of_brand")


def opt_out_removal(request: BrandRequest, pk: int) -> HttpResponse:
    """POST `reason`: the entry, and all others of the same person, are taken off the list."""
    entry = consents.opt_out_entry(request.staff, pk)
    end_opt_out(entry, reason=request.POST.get("reason", ""), at=dt.datetime.now(dt.UTC), by=request.staff)
    messages.success(request, _("已移出拒收名单。"))
    return redirect("opt_outs", request.brand.slug)


def opt_outs_export(request: BrandRequest) -> HttpResponseBase:
    """POST: the standing list as CSV, as the staff member may see it; logged."""
    staff, at = request.staff, dt.datetime.now(dt.UTC)
    found = consents.entries(OnScreen(staff), list(consents.opt_outs_like(staff, {})))
    log(
        request.brand,
        by=staff,
        deed="opt_outs.exported",
        about="opt_outs",
        at=at,
        after={"count": len(found)},
    )
    head = (_("账号"), _("群成员"), _("原因"), _("来源"), _("时间"), _("记录人"))
    return comma_file(
        head, _cells(found, staff), f"opt-outs-{at.astimezone(staff.brand.clock.zone):%Y-%m-%d}"
    )


def _cells(found: list[consents.Entry], staff: Staff) -> Iterator[Row]:
    for one in found:
        at = one.row.at.astimezone(staff.brand.clock.zone).strftime("%Y-%m-%d %H:%M")
        by = one.row.by.name if one.row.by else ""
        yield (one.row.hint, one.name, one.reason, str(one.row.get_via_display()), at, by)


def consent_texts(request: BrandRequest) -> HttpResponse:
    """Every version of every text, by purpose and the latest first."""
    rows = ConsentText.objects.filter(brand=request.brand).select_related("by__account").order_by("-version")
    texts = [(key, label, [row for row in rows if row.purpose == key]) for key, label in Purpose.choices]
    context = {"texts": texts, "may_edit": request.staff.may("brand.edit")}
    return render(request, "audiences/consent_texts.html", context)


def consent_texts_new(request: BrandRequest) -> HttpResponse:
    """POST `purpose` and `words`: a new version; the same words again change nothing."""
    told, at = request.POST, dt.datetime.now(dt.UTC)
    row = write_consent_text(
        request.brand, purpose=told.get("purpose", ""), words=told.get("words", ""), at=at, by=request.staff
    )
    messages.success(request, _("正在使用第 {n} 版。").format(n=row.version))
    return redirect("consent_texts", request.brand.slug)

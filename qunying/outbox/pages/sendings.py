"""外发记录: what goes out to platforms, in which state and why, and what a person can decide about it."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.brands.models import Staff
from qunying.jobs.actions import database_now
from qunying.outbox import owners, queries
from qunying.outbox.actions import CALLABLE_OFF, approve, call_off, look_again, remind
from qunying.outbox.actions.reminding import MOST
from qunying.outbox.models import Sending

PAGE = 50
KEY_LETTERS = 24


def sendings(request: BrandRequest) -> HttpResponse:
    """The list, newest first, narrowed by its address."""
    rows = queries.sendings_like(request.staff, request.GET.dict())
    page, now = Paginator(rows, PAGE).get_page(request.GET.get("page")), database_now()
    context = {
        "page": page,
        "lines": [queries.line(row, now=now) for row in page],
        "fields": queries.sending_fields(request.staff, request.GET.dict()),
        "late": queries.late(queries.sendings(request.staff)).count(),
        "may_write": request.staff.may("connections.edit"),
    }
    return render(request, "outbox/sendings.html", context)


def sending(request: BrandRequest, pk: int) -> HttpResponse:
    """One of them with its words, its times and the buttons its state allows."""
    row = queries.sending(request.staff, pk)
    lines = _owners(request, row)
    context = {
        "owners": lines,
        "most": MOST,
        "may_remind": any(line.waiting and line.again is None for line in lines),
        "key": secrets.token_urlsafe(12),
        "line": queries.line(row, now=database_now()),
        "row": row,
        "pictures": queries.pictures_of(row),
        "receivers": queries.receivers_of(request.staff, row),
        "may_approve": request.staff.may("advice.decide"),
        "may_decide": row.state in queries.DECIDABLE,
        "may_call_off": row.state in CALLABLE_OFF or row.is_tappable or row.is_missed,
    }
    return render(request, "outbox/sending.html", context)


def _owners(request: BrandRequest, row: Sending) -> list[owners.Owner]:
    rows = owners.message_of(request.staff, row)
    return owners.owners(request.staff, rows, at=database_now())


def sending_reminder(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: the platform reminds `who` has still to tap, of this message; everybody without a name."""
    row = queries.sending(request.staff, pk)
    rows = owners.of(_owners(request, row), request.POST.get("who", ""))
    key = request.POST.get("key", "")[:KEY_LETTERS] or secrets.token_urlsafe(12)
    made = remind(rows, key=key, at=database_now(), by=request.staff)
    messages.success(request, _("已请平台提醒，共 %(n)s 条群发任务。") % {"n": len(made)})
    return redirect("sending", request.brand.slug, row.pk)


def sending_approval(request: BrandRequest, pk: int) -> HttpResponse:
    return _decided(request, pk, approve, _("已审批。"))


def sending_call_off(request: BrandRequest, pk: int) -> HttpResponse:
    row = queries.sending(request.staff, pk)
    asked = _("已请平台取消：还没点发送的不再发出，结果会显示在这里。")
    return _decided(request, pk, call_off, asked if row.is_tappable else _("已取消，不会发出。"))


def sending_look(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: somebody has looked on the platform: it `arrived`, or it goes in line again."""
    arrived = request.POST.get("arrived") == "1"

    def decide(row: Sending, *, by: Staff, at: dt.datetime) -> None:
        look_again(row, arrived=arrived, by=by, at=at)

    return _decided(request, pk, decide, _("已记为送达。") if arrived else _("已重新排队。"))


def _decided(request: BrandRequest, pk: int, decide: Callable[..., None], told: str) -> HttpResponse:
    row = queries.sending(request.staff, pk)
    decide(row, by=request.staff, at=database_now())
    messages.success(request, told)
    return redirect("sending", request.brand.slug, row.pk)

"""日报推送: when the daily report goes by itself, to which group of staff, and how it went."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.connectors import actions
from qunying.connectors.daily import options
from qunying.connectors.daily_forms import DailyForm
from qunying.connectors.models import DailyPush
from qunying.jobs.actions import database_now
from qunying.jobs.queries import sentence
from qunying.kit.errors import Missing
from qunying.outbox.models import Sending
from qunying.outbox.queries import MARKS

KEY_LETTERS = 24


@never_cache
def daily_push(request: BrandRequest) -> HttpResponse:
    """The setting, for who sees all communities: the report tells of all of them."""
    push = _push(request)
    form = DailyForm(push, options(request.brand), data=request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, push, form)
    told = form.cleaned_data
    actions.set_daily(
        request.brand,
        is_on=told["is_on"],
        hour=told["hour"],
        weekdays=told["weekdays"],
        channel=form.chosen,
        at=database_now(),
        by=request.staff,
    )
    messages.success(request, _("已保存。"))
    return redirect("daily_push", request.brand.slug)


def _form(request: BrandRequest, push: DailyPush, form: DailyForm) -> HttpResponse:
    context = {
        "form": form,
        "push": push,
        "chosen": form.chosen,
        "why": sentence(push.failure),
        "mark": MARKS[push.sending.state] if push.sending else "",
        "key": secrets.token_urlsafe(16),
    }
    return render(request, "connectors/daily.html", context, status=422 if form.errors else 200)


@require_POST
def trial(request: BrandRequest) -> HttpResponse:
    """The report to the chosen group, now."""
    _push(request)
    key = request.POST.get("key", "")[:KEY_LETTERS] or secrets.token_urlsafe(16)
    row = actions.push_now(request.brand, key=key, at=database_now(), by=request.staff)
    waits = row.state == Sending.State.APPROVAL
    told = _("日报等待审批，审批后才会发出。") if waits else _("日报已排队，结果会显示在这里。")
    messages.success(request, told)
    return redirect("daily_push", request.brand.slug)


def _push(request: BrandRequest) -> DailyPush:
    if request.staff.reach is not None:
        raise Missing("brands.not_found")
    rows = DailyPush.objects.select_related("brand", "channel__community", "sending")
    return rows.filter(brand=request.brand).first() or DailyPush(brand=request.brand)

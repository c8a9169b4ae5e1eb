"""数据推送: which programs are told what happens, how each of them is, and the log of what was sent."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.jobs.actions import database_now
from qunying.kit.errors import Invalid, Refused
from qunying.webhooks import actions, queries
from qunying.webhooks.forms import Change, NewWebhook
from qunying.webhooks.models import Webhook

PAGE = 25


def webhooks(request: BrandRequest) -> HttpResponse:
    rows = [(row, queries.STANDING[row.state]) for row in queries.webhooks(request.staff)]
    may_edit = request.staff.may("connections.edit")
    return render(request, "webhooks/webhooks.html", {"rows": rows, "may_edit": may_edit})


@never_cache
def new_webhook(request: BrandRequest) -> HttpResponse:
    """The form; once it is filled in, the new webhook with its secret, shown this once."""
    queries.webhooks(request.staff)
    form = NewWebhook(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            told = {name: form.cleaned_data[name] for name in ("name", "url", "kinds")}
            row, secret_ = actions.add(request.brand, **told, at=database_now(), by=request.staff)
        except (Invalid, Refused) as error:
            form.refuse(error)
        else:
            return _shown(request, queries.webhook(request.staff, row.pk), secret=secret_)
    return render(request, "webhooks/new.html", {"form": form})


def webhook(request: BrandRequest, pk: int) -> HttpResponse:
    """One webhook: how it is, what it is told, and the log."""
    return _shown(request, queries.webhook(request.staff, pk))


def _shown(
    request: BrandRequest, row: Webhook, *, secret: str = "", form: Change | None = None
) -> HttpResponse:
    page = Paginator(queries.log_of(row, request.GET.dict()), PAGE).get_page(request.GET.get("page"))
    context = {
        "row": row,
        "mark": queries.STANDING[row.state],
        "labels": [queries.label(kind) for kind in row.kinds],
        "form": form or Change(row=row),
        "secret": secret,
        "page": page,
        "rows": [queries.line(each) for each in page],
        "fields": queries.fields(request.GET.dict()),
        "may_edit": request.staff.may("connections.edit"),
    }
    return render(request, "webhooks/webhook.html", context)


@require_POST
def change(request: BrandRequest, pk: int) -> HttpResponse:
    row = queries.webhook(request.staff, pk)
    form = Change(request.POST, row)
    if not form.is_valid():
        return _shown(request, row, form=form)
    actions.change(row, **form.cleaned_data, at=database_now(), by=request.staff)
    messages.success(request, _("已保存。"))
    return redirect("webhook", brand=request.brand.slug, pk=pk)


@never_cache
@require_POST
def secret(request: BrandRequest, pk: int) -> HttpResponse:
    """A new secret, shown this once."""
    row = queries.webhook(request.staff, pk)
    fresh = actions.rotate(row, at=database_now(), by=request.staff)
    return _shown(request, row, secret=fresh)


@require_POST
def pause(request: BrandRequest, pk: int) -> HttpResponse:
    """Paused, or on again when `undo` is sent."""
    row = queries.webhook(request.staff, pk)
    if request.POST.get("undo"):
        actions.go_on(row, at=database_now(), by=request.staff)
        messages.success(request, _("已恢复，停下期间的内容会接着推送。"))
    else:
        actions.pause(row, at=database_now(), by=request.staff)
        messages.success(request, _("已暂停；期间发生的会留着，恢复后推送，最多留 30 天。"))
    return redirect("webhook", brand=request.brand.slug, pk=pk)


@require_POST
def trial(request: BrandRequest, pk: int) -> HttpResponse:
    actions.try_out(queries.webhook(request.staff, pk))
    messages.success(request, _("测试推送已排队，几秒后在推送记录里看结果。"))
    return redirect("webhook", brand=request.brand.slug, pk=pk)


@require_POST
def resends(request: BrandRequest, pk: int) -> HttpResponse:
    """All that were given up since a day, once more."""
    row = queries.webhook(request.staff, pk)
    since = queries.start_of(request.brand, request.POST.get("since", ""))
    if since is None:
        raise Invalid("webhooks.no_day")
    count = actions.resend_failed(row, since=since, at=database_now(), by=request.staff)
    messages.success(request, _("%(n)s 条推送已重新排队。") % {"n": count})
    return redirect("webhook", brand=request.brand.slug, pk=pk)


@require_POST
def removal(request: BrandRequest, pk: int) -> HttpResponse:
    row = queries.webhook(request.staff, pk)
    actions.remove(row, at=database_now(), by=request.staff)
    messages.success(request, _("已删除推送地址“%(name)s”。") % {"name": row.name})
    return redirect("webhooks", brand=request.brand.slug)


def delivery(request: BrandRequest, pk: int) -> HttpResponse:
    """One message as it is sent, and what the other side said."""
    row = queries.delivery(request.staff, pk)
    context = {
        "row": row,
        "line": queries.line(row),
        "body": queries.body_of(row),
        "may_edit": request.staff.may("connections.edit"),
    }
    return render(request, "webhooks/delivery.html", context)


@require_POST
def resend(request: BrandRequest, pk: int) -> HttpResponse:
    row = queries.delivery(request.staff, pk)
    actions.resend(row, at=database_now(), by=request.staff)
    messages.success(request, _("%(n)s 条推送已重新排队。") % {"n": 1})
    return redirect("delivery", brand=request.brand.slug, pk=pk)

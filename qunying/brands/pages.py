"""Entrances of brands: staff and roles, settings, API tokens, the log."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qunying.brands import actions, log
from qunying.brands.access import BrandRequest
from qunying.brands.deeds import about_label
from qunying.brands.forms import LogFilter, NewStaff, NewToken, Role, Settings
from qunying.brands.models import ApiToken
from qunying.brands.opening import hire
from qunying.brands.roles import PERMISSIONS
from qunying.brands.staffing import choices, of_brand, staff_table, token_of

PAGE = 50


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@never_cache
def staff(request: BrandRequest) -> HttpResponse:
    """The colleagues; a post appoints a new one and shows their first password once."""
    form = NewStaff(choices(request.brand), request.POST or None)
    password = ""
    if request.method == "POST" and form.is_valid():
        new, password = hire(request.brand, **form.told, at=now(), by=request.staff)
        if not password:
            messages.success(request, _("已任命“%(name)s”，使用原来的密码登录。") % {"name": new.name})
            return redirect("staff", brand=request.brand.slug)
    context = {"form": form, "password": password, "login": request.POST.get("login", "")}
    return render(request, "brands/staff.html", {**staff_table(request.brand), **context})


def one_staff(request: BrandRequest, pk: int) -> HttpResponse:
    """Change a colleague's role and data scope."""
    row = of_brand(request.brand, pk)
    form = Role(choices(request.brand), request.POST or None, row)
    if request.method == "POST" and form.is_valid():
        role = form.cleaned_data["role"]
        actions.appoint(
            request.brand, account=row.account, role=role, at=now(), by=request.staff, reach=form.reach
        )
        messages.success(request, _("已更新“%(name)s”的角色与数据范围。") % {"name": row.name})
        return redirect("staff", brand=request.brand.slug)
    return render(request, "brands/one_staff.html", {"form": form, "row": row})


@require_POST
def dismissal(request: BrandRequest, pk: int) -> HttpResponse:
    row = of_brand(request.brand, pk)
    actions.dismiss(row, at=now(), by=request.staff)
    messages.success(request, _("已移除“%(name)s”，其登录不再能进入本品牌。") % {"name": row.name})
    return redirect("staff", brand=request.brand.slug)


def settings(request: BrandRequest) -> HttpResponse:
    """Name and preferences of the brand."""
    form = Settings(request.brand, request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, chosen = form.cleaned_data["name"], form.preferences
        actions.change_brand(request.brand, at=now(), by=request.staff, name=name, preferences=chosen)
        messages.success(request, _("品牌设置已保存。"))
        return redirect("settings", brand=request.brand.slug)
    return render(request, "brands/settings.html", {"form": form})


@never_cache
def tokens(request: BrandRequest) -> HttpResponse:
    """API tokens; a post issues one and shows it once."""
    form, token = NewToken(request.staff, request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        token = actions.issue_token(request.staff, **form.cleaned_data, at=now())
        form = NewToken(request.staff)
    rows = (
        ApiToken.objects.filter(staff__brand=request.brand).select_related("staff__account").order_by("-pk")
    )
    shown = [(row, [PERMISSIONS.get(scope, scope) for scope in row.scopes]) for row in rows]
    return render(request, "brands/tokens.html", {"form": form, "rows": shown, "token": token})


@require_POST
def token_revocation(request: BrandRequest, pk: int) -> HttpResponse:
    actions.revoke_token(token_of(request.brand, pk), at=now(), by=request.staff)
    messages.success(request, _("令牌已作废。"))
    return redirect("tokens", brand=request.brand.slug)


def audit(request: BrandRequest) -> HttpResponse:
    """The log, filtered by the address."""
    asked = LogFilter(request.GET)
    told = asked.cleaned_data if asked.is_valid() else {}
    page = Paginator(log.entries(request.brand, told), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": log.lines(request.brand, page),
        "fields": log.fields(request.brand, request.GET),
        "keep": [("about", told["about"])] if told.get("about") else [],
        "about": about_label(told["about"]) if told.get("about") else "",
    }
    return render(request, "brands/audit.html", context)


@require_POST
def audit_check(request: BrandRequest) -> HttpResponse:
    """Check every seal of the log."""
    broken = actions.audit_breaks(request.brand)
    if broken is None:
        messages.success(request, _("操作日志完整，没有被改动过。"))
    else:
        messages.error(
            request, _("第 %(n)s 条与记录不符，日志可能被改动过。请立即联系管理员。") % {"n": broken}
        )
    return redirect("audit", brand=request.brand.slug)


@require_POST
def audit_file(request: BrandRequest) -> HttpResponseBase:
    """The filtered log as a sheet; taking it out is logged itself."""
    asked = LogFilter(request.POST)
    told = asked.cleaned_data if asked.is_valid() else {}
    actions.log(request.brand, by=request.staff, deed="audit.exported", about="audit:", at=now())
    answer = StreamingHttpResponse(log.sheet(request.brand, told), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer

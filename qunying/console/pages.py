"""Entrances of the shell: the door, the way home, the first steps, and whether the server is well."""

from __future__ import annotations

import datetime as dt
from typing import cast
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.brands.actions import set_password
from qunying.brands.models import Account, Brand, Staff
from qunying.brands.opening import found_brand, may_found
from qunying.console import door
from qunying.console.checklist import COOKIE, SEEN, first_page, steps
from qunying.console.errors import sentence
from qunying.console.forms import ChangePassword, FirstOwner, NewBrand, SignIn
from qunying.kit.errors import Refused

YEAR = 365 * 24 * 3600


@sensitive_post_parameters()
@never_cache
def login(request: HttpRequest) -> HttpResponse:
    """Sign in; on an install without any account, make the first owner instead."""
    if not Account.objects.exists():
        return _first_run(request)
    if request.user.is_authenticated:
        return redirect(door.next_address(request))
    form, error, status = SignIn(request.POST or None), "", 200
    if request.method == "POST" and form.is_valid():
        if door.sign_in(request, **form.cleaned_data):
            return redirect(door.next_address(request))
        error, status = sentence(Refused("brands.wrong_password")), 429 if door.is_locked(request) else 401
    context = {"form": form, "error": error, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "console/login.html", context, status=status)


def _first_run(request: HttpRequest) -> HttpResponse:
    form, error = FirstOwner(request.POST or None, has_brand=Brand.objects.exists()), ""
    if request.method == "POST" and form.is_valid():
        try:
            opened = door.open_here(request, form.cleaned_data, at=dt.datetime.now(dt.UTC))
            return redirect("imports", brand=opened.slug)
        except Refused as refusal:
            error = sentence(refusal)
    return render(request, "console/login.html", {"form": form, "error": error, "first_run": True})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("login")


@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Into the account's brand; a choice where it has several or none; with ?all=1 always the choice."""
    mine = Staff.objects.select_related("brand", "account").filter(account=request.user.pk, is_active=True)
    roles = list(mine.order_by("brand__name"))
    if len(roles) == 1 and not request.GET.get("all"):
        return redirect(first_page(roles[0]))
    form = NewBrand() if may_found(cast(Account, request.user)) else None
    return render(
        request, "console/home.html", {"roles": [(role, first_page(role)) for role in roles], "form": form}
    )


@require_POST
def brand(request: HttpRequest) -> HttpResponse:
    """Found a further brand and go where its first data come in."""
    form = NewBrand(request.POST)
    if not form.is_valid():
        return render(request, "console/home.html", {"roles": [], "form": form}, status=422)
    name, zone = form.cleaned_data["brand"], form.cleaned_data["zone"]
    new = found_brand(cast(Account, request.user), name=name, zone=zone, at=dt.datetime.now(dt.UTC))
    return redirect("imports", brand=new.slug)


@sensitive_post_parameters()
@never_cache
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; every other session of the account ends."""
    account, form = cast(Account, request.user), ChangePassword(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if account.check_password(form.cleaned_data["current"]):
            set_password(account, password=form.cleaned_data["password"])
            update_session_auth_hash(request, account)
            messages.success(request, _("密码已修改，其他设备需要重新登录。"))
            return redirect("home")
        form.add_error("current", _("当前密码不对。"))
    return render(request, "console/password.html", {"form": form})


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def start(request: BrandRequest) -> HttpResponse:
    """The five first steps, which are done and what comes next."""
    return render(request, "console/start.html", {"steps": steps(request)})


@require_POST
def overview_visit(request: BrandRequest) -> HttpResponse:
    """Note in the browser that the overview was seen, and go there."""
    answer = redirect(first_page(request.staff))
    answer.set_cookie(SEEN, "1", max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    return answer


@require_POST
def checklist(request: BrandRequest) -> HttpResponse:
    """Hide the checklist in this browser, or show it again."""
    answer = redirect(reverse("start", args=[request.brand.slug]))
    answer.set_cookie(
        COOKIE, quote(request.POST.get("state", "")[:3]), max_age=YEAR, samesite="Lax", httponly=True
    )
    return answer

"""计入数据: who is a bot, a test account or on the staff, said on the person's card; each can be taken back at once."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from qunying.audiences.pages.card import entered
from qunying.brands.access import BrandRequest
from qunying.members.actions import mark_bot, mark_test, read_spans, set_staff, written
from qunying.members.models import Member
from qunying.members.queries import spans_of


def bot(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: leave the person out of every figure as a bot, or with `off` take that back."""
    _scope, one = entered(request, pk)
    is_bot = not _is_off(request)
    mark_bot(one.root, is_bot=is_bot, at=dt.datetime.now(dt.UTC), by=request.staff)
    text = _("已标记为机器人，不再计入各项数据") if is_bot else _("已取消机器人标记，重新计入各项数据")
    return _done(request, one.root, text, "member_bot", "off=1" if is_bot else "")


def test(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: the same as a test account."""
    _scope, one = entered(request, pk)
    is_test = not _is_off(request)
    mark_test(one.root, is_test=is_test, at=dt.datetime.now(dt.UTC), by=request.staff)
    text = _("已标记为测试账号，不再计入各项数据") if is_test else _("已取消测试账号标记，重新计入各项数据")
    return _done(request, one.root, text, "member_test", "off=1" if is_test else "")


def staff(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: add the days from `from` to `until`, in place of the span `was` if one is given; without `from` that span
    goes. `spans` in the address puts all of them back as they were."""
    _scope, one = entered(request, pk)
    if "spans" in request.GET:
        wanted = read_spans(request.GET["spans"])
    else:
        was = read_spans(request.POST.get("was", ""))
        wanted = [span for span in spans_of(one.root) if span not in was]
        if request.POST.get("from") or not was:
            wanted += read_spans(f"{request.POST.get('from', '')}/{request.POST.get('until', '')}")
    before = set_staff(one.root, spans=wanted, at=dt.datetime.now(dt.UTC), by=request.staff)
    text = _("员工任职期已更新，这些日期不再计入各项数据")
    return _done(request, one.root, text, "member_staff", f"spans={written(before)}")


def _is_off(request: BrandRequest) -> bool:
    """A form says it in its fields, the undo of a toast in its address."""
    return bool(request.POST.get("off") or request.GET.get("off"))


def _done(request: BrandRequest, member: Member, text: str, route: str, undo: str) -> HttpResponse:
    url = reverse(route, args=[request.brand.slug, member.pk]) + (f"?{undo}" if undo else "")
    messages.success(request, text, extra_tags=f"undo:{url}")
    return redirect("member", request.brand.slug, member.pk)

"""计入数据: who is a bot, a test account or on the staff, said of one person or of many; each can be
taken back at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from qunying.audiences.pages import steps
from qunying.audiences.pages.card import entered
from qunying.audiences.pages.members import back, picked
from qunying.brands.access import BrandRequest
from qunying.kit.errors import Missing
from qunying.members.actions import (
    flag_many,
    mark_bot,
    mark_test,
    read_spans,
    set_staff,
    set_staff_many,
    written,
)
from qunying.members.actions.marks import Flag
from qunying.members.models import Member
from qunying.members.queries import spans_of, spans_of_many

KEPT = "markings"
FLAGS: dict[str, Flag] = {"bot": "is_bot", "test": "is_test"}


def bot(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: leave the person out of every figure as a bot, or with `off` take that back."""
    _scope, one = entered(request, pk)
    is_bot = not _is_off(request)
    changed = mark_bot(one.root, is_bot=is_bot, at=dt.datetime.now(dt.UTC), by=request.staff)
    text = _("已标记为机器人，不再计入各项数据") if is_bot else _("已取消机器人标记，重新计入各项数据")
    return _done(request, one.root, text, "member_bot" if changed else "", "off=1" if is_bot else "")


def test(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: the same as a test account."""
    _scope, one = entered(request, pk)
    is_test = not _is_off(request)
    changed = mark_test(one.root, is_test=is_test, at=dt.datetime.now(dt.UTC), by=request.staff)
    text = _("已标记为测试账号，不再计入各项数据") if is_test else _("已取消测试账号标记，重新计入各项数据")
    return _done(request, one.root, text, "member_test" if changed else "", "off=1" if is_test else "")


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
    """The toast; `route` takes it back, "" where nothing was changed."""
    if route:
        url = reverse(route, args=[request.brand.slug, member.pk]) + (f"?{undo}" if undo else "")
        messages.success(request, text, extra_tags=f"undo:{url}")
    else:
        messages.info(request, _("已经是这样，没有改动"))
    return redirect("member", request.brand.slug, member.pk)


def many(request: BrandRequest) -> HttpResponse:
    """POST: the same for the chosen people: `mark` bot, test, or staff from the day `from` on; with `off` take
    it back."""
    people, mark, is_off = picked(request).members, request.POST.get("mark", ""), _is_off(request)
    if mark == "staff":
        more = [] if is_off else read_spans(f"{request.POST.get('from', '')}/")
        held = spans_of_many(request.brand, people)
        wanted = {pk: [*spans, *more] if more else [] for pk, spans in held.items() if spans or more}
        before = set_staff_many(request.brand, spans=wanted, at=dt.datetime.now(dt.UTC), by=request.staff)
        _tell(request, mark, len(before), {"spans": [(written(was), pk) for pk, was in before.items()]})
        return redirect(back(request))
    changed = _flag(request, mark, people, on=not is_off)
    _tell(request, mark, len(changed), {"on": is_off, "people": steps.packed(changed)})
    return redirect(back(request))


def undone(request: BrandRequest) -> HttpResponse:
    """POST: take back what this session marked last, for exactly the people it changed; once."""
    kept = steps.take(request, KEPT)
    if kept["mark"] == "staff":
        were = {pk: read_spans(was) for was, pk in kept["spans"]}
        set_staff_many(request.brand, spans=were, at=dt.datetime.now(dt.UTC), by=request.staff)
    else:
        _flag(request, kept["mark"], steps.unpacked(kept["people"]), on=kept["on"])
    messages.success(request, _("已撤销，各项数据会重新计算"))
    return redirect("members", request.brand.slug)


def _flag(request: BrandRequest, mark: str, people: Sequence[int], *, on: bool) -> list[int]:
    if mark not in FLAGS:
        raise Missing("brands.not_found")
    return flag_many(
        request.brand, people=people, flag=FLAGS[mark], on=on, at=dt.datetime.now(dt.UTC), by=request.staff
    )


def _tell(request: BrandRequest, mark: str, changed: int, kept: Mapping[str, object]) -> None:
    """The toast, with undo where anybody was changed."""
    text = _("已改动 {n} 位群成员的标记，各项数据会重新计算").format(n=f"{changed:,}")
    if not changed:
        messages.info(request, _("所选群成员都已是这样，没有改动"))
        return
    step = steps.keep(request, KEPT, {"mark": mark, **kept})
    undo = f"{reverse('member_marks_undone', args=[request.brand.slug])}?step={step}"
    messages.success(request, text, extra_tags=f"undo:{undo}")

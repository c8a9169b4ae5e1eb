"""值班表: the week, its shifts, and who takes whose turn."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.brands.actions import log
from qunying.brands.models import Staff
from qunying.communities.actions.duty import add_shift, change_shift, cover, remove_shift
from qunying.communities.duty import (
    DAY,
    colleagues_for,
    one_shift,
    reaches,
    reading,
    seen_by,
    seen_in,
    weekday_names,
)
from qunying.communities.duty_forms import ShiftForm, initial
from qunying.communities.models import Shift
from qunying.communities.roster import sheet, span, standing, week
from qunying.communities.scope import scope_of
from qunying.jobs.queries import sentence
from qunying.kit.errors import Invalid, Missing


def roster(request: BrandRequest) -> HttpResponse:
    """The week that holds the day ?on=, by default today; chosen communities narrow it like every page."""
    at, monday = now(), _monday(request)
    shifts = seen_in(scope_of(request, at))
    told = span(shifts, first=monday, last=monday + 6 * DAY, at=at)
    context = {
        "days": week(request.brand, told, monday=monday, at=at),
        "has_gaps": bool(told.gaps),
        "monday": monday,
        "sunday": monday + 6 * DAY,
        "before": monday - 7 * DAY,
        "after": monday + 7 * DAY,
        "mine": _editable(request.staff),
        "may_plan": request.staff.may("roster.edit"),
        "shifts": _listed(standing(shifts, first=reading(request.brand, at).date(), last=dt.date.max)),
        "freshness": "",
    }
    return render(request, "communities/roster.html", context)


def _listed(shifts: list[Shift]) -> list[tuple[Shift, str, bool]]:
    """Each shift with its weekdays in words, and whether its own one still serves."""
    return [
        (row, weekday_names(row.weekdays), row.staff.is_active and reaches(row.staff, row.community_id))
        for row in shifts
    ]


def _editable(staff: Staff) -> set[int | None]:
    """Communities whose shifts the staff member may change; None stands for the whole brand."""
    if not staff.may("roster.edit"):
        return set()
    places = set(seen_by(staff).values_list("community", flat=True))
    return {place for place in places if reaches(staff, place)}


def _monday(request: BrandRequest) -> dt.date:
    return _monday_of(_day(request.GET.get("on", "")) or reading(request.brand, now()).date())


def _monday_of(day: dt.date) -> dt.date:
    """Of the day's week; days that leave no week beside them count as the next that does."""
    day = min(max(day, dt.date(1970, 1, 12)), dt.date(2199, 12, 20))
    return day - day.weekday() * DAY


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def new(request: BrandRequest) -> HttpResponse:
    """The form of a new shift, and planning it."""
    today = reading(request.brand, now()).date()
    start = {"weekdays": list(range(5)), "from_on": today, "community": request.GET.get("c", "")}
    form = ShiftForm(request.staff, request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            add_shift(request.brand, plan=form.plan, at=now(), by=request.staff)
        except Invalid as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("已新增班次。"))
            return redirect("roster", request.brand.slug)
    return _form(request, form, {})


def shift(request: BrandRequest, pk: int) -> HttpResponse:
    """The form of a standing shift, changing it, and with ?on= who holds it that day."""
    row = one_shift(request.staff, pk)
    form = ShiftForm(request.staff, request.POST or None, initial=initial(row))
    if request.method == "POST" and form.is_valid():
        try:
            change_shift(row, plan=form.plan, at=now(), by=request.staff)
        except Invalid as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("已保存班次，从今天起生效。"))
            return redirect("roster", request.brand.slug)
    return _form(request, form, {"row": row, **_that_day(request, row)})


def _form(request: BrandRequest, form: ShiftForm, more: dict[str, object]) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "communities/shift.html", {"form": form, "freshness": "", **more}, status=status)


def _refuse(form: ShiftForm, refused: Invalid) -> None:
    form.add_error(None, sentence({"code": refused.code, "details": refused.details}))


def _that_day(request: BrandRequest, row: Shift) -> dict[str, object]:
    """Who holds the shift on the day ?on=, and who could; nothing for a day without it."""
    on = _day(request.GET.get("on", ""))
    if on is None or not row.begins_on(on):
        return {}
    changed = row.covers.filter(on=on).select_related("staff__account").first()
    others = [each for each in colleagues_for(request.staff) if reaches(each, row.community_id)]
    return {"on": on, "cover": changed, "others": [each for each in others if each.pk != row.staff_id]}


def shift_cover(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: on the day `on` the `staff` member holds it, nobody where that is empty; the toast takes it back."""
    row, given = one_shift(request.staff, pk), {**request.GET.dict(), **request.POST.dict()}
    on, chosen = _day(given.get("on", "")), given.get("staff", "")
    people = {str(each.pk): each for each in (*colleagues_for(request.staff), row.staff)}
    if on is None or (chosen and chosen not in people):
        raise Missing("communities.no_shift")
    before = row.covers.filter(on=on).first()
    was = before.staff_id if before else row.staff_id
    cover(row, on=on, staff=people.get(chosen), at=now(), by=request.staff)
    undo = reverse("shift_cover", args=[request.brand.slug, pk])
    back = urlencode({"on": on.isoformat(), "staff": was or ""})
    messages.success(request, _("{day} 的班次已更新。").format(day=on), extra_tags=f"undo:{undo}?{back}")
    return redirect(f"{reverse('roster', args=[request.brand.slug])}?on={on}")


def shift_removal(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: from today on nobody holds it."""
    remove_shift(one_shift(request.staff, pk), at=now(), by=request.staff)
    messages.success(request, _("已删除班次，以往的值班不变。"))
    return redirect("roster", request.brand.slug)


def roster_file(request: BrandRequest) -> HttpResponseBase:
    """POST: the week as a sheet; taking it out is logged."""
    monday, at = _monday(request), now()
    told = span(seen_in(scope_of(request, at)), first=monday, last=monday + 6 * DAY, at=at)
    log(request.brand, by=request.staff, deed="roster.exported", about=f"roster:{monday}", at=at)
    answer = StreamingHttpResponse(sheet(told), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="roster-{monday}.csv"'
    return answer


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)

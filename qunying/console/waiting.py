"""今日待办: one list of what waits for a person, of whichever apps declare a part of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.brands.models import Staff
from qunying.brands.today import Part, Thing, parts, waiting
from qunying.communities.scope import scope_of
from qunying.kit import days

PAGE = 50
Question = tuple[str, tuple[str | int | dt.date | None, ...]]
"""SQL and what goes into it."""


@dataclass(frozen=True)
class Line:
    """A thing in the list: of which kind, and for how many days it has been carried over."""

    part: Part
    thing: Thing
    late: int

    @property
    def when(self) -> str:
        if self.late > 0:
            return _("拖到今天")
        return _("今天") if self.late == 0 else _("以后")


def today(request: BrandRequest) -> HttpResponse:
    """What waits for the staff member, the oldest first; with ?who=all what waits for colleagues too, for who may
    decide. Chosen communities narrow it like every page."""
    staff, scope = request.staff, scope_of(request, dt.datetime.now(dt.UTC))
    may_see_all = staff.may("advice.decide")
    mine = not (may_see_all and request.GET.get("who") == "all")
    day = days.date(scope.today)
    found = waiting(scope.within, day, mine=mine)
    lines = [Line(part, thing, (day - thing.due_on).days) for part, thing in found]
    page = Paginator([line for line in lines if line.part.is_counted], PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "sections": [(label, list(part)) for label, part in groupby(page, key=lambda line: line.when)],
        "looks": [line for line in lines if not line.part.is_counted],
        "tabs": _tabs(request, mine) if may_see_all else [],
        "today": day,
        "communities": scope.nodes,
        "scope": scope.node,
        "freshness": "",
    }
    return render(request, "console/today.html", context)


def _tabs(request: BrandRequest, mine: bool) -> list[dict[str, object]]:
    here = reverse("today", args=[request.brand.slug])
    chosen = request.GET.get("c", "")
    kept = f"c={chosen}" if chosen.isdecimal() else ""
    return [
        {"label": _("我的"), "url": f"{here}?{kept}".rstrip("?"), "is_current": mine},
        {"label": _("所有人的"), "url": f"{here}?who=all&{kept}".rstrip("&"), "is_current": not mine},
    ]


def counted(staff: Staff) -> Question:
    """The question how many things wait for the staff member: every part's rows counted together."""
    day = days.date(staff.brand.today(dt.datetime.now(dt.UTC)))
    reach = None if staff.reach is None else tuple(staff.reach)
    who = (staff.pk, staff.brand_id, staff.role, reach, day)
    asked = _asked.get(who)
    if asked is None:
        if len(_asked) >= REMEMBERED:
            _asked.clear()  # another thread may do so at any moment: what was found is not looked up again
        asked = _asked[who] = _question(staff, day)
    return asked


REMEMBERED = 500
_asked: dict[tuple[object, ...], Question] = {}
"""The question of each staff member for the day: every page asks it, and composing takes longer than the answer. What a
part's rows depend on besides the tables is who asks, with which role and reach, and the day."""


def _question(staff: Staff, day: dt.date) -> Question:
    rows = [part.rows(staff, day, True).order_by().values("pk") for part in parts(staff) if part.is_counted]
    try:
        sql, params = rows[0].union(*rows[1:], all=True).query.sql_with_params()
    except (IndexError, EmptyResultSet):  # a role without any part, a data scope without any community
        return "SELECT 0", ()
    return f"SELECT COUNT(*) FROM ({sql}) waiting", params

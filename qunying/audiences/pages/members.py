"""群成员: the list of everybody, filtered by its address, with exports."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from qunying.audiences.exports import as_file
from qunying.audiences.filters import Filter, filter_of, size_of
from qunying.audiences.listing import listed
from qunying.audiences.roster import Ints, Roster
from qunying.brands.access import BrandRequest
from qunying.communities.scope import Scope, chosen, frame, scope_of
from qunying.kit.errors import Invalid

QUICK = 6
"""People the palette shows while one types."""


def members(request: BrandRequest) -> HttpResponse:
    """The list, a page at a time."""
    scope = scope_of(request, dt.datetime.now(dt.UTC))
    wanted = filter_of(request.GET)
    roster = Roster(scope)
    found = roster.match(wanted)
    if "quick" in request.GET:
        rows = roster.lines(found[:QUICK]) if wanted.q else []
        return render(request, "audiences/_quick.html", {"rows": rows, "text": wanted.q, "total": len(found)})
    page = Paginator(found, size_of(request.GET)).get_page(request.GET.get("page"))
    return render(
        request, "audiences/members.html", {**frame(scope), **listed(request, roster, wanted, page)}
    )


# -- deeds on many ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Picked:
    """Who a bulk form means: the rows that were ticked, or everybody who fits the filter it was sent with."""

    roster: Roster
    bits: Ints
    wanted: Filter

    @property
    def members(self) -> list[int]:
        return self.roster.members(self.bits)


def picked(request: BrandRequest) -> Picked:
    """The form's people; ids out of the staff member's reach are not among them. Nobody is refused."""
    given = QueryDict(request.POST.get("filter", ""))
    scope = scope_of(request, dt.datetime.now(dt.UTC))
    scope = Scope(
        scope.staff, scope.nodes, chosen(given.get("c", ""), list(scope.nodes)), scope.today, scope.position
    )
    roster, wanted = Roster(scope), filter_of(given)
    if request.POST.get("every") == "1":
        bits = roster.match(wanted)
    else:
        ids = [int(word) for word in request.POST.get("ids", "").split(",") if word.strip().isdigit()]
        bits = roster.bits(ids)
    if not len(bits):
        raise Invalid("audiences.nobody")
    return Picked(roster, bits, wanted)


def export(request: BrandRequest) -> HttpResponseBase:
    """POST: the chosen people as CSV or XLSX, written into the log of changes."""
    chosen_people = picked(request)
    return as_file(
        chosen_people.roster,
        chosen_people.bits,
        form=request.POST.get("form", "csv"),
        about={"filter": chosen_people.wanted.conditions(), "every": request.POST.get("every") == "1"},
        reason=request.POST.get("reason", ""),
    )


def back(request: BrandRequest) -> str:
    """Where the form was sent from, if that is one of our own pages; else the list."""
    text = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(text, allowed_hosts=None):
        return text
    query = request.POST.get("filter", "")
    return reverse("members", args=[request.brand.slug]) + (f"?{query}" if query else "")

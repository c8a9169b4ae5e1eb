"""任命核心成员: on a member's card, for whom the rule nominates; dated, and can end."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from qunying.audiences.actions import appoint_core, end_core
from qunying.audiences.models import Appointment
from qunying.audiences.pages.card import entered
from qunying.brands.access import BrandRequest
from qunying.communities.models import Membership
from qunying.kit import days
from qunying.kit.errors import Missing


def appointments(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: appoint the person core of the community from the last day on that we know to its end, on which the
    card calls them nominated."""
    _scope, one = entered(request, pk)
    place = next((row for row in one.places if str(row.pk) == request.POST.get("community", "")), None)
    if place is None:
        raise Missing("communities.not_found")
    known = min(one.scope.complete, place.covered_to if place.covered_to is not None else one.scope.complete)
    rows = Membership.objects.select_related("brand", "community")
    mine = sorted(
        rows.filter(community=place, member__in=one.ids), key=lambda row: row.member_id != one.root.pk
    )
    at, from_on = dt.datetime.now(dt.UTC), days.date(known)
    (made,) = appoint_core(mine[:1], from_on=from_on, at=at, by=request.staff)
    text = _("已任命为“{community}”的核心，自 {day} 起").format(community=place.name, day=made.from_on)
    messages.success(request, text)
    return redirect("member_part", request.brand.slug, one.root.pk, "stage")


def end(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: the appointment ends with today."""
    rows = Appointment.objects.select_related("membership__member", "membership__community")
    held = rows.filter(pk=pk, membership__brand=request.brand).first()
    if held is None:
        raise Missing("members.not_found")
    _scope, one = entered(request, held.membership.member.pk)
    if held.membership.community_id not in one.names_of_places:
        raise Missing("members.not_found")
    at = dt.datetime.now(dt.UTC)
    today = days.date(request.brand.today(at))
    end_core(held, until_on=today, at=at, by=request.staff)
    messages.success(request, _("任命到今天为止，之后按互动情况判定阶段"))
    return redirect("member_part", request.brand.slug, one.root.pk, "stage")

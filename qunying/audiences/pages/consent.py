"""授权与拒收 on a member's card: a yes or a no noted, put on the list of opt-outs and taken off it."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from qunying.audiences.consents import said_at
from qunying.audiences.pages.card import entered
from qunying.brands.access import BrandRequest
from qunying.kit.errors import Invalid, Missing
from qunying.members.actions import end_opt_out, give_consent, opt_out, withdraw_consent
from qunying.members.consent import latest_texts, opt_outs_of
from qunying.members.models import Via


def consents(request: BrandRequest, pk: int) -> HttpResponse:
    """POST `purpose`: the person says yes (`off` 0) to the words in use, or no (`off` 1); on a day (`on`), with a note.
    What says neither is refused, since a lost button must not make a yes."""
    _scope, one = entered(request, pk)
    told, at, by = request.POST, dt.datetime.now(dt.UTC), request.staff
    if told.get("off") not in ("0", "1"):
        raise Invalid("members.purpose")
    is_given = told["off"] == "0"
    moment = said_at(by, _day(told.get("on", "")), is_given=is_given, at=at)
    via, note, purpose = told.get("via", Via.STAFF), told.get("evidence", ""), told.get("purpose", "")
    if not is_given:
        withdraw_consent(one.root, purpose=purpose, via=via, said_at=moment, at=at, evidence=note, by=by)
        messages.success(request, _("已记录撤回；还没发出的也不再发给此人。"))
    else:
        text = latest_texts(request.brand).get(purpose)
        if text is None:
            raise Invalid("members.no_consent_text")
        give_consent(one.root, text=text, via=via, said_at=moment, at=at, evidence=note, by=by)
        messages.success(request, _("已记录同意。"))
    return _back(request, one.root.pk)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("members.said_later") from error


def opted_out(request: BrandRequest, pk: int) -> HttpResponse:
    """POST `reason`: the person wants nothing unsolicited, or with `off` is taken off the list again."""
    _scope, one = entered(request, pk)
    at, reason = dt.datetime.now(dt.UTC), request.POST.get("reason", "")
    if request.POST.get("off") != "1":
        opt_out(one.root, reason=reason, via=Via.STAFF, at=at, by=request.staff)
        messages.success(request, _("已加入拒收名单，不再主动发给此人。"))
        return _back(request, one.root.pk)
    entry = opt_outs_of(request.brand, one.ids).filter(ended_at=None).select_related("brand").first()
    if entry is None:
        raise Missing("members.no_opt_out")
    end_opt_out(entry, reason=reason, at=at, by=request.staff, person=one.root)
    messages.success(request, _("已移出拒收名单。"))
    return _back(request, one.root.pk)


def _back(request: BrandRequest, pk: int) -> HttpResponse:
    return redirect("member_part", request.brand.slug, pk, "consent")

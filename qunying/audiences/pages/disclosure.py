"""查看: one masked phone, mail or the like of a person in full; who looked, at what and why is logged."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from qunying.audiences.actions import disclose
from qunying.audiences.pages.card import entered
from qunying.brands.access import BrandRequest


def disclosures(request: BrandRequest, pk: int) -> HttpResponse:
    """The form that asks why; POST `what` and `reason`: the text in place of its mask, kept by nobody."""
    _scope, one = entered(request, pk)
    if request.method != "POST":
        url = reverse("member_disclosures", args=[request.brand.slug, one.root.pk])
        context = {"what": request.GET.get("what", ""), "reveal_url": url}
        return render(request, "audiences/_disclosing.html", context)
    what, reason = request.POST.get("what", ""), request.POST.get("reason", "")
    text = disclose(one, what=what, reason=reason, at=dt.datetime.now(dt.UTC))
    answer = render(request, "audiences/_disclosed.html", {"text": text})
    answer["Cache-Control"] = "private, no-store"
    return answer

"""查看: one masked phone, mail or the like of a person in full; who looked, at what and why is logged."""

from __future__ import annotations

import datetime as dt
import zlib

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
        what = request.GET.get("what", "")
        context = {"what": what, "key": f"-{zlib.crc32(what.encode()):x}", "reveal_url": url}
        return render(request, "audiences/_disclosing.html", context)
    text = disclose(
        one,
        what=request.POST.get("what", ""),
        reason=request.POST.get("reason", ""),
        at=dt.datetime.now(dt.UTC),
    )
    answer = render(request, "audiences/_disclosed.html", {"text": text})
    answer["Cache-Control"] = "private, no-store"
    return answer

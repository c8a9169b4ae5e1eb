"""查看: one masked phone, mail or the like of a person in full; who looked is logged."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render

from qunying.audiences.actions import disclose
from qunying.audiences.pages.card import entered
from qunying.brands.access import BrandRequest


def disclosures(request: BrandRequest, pk: int) -> HttpResponse:
    """POST `what`: the text in place of its mask, kept by nobody."""
    _scope, one = entered(request, pk)
    text = disclose(one, what=request.POST.get("what", ""), at=dt.datetime.now(dt.UTC))
    answer = render(request, "audiences/_disclosed.html", {"text": text})
    answer["Cache-Control"] = "private, no-store"
    return answer

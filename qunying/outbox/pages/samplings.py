"""抽查: draw some of what was done by hand, look at each, say what is not as it should be."""

from __future__ import annotations

import secrets

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.brands.access import BrandRequest
from qunying.communities.models import Community
from qunying.communities.queries import visible
from qunying.jobs.actions import database_now
from qunying.kit import days
from qunying.outbox import queries, samplings
from qunying.outbox.actions.sampling import MOST, draw, judge
from qunying.outbox.pages.todos import line_of

PAGE = 50


class DrawForm(forms.Form):
    """抽查. Who has some communities draws from one of them."""

    first = forms.DateField(label=gettext_lazy("从"))
    last = forms.DateField(label=gettext_lazy("到"))
    size = forms.IntegerField(label=gettext_lazy("抽几条"), min_value=1, max_value=MOST)
    community = forms.ModelChoiceField(Community.objects.none(), label=gettext_lazy("社群"), required=False)
    seed = forms.RegexField(r"^[\w-]{1,40}$", label=gettext_lazy("抽样种子"))

    def __init__(self, request: BrandRequest) -> None:
        today = request.brand.today(database_now())
        initial = {
            "first": days.date(today - 7),
            "last": days.date(today - 1),
            "size": 10,
            "seed": secrets.token_hex(4),
        }
        data = request.POST if request.method == "POST" else None
        super().__init__(data, initial=initial)
        field = self.fields["community"]
        field.queryset = visible(request.staff).filter(level=Community.Level.COMMUNITY).order_by("name")  # type: ignore[attr-defined]  # a choice field
        field.required = request.staff.reach is not None


def samplings_page(request: BrandRequest) -> HttpResponse:
    """What was drawn, the latest first, and the form that draws; a POST draws."""
    form = DrawForm(request)
    if request.method == "POST" and form.is_valid():
        row = draw(**form.cleaned_data, at=database_now(), by=request.staff)
        return redirect("sampling", request.brand.slug, row.pk)
    page = Paginator(samplings.samplings(request.staff), PAGE).get_page(request.GET.get("page"))
    lines = [(row, samplings.result(row)) for row in page]
    context = {
        "form": form,
        "page": page,
        "lines": lines,
        "may_all": request.staff.reach is None,
        "most": MOST,
    }
    return render(request, "outbox/samplings.html", context, status=422 if form.errors else 200)


def sampling(request: BrandRequest, pk: int) -> HttpResponse:
    """What was drawn, each with what was asked, its picture and the verdict."""
    row = samplings.one(request.staff, pk)
    found = samplings.drawn(request.staff, row)
    again = queries.shown_again([item for _each, item in found])
    lines = [(each, line_of(request, item, again)) for each, item in found]
    context = {"row": row, "lines": lines, "result": samplings.result(row)}
    return render(request, "outbox/sampling.html", context)


def sampling_verdict(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: what a supervisor found of `sample`; not as it should be with a `reason`."""
    row = samplings.one(request.staff, pk)
    chosen = request.POST.get("sample", "")
    each = samplings.sample(request.staff, row, int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0)
    is_good, reason = request.POST.get("good") == "1", request.POST.get("reason", "")
    judge(each, is_good=is_good, reason=reason, at=database_now(), by=request.staff)
    messages.success(request, _("已记为合格。") if is_good else _("已记为不合格，待办重新打开。"))
    return redirect("sampling", request.brand.slug, row.pk)

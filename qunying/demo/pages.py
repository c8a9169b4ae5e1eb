"""Entrance of the demo: taking it away."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.demo import actions
from qunying.kit.errors import Invalid, Missing


@require_POST
def demo_removal(request: BrandRequest) -> HttpResponse:
    """Remove the demo brand once its name was typed."""
    if not request.brand.is_demo:
        raise Missing("brands.not_found")
    if request.POST.get("word", "").strip() != request.brand.name:
        raise Invalid("demo.word_missing", word=request.brand.name)
    actions.remove(at=dt.datetime.now(dt.UTC))
    messages.success(request, _("演示数据已删除。"))
    return redirect("home")

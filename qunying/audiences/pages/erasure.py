"""清除个人信息: asked for on a member's card, done by a job."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from qunying.audiences.pages.card import entered
from qunying.brands.access import BrandRequest
from qunying.kit.errors import Invalid
from qunying.members.actions import order_erasure


def erasure(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: erase the person everywhere, once the word was typed."""
    _scope, one = entered(request, pk)
    if request.POST.get("word", "").strip().lower() != _("清除").lower():
        raise Invalid("members.word")
    job = order_erasure(one.root, at=dt.datetime.now(dt.UTC), by=request.staff)
    messages.success(request, _("正在清除这位群成员的个人信息。"))
    return redirect("job", request.brand.slug, job.pk)

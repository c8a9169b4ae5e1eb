"""Entrances of the words for new friends."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.connectors import actions, queries
from qunying.connectors.texts import clean
from qunying.jobs.actions import database_now
from qunying.jobs.queries import sentence
from qunying.kit.errors import Invalid


@require_POST
def save(request: BrandRequest, pk: int) -> HttpResponse:
    row = queries.connection(request.staff, pk)
    way, text = (clean(request.POST.get(name, "")).strip() for name in ("way", "text"))
    is_on = request.POST.get("is_on") == "1"
    try:
        actions.save_welcome(row, way=way, text=text, is_on=is_on, at=database_now(), by=request.staff)
    except Invalid as error:
        messages.error(request, sentence({"code": error.code, "details": error.details}))
    else:
        messages.success(request, _("欢迎语已保存，下一位新好友起生效。"))
    return redirect("connection", brand=request.brand.slug, pk=pk)


@require_POST
def remove(request: BrandRequest, pk: int, welcome: int) -> HttpResponse:
    row = queries.connection(request.staff, pk)
    actions.drop_welcome(row, welcome=welcome, at=database_now(), by=request.staff)
    messages.success(request, _("欢迎语已删除。"))
    return redirect("connection", brand=request.brand.slug, pk=pk)

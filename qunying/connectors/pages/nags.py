"""提醒: a colleague reminds whoever has a to-do or draft."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qunying.brands.access import BrandRequest
from qunying.connectors import actions
from qunying.jobs.actions import database_now
from qunying.outbox import queries
from qunying.outbox.actions import Item

KEY_LETTERS = 20


@require_POST
def todo_reminder(request: BrandRequest, pk: int) -> HttpResponse:
    return _reminded(request, queries.todo(request.staff, pk), "todo")


@require_POST
def draft_reminder(request: BrandRequest, pk: int) -> HttpResponse:
    return _reminded(request, queries.draft(request.staff, pk), "draft")


def _reminded(request: BrandRequest, item: Item, page: str) -> HttpResponse:
    key = request.POST.get("key", "")[:KEY_LETTERS] or secrets.token_urlsafe(12)
    made = actions.nag(item, key=key, at=database_now(), by=request.staff)
    told = any(row.sending_id for row in made)
    messages.success(
        request, _("已提醒，员工群里也说了。") if told else _("已提醒，会显示在负责人的今日待办里。")
    )
    return redirect(page, request.brand.slug, item.pk)

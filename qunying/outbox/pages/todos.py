"""The page of what waits for a person: to-dos and drafts, by day, done or not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.kit import days
from qunying.outbox import queries
from qunying.outbox.actions import Item, finish, reopen
from qunying.outbox.models import Draft, State, Todo

PAGE = 50


@dataclass(frozen=True)
class Line:
    """One to-do or draft as the page shows it."""

    row: Item
    is_draft: bool
    is_late: bool
    url: str


def todos(request: BrandRequest) -> HttpResponse:
    wants_done = request.GET.get("state") == "done"
    today = days.date(request.brand.today(dt.datetime.now(dt.UTC)))
    state = State.DONE if wants_done else State.WAITING
    rows: list[Item] = [
        *queries.todos(request.staff).filter(state=state),
        *queries.drafts(request.staff).filter(state=state),
    ]
    rows.sort(key=lambda row: (row.due_on, row.pk), reverse=wants_done)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines = [_line(request, row, today) for row in page]
    context = {
        "lines": lines,
        "page": page,
        "tabs": _tabs(request, wants_done),
        "wants_done": wants_done,
        "today": today,
    }
    return render(request, "outbox/todos.html", context)


def _line(request: BrandRequest, row: Item, today: dt.date) -> Line:
    is_draft = isinstance(row, Draft)
    url = reverse("draft_state" if is_draft else "todo_state", args=[request.brand.slug, row.pk])
    return Line(row, is_draft, row.state == State.WAITING and row.due_on < today, url)


def _tabs(request: BrandRequest, wants_done: bool) -> list[dict[str, object]]:
    here = reverse("todos", args=[request.brand.slug])
    return [
        {
            "label": _("待处理"),
            "url": here,
            "is_current": not wants_done,
            "count": queries.waiting(request.staff),
        },
        {"label": _("已完成"), "url": f"{here}?state=done", "is_current": wants_done, "count": None},
    ]


def todo_state(request: BrandRequest, pk: int) -> HttpResponse:
    return _moved(request, queries.todo(request.staff, pk))


def draft_state(request: BrandRequest, pk: int) -> HttpResponse:
    return _moved(request, queries.draft(request.staff, pk))


def _moved(request: BrandRequest, item: Todo | Draft) -> HttpResponse:
    """Done, or waiting again when `undo` is sent."""
    at = dt.datetime.now(dt.UTC)
    if request.POST.get("undo"):
        reopen(item, by=request.staff, at=at)
        messages.success(request, _("已恢复为待处理。"))
    else:
        finish(item, by=request.staff, at=at)
        messages.success(request, _("已标记为完成，可在“已完成”里撤销。"))
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    here = reverse("todos", args=[request.brand.slug])  # type: ignore[attr-defined]  # guard has put it there
    wanted = request.POST.get("back", "")
    return wanted if wanted.startswith("/b/") else here

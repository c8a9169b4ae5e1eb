"""What a person carries out by hand: one task with its exact words, how it ended, and the list of what is over."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.communities.platforms import platform
from qunying.jobs.queries import sentence
from qunying.kit import days, pictures
from qunying.kit.errors import Invalid
from qunying.outbox import queries
from qunying.outbox.actions import Item, finish, give_up, reopen
from qunying.outbox.actions.evidence import open_picture
from qunying.outbox.models import Draft, Evidence, Sending, State, Todo
from qunying.outbox.quiet import Quiet, quiet_at
from qunying.outbox.shelf import MOST_BYTES

PAGE = 50
TAKEN = {"forms": ",".join(pictures.TYPES.values()), "most_mb": MOST_BYTES >> 20}
"""What the page says of a picture that may be handed in."""


@dataclass(frozen=True)
class Line:
    """One to-do or draft as the pages show it: what is asked, the words to post, where it is and where it is decided.
    `again` is how many other items show the very same picture."""

    row: Item
    is_draft: bool
    asked: str
    words: str
    url: str
    state_url: str
    evidence: Evidence | None
    evidence_url: str
    again: int = 0


def todos(request: BrandRequest) -> HttpResponse:
    """What is over, the latest first; with ?shown=1 only what has a picture, for who looks into some of them."""
    rows = queries.over(request.staff, only_shown=bool(request.GET.get("shown")))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    items = queries.items(request.staff, page)
    again = queries.shown_again(items)
    lines = [line_of(request, row, again) for row in items]
    context = {
        "lines": lines,
        "page": page,
        "tabs": _tabs(request),
        "may_sample": request.staff.may("advice.decide"),
    }
    return render(request, "outbox/todos.html", context)


def line_of(request: BrandRequest, row: Item, again: dict[int, int]) -> Line:
    """As a page shows it; `again` is from queries.shown_again."""
    slug, is_draft = request.brand.slug, isinstance(row, Draft)
    kind, shown = "draft" if is_draft else "todo", queries.evidence(row)
    asked, words = queries.task_words(row) if isinstance(row, Todo) else queries.draft_words(row)
    return Line(
        row,
        is_draft,
        asked,
        words,
        reverse(kind, args=[slug, row.pk]),
        reverse(f"{kind}_state", args=[slug, row.pk]),
        shown,
        reverse(f"{kind}_evidence", args=[slug, row.pk]) if shown else "",
        again.get(shown.pk, 0) if shown else 0,
    )


def _tabs(request: BrandRequest) -> list[dict[str, object]]:
    here, only = reverse("todos", args=[request.brand.slug]), bool(request.GET.get("shown"))
    return [
        {"label": _("全部"), "url": here, "is_current": not only},
        {"label": _("有截图"), "url": f"{here}?shown=1", "is_current": only},
    ]


def todo(request: BrandRequest, pk: int) -> HttpResponse:
    row = queries.todo(request.staff, pk)
    if row.sending is not None and row.sending.state == Sending.State.UNKNOWN and row.state == State.WAITING:
        return redirect("sending", request.brand.slug, row.sending_id)
    return _task(request, row)


def draft(request: BrandRequest, pk: int) -> HttpResponse:
    return _task(request, queries.draft(request.staff, pk))


def _task(request: BrandRequest, row: Item, error: str = "") -> HttpResponse:
    """The exact words with a button that copies them, where they go, and how it ended."""
    today = days.date(request.brand.today(dt.datetime.now(dt.UTC)))
    context = {
        "line": line_of(request, row, queries.shown_again([row])),
        "row": row,
        "error": error,
        "platform": _platform(row),
        "receivers": _receivers(request, row),
        "pictures": queries.pictures_of(row.sending) if isinstance(row, Todo) and row.sending else [],
        "quiet": _quiet(request, row),
        "openings": queries.openings(request.staff, row),
        "reminders": row.reminders.select_related("by__account").order_by("at"),
        "may_remind": row.state == State.WAITING and request.staff.may("advice.decide"),
        "key": secrets.token_urlsafe(12),
        "late": max(0, (today - row.due_on).days),
        "may_do": row.staff_id in (None, request.staff.pk) or request.staff.may("advice.decide"),
        **TAKEN,
    }
    return render(request, "outbox/task.html", context, status=422 if error else 200)


def _receivers(request: BrandRequest, row: Item) -> dict[str, object] | None:
    sending = row.sending if isinstance(row, Todo) else None
    return queries.receivers_of(request.staff, sending) if sending is not None else None


def _quiet(request: BrandRequest, row: Item) -> Quiet | None:
    """The quiet hours in which what is to be posted by hand had better wait; None outside them."""
    waits = isinstance(row, Draft) or (row.sending is not None and row.sending.keeps_quiet)
    return quiet_at(request.brand, dt.datetime.now(dt.UTC)) if waits and row.state == State.WAITING else None


def _platform(row: Item) -> str:
    sending = row.sending if isinstance(row, Todo) else None
    return platform(sending.channel.platform) if sending is not None else ""


def todo_state(request: BrandRequest, pk: int) -> HttpResponse:
    return _moved(request, queries.todo(request.staff, pk))


def draft_state(request: BrandRequest, pk: int) -> HttpResponse:
    return _moved(request, queries.draft(request.staff, pk))


def _moved(request: BrandRequest, item: Item) -> HttpResponse:
    """What cannot be taken is said on the task's own page, where it can be mended."""
    try:
        _move(request, item)
    except Invalid as refused:
        return _task(request, item, error=sentence({"code": refused.code, "details": refused.details}))
    return redirect(_back(request))


def _move(request: BrandRequest, item: Item) -> None:
    """Done, perhaps with a picture; given up when `could_not` is sent; waiting again when `undo` is."""
    at, by, sent = dt.datetime.now(dt.UTC), request.staff, request.FILES.get("picture")
    if request.POST.get("undo"):
        reopen(item, by=by, at=at)
        messages.success(request, _("已恢复为待处理。"))
    elif request.POST.get("could_not"):
        give_up(item, reason=request.POST.get("reason", ""), by=by, at=at)
        messages.success(request, _("已记下没做成的原因，可在“已处理”里撤销。"))
    else:
        finish(item, by=by, at=at, picture=sent.read(MOST_BYTES + 1) if sent else None)
        messages.success(request, _("已标记为完成，可在“已处理”里撤销。"))


def _back(request: HttpRequest) -> str:
    here = reverse("today", args=[request.brand.slug])  # type: ignore[attr-defined]  # guard has put it there
    wanted = request.POST.get("back", "")
    return wanted if wanted.startswith("/b/") else here


def todo_evidence(request: BrandRequest, pk: int) -> HttpResponse:
    return _picture(request, queries.todo(request.staff, pk))


def draft_evidence(request: BrandRequest, pk: int) -> HttpResponse:
    return _picture(request, queries.draft(request.staff, pk))


def _picture(request: BrandRequest, item: Item) -> HttpResponse:
    """POST: the picture itself, for who may see the item, which is written down; told to the browser as what it is and
    kept by nobody."""
    row, data = open_picture(item, by=request.staff, at=dt.datetime.now(dt.UTC))
    answer = HttpResponse(data, content_type=pictures.TYPES[row.form])
    answer["Content-Disposition"] = f'inline; filename="{row.digest[:12]}.{row.form}"'
    answer["Cache-Control"] = "private, no-store"
    return answer

"""写消息: write a message, see what will happen to it in each group, and send it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from qunying.brands.access import BrandRequest
from qunying.communities.models import Channel
from qunying.connectors import actions, composing, quota
from qunying.connectors.composing import Target
from qunying.connectors.pages.picturing import LIMITS, came, is_picturing
from qunying.connectors.proofreading import link_notes
from qunying.connectors.write_forms import WriteForm
from qunying.jobs.actions import database_now
from qunying.outbox import queries as outbox
from qunying.outbox.models import Picture, Sending
from qunying.outbox.quiet import Quiet, quiet_at

LOCAL = "%Y-%m-%dT%H:%M"


def write(request: BrandRequest) -> HttpResponse:
    """The form; with `step` check what will happen, with confirm the sendings."""
    targets, now = composing.targets(request.staff), database_now()
    if request.method != "POST":
        start, lost = _start(request, targets)
        return _form(request, WriteForm(request.staff, targets, now=now, start=start), lost=lost)
    pictures, error = came(request, at=now)
    if error or is_picturing(request):
        form = _unread(request, targets, pictures, now=now)
        return _form(request, form, error=error, status=422 if error else 200)
    form = _read(request, targets, pictures, now=now)
    if not form.is_valid():
        return _form(request, form, status=422)
    return _form(request, form) if request.POST.get("step") == "edit" else _sent(request, form)


def _sent(request: BrandRequest, form: WriteForm) -> HttpResponse:
    """What will happen, and once that is confirmed the sendings."""
    is_confirmed = request.POST.get("step") == "confirm"
    quiet = _quiet(form, request)
    if not is_confirmed or (quiet is not None and not form.written.why):
        return _check(request, form, quiet, is_refused=is_confirmed)
    rows = actions.write(form.written, at=form.now, by=request.staff)
    messages.success(request, _told(rows))
    return redirect("sendings", request.brand.slug)


def _read(
    request: BrandRequest, targets: list[Target], pictures: list[Picture], *, now: dt.datetime
) -> WriteForm:
    """What was written, with its pictures in the place of those the page had."""
    data = _after_quiet(request) if request.POST.get("step") == "wait" else request.POST.copy()
    gone = [each for each in data.getlist("pictures") if each not in {str(row.pk) for row in pictures}]
    data.setlist("pictures", [*(str(row.pk) for row in pictures), *gone])
    return WriteForm(request.staff, targets, now=now, data=data, pictures=pictures)


def _unread(
    request: BrandRequest, targets: list[Target], pictures: list[Picture], *, now: dt.datetime
) -> WriteForm:
    """The form as it was, only with other pictures: nobody has said that it is finished."""
    start: dict[str, Any] = {**request.POST.dict(), "channels": request.POST.getlist("channels")}
    start["pictures"] = [row.pk for row in pictures]
    return WriteForm(request.staff, targets, now=now, start=start, pictures=pictures)


def _quiet(form: WriteForm, request: BrandRequest) -> Quiet | None:
    return quiet_at(request.brand, form.written.not_before or form.now)


def _after_quiet(request: BrandRequest) -> QueryDict:
    """What was written, for when the quiet hours that it named are over."""
    data = request.POST.copy()
    data["when"], data["at"] = "later", request.POST.get("until", "")
    return data


def _start(request: BrandRequest, targets: list[Target]) -> tuple[dict[str, Any], list[Channel]]:
    """What the form begins with: the groups of a community, or what a stop asks to put right; and the groups where it
    asks for that in vain, since nothing can be written to them any more."""
    stop = request.GET.get("stop", "")
    if stop.isdecimal() and len(stop) < 19:
        text, channels = outbox.correction(request.staff, int(stop))
        open_ = {each.channel for each in targets}
        start = {"text": text, "channels": [each.pk for each in channels if each in open_], "lasts": 168}
        return start, [each for each in channels if each not in open_]
    community = request.GET.get("community", "")
    ticked = [each.channel.pk for each in targets if str(each.channel.community_id) == community]
    return {"channels": ticked}, []


def _form(
    request: BrandRequest,
    form: WriteForm,
    *,
    status: int = 200,
    lost: Sequence[Channel] = (),
    error: str = "",
) -> HttpResponse:
    context = {
        "form": form,
        "picture_error": error,
        **LIMITS,
        "chosen": [target.channel.pk for target in form.chosen],
        "approvals": composing.approvals(request.brand),
        "may_connect": request.staff.reach is None,
        "lost": "、".join(map(str, lost)),
    }
    return render(request, "connectors/write.html", context, status=status)


def _check(request: BrandRequest, form: WriteForm, quiet: Quiet | None, *, is_refused: bool) -> HttpResponse:
    written = form.written
    channels: list[Channel] = [target.channel for target in written.targets]
    start = written.not_before or form.now
    context = {
        "form": form,
        "quiet": quiet,
        "is_refused": is_refused,
        "until_field": quiet.until.astimezone(request.brand.clock.zone).strftime(LOCAL) if quiet else "",
        "written": written,
        "until": start + written.lasts,
        "fates": composing.fates(request.staff, written.targets, written.text),
        "links": link_notes(written.text),
        "plans": quota.plan_of(channels, at=start),
        "approvals": composing.approvals(request.brand),
    }
    return render(request, "connectors/write_check.html", context, status=422 if is_refused else 200)


def _told(rows: list[Sending]) -> str:
    if rows[0].state == Sending.State.APPROVAL:
        return _("%(n)s 条外发等待审批。") % {"n": len(rows)}
    return _("%(n)s 条外发已排队，结果会显示在这里。") % {"n": len(rows)}

"""Every refusal as a page or a problem+json answer: what happened, where, the way out, and a number to quote."""

from __future__ import annotations

import errno
import logging
import secrets
import sys
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qunying.jobs.storage import STORAGE, answers, is_away, is_full
from qunying.kit import catalog
from qunying.kit.errors import Invalid, Missing, NotAllowed, QunyingError, Refused, Upstream

TITLES: dict[type[QunyingError], str] = {
    Invalid: gettext_noop("输入有误"),
    NotAllowed: gettext_noop("没有权限"),
    Missing: gettext_noop("没有找到"),
    Refused: gettext_noop("暂时不能这样做"),
    Upstream: gettext_noop("外部服务没有响应"),
}
RETRY_SECONDS = "5"
FULL = (errno.ENOSPC, errno.EDQUOT)
logger = logging.getLogger("qunying.errors")


def sentence(error: QunyingError) -> str:
    """The declared sentence of the error's code, filled with its numbers; the bare code where none is declared."""
    for refusal in catalog.collect("refusals"):
        if refusal.code == error.code:
            return str(refusal.sentence).format(**error.details)
    return error.code


class Refusals:
    """Middleware that answers the five errors instead of letting them through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """While the database is away nobody waits for it."""
        return self.get_response(request) if answers() else answer(request, Upstream("console.busy"))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        known = understood(request, error)
        return answer(request, known) if known else None


def understood(request: HttpRequest, error: BaseException | None) -> QunyingError | None:
    """The error to tell: our own, or what it means that the database or the disk failed; None for a fault of ours."""
    if error is None or isinstance(error, QunyingError):
        return error
    if isinstance(error, OSError) and error.errno in FULL:
        logger.error("disk full at %s %s: %s", request.method, request.path, error)
        return Upstream("console.disk_full")
    is_cut = is_away(error)
    if is_cut or isinstance(error, OperationalError):  # away, full, or held by long work: nothing was written
        logger.warning("database did not answer %s %s: %s", request.method, request.path, error)
        if is_cut:
            STORAGE.broke()
        return Upstream("console.disk_full" if is_full(error) else "console.busy")
    return None


def answer(request: HttpRequest, error: QunyingError) -> HttpResponse:
    if request.path.startswith(("/api/", "/hooks/")):
        found: HttpResponse = problem(error)
    else:
        found = page(request, status=error.status, title=_(TITLES[type(error)]), text=sentence(error))
    if error.status == Upstream.status:
        found["Retry-After"] = RETRY_SECONDS
    return found


def problem(error: QunyingError) -> JsonResponse:
    """RFC 9457 problem+json."""
    body = {
        "type": "about:blank",
        "title": sentence(error),
        "status": error.status,
        "code": error.code,
        "details": error.details,
    }
    return JsonResponse(body, status=error.status, content_type="application/problem+json")


def page(request: HttpRequest, *, status: int, title: str, text: str) -> HttpResponse:
    number = secrets.token_hex(4)
    level = logging.ERROR if status >= 500 else logging.WARNING
    logger.log(level, "refused %s %s %s as %s", request.method, request.path, status, number)
    context = {"title": title, "sentence": text, "error_id": number, "status": status, "retry": status >= 500}
    return HttpResponse(render_to_string("console/error.html", context, request), status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return answer(request, Missing("brands.not_found"))


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = _("提交的内容不完整或过大，没有保存。请返回上一页重新提交。")
    return page(request, status=400, title=_("内容有误"), text=text)


def not_from_here(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without our token: the page was open across a sign-in, or cookies are off. `reason` is Django's."""
    text = _(
        "这个页面已经过期，什么都没有保存。请返回上一页，刷新后再提交；仍不行时请允许浏览器使用 Cookie。"
    )
    return page(request, status=403, title=_("页面已过期"), text=text)


def broke(request: HttpRequest) -> HttpResponse:
    """What was raised outside of a view too, as where an upload finds the disk full."""
    known = understood(request, sys.exc_info()[1])
    if known is not None:
        return answer(request, known)
    text = _("服务器内部出错，数据没有改变。请重试；若再次发生，请把下面的编号发给管理员。")
    return page(request, status=500, title=_("出错了"), text=text)

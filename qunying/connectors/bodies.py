"""The body of a request that is not a form, never more of it in memory than is allowed."""

from __future__ import annotations

from django.http import HttpRequest

from qunying.kit.errors import Invalid, QunyingError

BODILESS = ("GET", "HEAD")


class TooLarge(Invalid):
    """More than is taken in one request."""

    status = 413


class Unreadable(QunyingError):
    """The body is not what it should be, or not all of it came."""


class NoLength(QunyingError):
    """The body does not say how long it is: a broken-off one could not be told from a whole one."""

    status = 411


def read_body(request: HttpRequest, *, most: int) -> bytes:
    """The whole body. Raises NoLength, TooLarge, or Unreadable where the sender broke off."""
    told = request.headers.get("Content-Length") or ""
    if not told and request.method in BODILESS:
        return b""
    if not told:
        raise NoLength("connectors.no_length")
    if not told.isdigit() or int(told) > most:
        raise TooLarge("connectors.too_large", limit=most)
    body: bytes = request.read(most)
    if len(body) < int(told):
        raise Unreadable("connectors.broken_off")
    return body

"""Where platforms knock. Nothing is read before its signature holds; nothing is acknowledged before it is stored."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from qunying.connectors.actions import hear, keys_of
from qunying.connectors.live.connector import Knock
from qunying.connectors.queries import behind_door, connector
from qunying.jobs.actions import database_now
from qunying.kit import days
from qunying.kit.errors import Invalid, Missing

LARGEST = 1024 * 1024


@csrf_exempt  # the platform signs its requests; it has no session
def hook(request: HttpRequest, door: str) -> HttpResponse:
    """Store what the platform says and answer what it wants to hear."""
    connection = behind_door(door)
    kind = connector(connection.connector)
    if kind.hook is None:
        raise Missing("brands.not_found")
    at = database_now()
    knock = Knock(
        method=str(request.method),
        query=request.GET.dict(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=_body(request),
        at=days.utc_ms(at),
        door=door,
    )
    heard = kind.hook(keys_of(connection), knock)
    hear(connection, heard.payloads, at=at)
    return HttpResponse(heard.reply, content_type=heard.content_type)


def _body(request: HttpRequest) -> bytes:
    told = request.headers.get("Content-Length") or "0"
    if not told.isdigit() or int(told) > LARGEST:
        raise TooLarge("connectors.too_large", limit=LARGEST)
    return request.read(LARGEST)


class TooLarge(Invalid):
    """More than is taken in one request."""

    status = 413

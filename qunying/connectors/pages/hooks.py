"""Where platforms knock. Nothing is read before its signature holds; nothing is acknowledged before it is stored."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from qunying.connectors.actions import greet, hear, keys_of, wire_of
from qunying.connectors.bodies import read_body
from qunying.connectors.live.connector import Knock
from qunying.connectors.queries import behind_door, connector
from qunying.jobs.actions import database_now
from qunying.kit import days
from qunying.kit.errors import Missing


@csrf_exempt  # the platform signs its requests; it has no session
def hook(request: HttpRequest, door: str, rest: str = "") -> HttpResponse:
    """Store what the platform says and answer what it wants to hear."""
    connection = behind_door(door)
    kind = connector(connection.connector)
    if kind.hook is None:
        raise Missing("brands.not_found")
    at, keys = database_now(), keys_of(connection)
    heard = kind.hook(keys, _knock(request, door, rest, at=at, largest=kind.largest))
    hear(connection, heard.payloads, at=at, notes=heard.notes)
    if kind.greets is not None:
        greet(connection, heard.payloads, at=at)
    if kind.follow is not None and connection.is_on:
        line = wire_of(connection)
        hear(connection, [more for each in heard.payloads for more in kind.follow(line, each)], at=at)
    answer = HttpResponse(heard.reply, content_type=heard.content_type, status=heard.status)
    # a Matrix homeserver that finds no length sends the same again, for ever
    answer["Content-Length"] = str(len(heard.reply))
    return answer


def _knock(request: HttpRequest, door: str, rest: str, *, at: dt.datetime, largest: int) -> Knock:
    return Knock(
        method=str(request.method),
        query=request.GET.dict(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=read_body(request, most=largest),
        at=days.utc_ms(at),
        door=door,
        path=rest,
    )

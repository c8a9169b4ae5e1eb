"""The same endpoint as others would write it over the same storage: same token check, same writer, same tables, one
transaction a request in the thread of the request, answered when it is committed. Middlewares are left out."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from typing import Annotated, Literal

import django
import msgspec
import orjson
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Schema
from pydantic import Field

settings.MIDDLEWARE, settings.ROOT_URLCONF = [], __name__
django.setup()

from qunying.connectors.ingest.clerk import Clerk, Parcel  # noqa: E402  # needs the settings
from qunying.connectors.rows import FURTHEST, Row, Who, decode_row  # noqa: E402

_clerk, _turn = Clerk(), threading.Lock()


def write(token: str, rows: Sequence[Row]) -> dict[str, object]:
    """Store the rows. Taking turns costs them nothing, as the database lets one writer in; and they share what is known of
    people, as ours do."""
    parcel = Parcel(token, [(place, row, b"") for place, row in enumerate(rows)])
    with _turn:
        _clerk.take([parcel], at=dt.datetime.now(dt.UTC))
    return {
        "accepted": parcel.accepted,
        "known": parcel.known,
        "faults": [fault.code for fault in parcel.faults],
    }


def token_of(request: HttpRequest) -> str:
    return request.headers["Authorization"].removeprefix("Bearer ")


def answer(request: HttpRequest) -> bytes:
    rows = [decode_row(line) for line in request.body.split(b"\n") if line.strip()]
    return orjson.dumps(write(token_of(request), rows))


@csrf_exempt
def plain(request: HttpRequest) -> HttpResponse:
    """An ordinary view."""
    return HttpResponse(answer(request), content_type="application/json")


@csrf_exempt
async def asynchronous(request: HttpRequest) -> HttpResponse:
    """An async view; the ORM works in a thread, as Django asks for."""
    return HttpResponse(await sync_to_async(answer)(request), content_type="application/json")


class Account(Schema):
    """Who, typed."""

    scheme: Annotated[str, Field(min_length=1, max_length=40)]
    value: Annotated[str, Field(min_length=1, max_length=200)]
    scope: Annotated[str, Field(max_length=120)] = ""
    name: Annotated[str, Field(max_length=200)] = ""
    is_bot: bool = False
    is_staff: bool = False


class Deed(Schema):
    """A row, typed."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    kind: Literal["message", "reaction", "join", "leave"]
    at: Annotated[int, Field(ge=0, le=FURTHEST)]
    platform: Annotated[str, Field(min_length=1, max_length=30)]
    chat: Annotated[str, Field(min_length=1, max_length=200)]
    who: Account
    chat_name: Annotated[str, Field(max_length=200)] = ""
    other: Account | None = None
    text: Annotated[str, Field(max_length=20_000)] = ""
    form: str = "text"
    target: Annotated[str, Field(max_length=200)] = ""
    emoji: Annotated[str, Field(max_length=60)] = ""
    source: Annotated[str, Field(max_length=80)] = ""
    edited_at: Annotated[int, Field(ge=0, le=FURTHEST)] | None = None


api = NinjaAPI(docs_url=None, openapi_url=None)


@api.post("/facts")
def typed(request: HttpRequest, rows: list[Deed]) -> dict[str, object]:
    """A view of the framework our API is written in; a JSON array, since it reads no lines."""
    return write(token_of(request), [_row(deed) for deed in rows])


def _row(deed: Deed) -> Row:
    told = deed.model_dump()
    return msgspec.convert(told | {"who": Who(**told["who"])}, Row)


urlpatterns = [path("plain", plain), path("async", asynchronous), path("typed/", api.urls)]
wsgi, asgi = get_wsgi_application(), get_asgi_application()

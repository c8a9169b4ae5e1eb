"""Addresses of the API. Each operation decides by its token, so to the console's guard they are open."""

from __future__ import annotations

import orjson
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.renderers import BaseRenderer

from qunying.api.access import Bearer
from qunying.api.operations import OPERATIONS, Operation
from qunying.api.problems import refuse
from qunying.api.schemas import Problem
from qunying.brands.access import OPEN, Route
from qunying.kit.errors import QunyingError

PREFIX = "api/v1/"
REFUSED = frozenset({401, 403, 404, 409, 422, 429})
REFUSED_DEEDS = REFUSED | {400, 411, 413, 503}


class Plain(BaseRenderer):
    """JSON with letters as they are, days and times in ISO form."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: object, *, response_status: int) -> bytes:
        return orjson.dumps(data)


def build() -> NinjaAPI:
    """The API with every declared operation. Its own documentation page needs a CDN, so only the schema is served."""
    api = NinjaAPI(
        title="Qunying", version="1", docs_url=None, openapi_url=None, urls_namespace="api", renderer=Plain()
    )
    for kind in (QunyingError, ValidationError):
        api.add_exception_handler(kind, refuse)
    for operation in OPERATIONS:
        api.default_router.add_api_operation(
            "/" + operation.path,
            [operation.method],
            operation.view,
            auth=Bearer(operation.may),
            response={
                200: _answer(operation),
                REFUSED if operation.method == "GET" else REFUSED_DEEDS: Problem,
            },
            exclude_unset=True,
            by_alias=True,
            operation_id=operation.name,
            url_name=operation.name,
            openapi_extra={"requestBody": dict(operation.body)} if operation.body else None,
        )
    return api


def _answer(operation: Operation) -> object:
    if operation.answer is None:
        return dict[str, object]
    return list[operation.answer] if operation.many else operation.answer  # type: ignore[name-defined]  # built at run time


API = build()


def openapi(request: HttpRequest) -> JsonResponse:
    """What programs read to learn the API."""
    return JsonResponse(
        API.get_openapi_schema(path_prefix=f"/{PREFIX}"), json_dumps_params={"ensure_ascii": False}
    )


def _routes() -> tuple[Route, ...]:
    patterns = [
        pattern for pattern in API.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    ]
    by_address = {str(pattern.pattern): pattern for pattern in reversed(patterns)}
    return tuple(
        Route(
            f"{PREFIX}{pattern.pattern}",
            pattern.callback,
            str(pattern.name),
            OPEN,
            is_global=True,
            method="any" if str(pattern.name) in READS else "post",
        )
        for pattern in reversed(by_address.values())
    )


READS = {operation.name for operation in OPERATIONS if operation.method == "GET"}
"""Of an address that is read and posted to, the reading is listed first and names the route."""


ROUTES = (Route(f"{PREFIX}openapi.json", openapi, "openapi", OPEN, is_global=True), *_routes())

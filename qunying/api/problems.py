"""Every refusal of the API in one shape (RFC 9457), with what the status wants in the headers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja.errors import ValidationError

from qunying.api.access import TooMany
from qunying.jobs.queries import sentence
from qunying.kit.errors import Invalid, QunyingError


def refuse(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Any refusal as problem+json; 401 and 429 also say so in their headers."""
    if isinstance(error, ValidationError):
        error = Invalid(
            "api.bad_request", what="; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors)
        )
    if not isinstance(error, QunyingError):  # no other kind is handed here
        raise error
    told = {"code": error.code, "details": error.details}
    body = {"type": "about:blank", "title": sentence(told), "status": error.status, **told}
    answer = JsonResponse(body, status=error.status, content_type="application/problem+json")
    if error.status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        answer["Retry-After"] = str(error.details["seconds"])
    return answer

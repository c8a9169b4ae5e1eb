"""Every refusal of the API in one shape (RFC 9457), with what the status wants in the headers. Programs that speak
ChatLab's push protocol look for `success` and `error`, so theirs say it in both ways."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja.errors import ValidationError

from qunying.jobs.queries import sentence
from qunying.kit.errors import Invalid, QunyingError

PUSHES = "/api/v1/imports/"
RETRY_SECONDS = 2


def refuse(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Any refusal as problem+json; 401 and 429 also say so in their headers."""
    if isinstance(error, ValidationError):
        error = Invalid(
            "api.bad_request", what="; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors)
        )
    if not isinstance(error, QunyingError):  # no other kind is handed here
        raise error
    told = {"code": error.code, "details": error.details}
    title = sentence(told)
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": error.status, **told}
    if request.path.startswith(PUSHES):
        body |= {"success": False, "error": {"code": error.code, "message": title}}
    answer = JsonResponse(body, status=error.status, content_type="application/problem+json")
    if error.status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    if error.status in (429, 503):
        answer["Retry-After"] = str(error.details.get("seconds", RETRY_SECONDS))
    return answer

"""The one place where it is decided whether a token may reach an operation of a brand."""

from __future__ import annotations

import datetime as dt
from typing import cast

from django.http import HttpRequest
from ninja.security import HttpBearer

from qunying.api.actions import count_call
from qunying.brands.access import BrandRequest
from qunying.brands.actions import digest
from qunying.brands.models import ApiToken
from qunying.kit.errors import Missing, NotAllowed, QunyingError, TooMany

CALLS_A_MINUTE = 600


class NoToken(QunyingError):
    """No token, or one that is unknown, revoked, or of a dismissed colleague."""

    status = 401


class Bearer(HttpBearer):
    """`Authorization: Bearer qy_…` of a staff member. Needs the permission among the token's scopes and in the staff
    member's role; a brand that is not the token's looks as if it did not exist. What else is asked of the staff member,
    who may do what, is answered within the token's scopes."""

    openapi_description = (
        "A token of a staff member with some of that person's permissions. One that carries members.personal reads "
        "names, attributes and accounts, phones, mails and the like masked as on pages; in full they are answered to "
        "POST …/disclosures, which takes a reason and is logged."
    )

    def __init__(self, permission: str) -> None:
        super().__init__()
        self.permission = permission

    def __call__(self, request: HttpRequest) -> ApiToken:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        return self.authenticate(request, token.strip() if scheme.lower() == "bearer" else "")

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        found = (
            ApiToken.objects.select_related("staff__brand", "staff__account")
            .filter(
                digest=digest(token), revoked_at=None, staff__is_active=True, staff__account__is_active=True
            )
            .first()
        )
        if found is None:
            raise NoToken("api.no_token")
        self._count(found)
        asked = request.resolver_match.kwargs.get("brand") if request.resolver_match else None
        if asked is not None and asked != found.staff.brand.slug:
            raise Missing("brands.not_found")
        if self.permission and not found.may(self.permission):
            raise NotAllowed("brands.may_not", permission=self.permission)
        entered = cast(BrandRequest, request)
        found.staff.held_to = found.scopes
        entered.brand, entered.staff = found.staff.brand, found.staff
        return found

    def _count(self, token: ApiToken) -> None:
        now = dt.datetime.now(dt.UTC)
        if count_call(token, at=now) > CALLS_A_MINUTE:
            raise TooMany("api.too_many", limit=CALLS_A_MINUTE, seconds=60 - now.second)

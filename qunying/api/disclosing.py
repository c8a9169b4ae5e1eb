"""People in full, for programs that say why: posts, since every look is an entry in the log of changes."""

from __future__ import annotations

import datetime as dt

import orjson
from django.db import transaction

from qunying.api.people import card, listed
from qunying.api.places import scope_for
from qunying.audiences.actions import nameless
from qunying.audiences.card import person
from qunying.audiences.masking import Shown
from qunying.audiences.queries import member as one_member
from qunying.brands.access import BrandRequest
from qunying.brands.actions import log
from qunying.brands.reasons import LEAST, MOST, reason_given
from qunying.members.models import Member

BODY: dict[str, object] = {
    "required": True,
    "description": "Why the personal data is needed; kept in the brand's log of changes.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["reason"],
                "properties": {"reason": {"type": "string", "minLength": LEAST, "maxLength": MOST}},
            }
        }
    },
}


@transaction.atomic
def members(
    request: BrandRequest, brand: str, cursor: str = "", limit: int = 100, community: str = ""
) -> dict[str, object]:
    """As the reading of the same name, names and attributes in full; one entry in the log of changes names the members
    and the reason."""
    found = listed(request, Shown(request.staff), cursor=cursor, limit=limit, community=community)
    ids = [row["id"] for row in found["items"]]
    _log(request, "members.disclosed", f"brand:{brand}", {"members": ids})
    return {**found}


@transaction.atomic
def member(request: BrandRequest, brand: str, member_id: int) -> dict[str, object]:
    """As the reading of the same name, names, attributes and accounts in full; an entry in the log of changes tells the
    reason."""
    found = person(scope_for(request, ""), one_member(request.brand, member_id))
    _log(request, "member.disclosed", f"member:{found.root.pk}", {}, found.root)
    return card(found, Shown(request.staff))


def _log(
    request: BrandRequest, deed: str, about: str, more: dict[str, object], one: Member | None = None
) -> None:
    reason = reason_given(_reason(request.body))
    after = {**more, "reason": nameless(reason, one) if one else reason}
    log(request.brand, by=request.staff, deed=deed, about=about, at=dt.datetime.now(dt.UTC), after=after)


def _reason(body: bytes) -> str:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    reason = told.get("reason") if isinstance(told, dict) else None
    return reason if isinstance(reason, str) else ""

"""Operations of ChatLab's push protocol: a history comes in pieces and is imported like an uploaded file."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django.db import InterfaceError, OperationalError

from qunying.brands.access import BrandRequest
from qunying.brands.models import ApiToken
from qunying.communities.queries import one as one_community
from qunying.connectors import actions
from qunying.connectors.actions import Sender, Taken
from qunying.connectors.bodies import read_body
from qunying.connectors.models import PushSession
from qunying.connectors.pieces import MOST_BYTES, read_piece, unpacked
from qunying.connectors.queries import push_session, push_session_if_any
from qunying.jobs.actions import database_now
from qunying.jobs.queries import sentence
from qunying.kit.errors import Invalid, TooMany, Upstream

NAME = re.compile(r"[^/\\\x00-\x1f\x7f]{1,128}")
KEY_LENGTH = 200
SEATS = threading.BoundedSemaphore(2)
"""So many pieces are read at once in one process; who comes meanwhile comes again."""
BODY: dict[str, object] = {
    "required": True,
    "description": "One piece in ChatLab format 0.0.2, at most 20 000 messages and 50 MB, gzip allowed. The first "
    "piece of a session brings `chatlab` and `meta`; later ones may bring `messages` alone. A piece sent again under "
    "the same `Idempotency-Key` (optional header) is answered the same way.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["messages"],
                "properties": {
                    "chatlab": {"type": "object"},
                    "meta": {"type": "object"},
                    "members": {"type": "array", "items": {"type": "object"}},
                    "messages": {"type": "array", "items": {"type": "object"}, "minItems": 1},
                    "options": {"type": "object"},
                },
            }
        },
        "application/x-ndjson": {"schema": {"type": "string"}},
    },
}


def push(request: BrandRequest, session: str, community: int | None = None) -> dict[str, object]:
    """Take one piece of the session's history. `community` says where a new chat goes."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > KEY_LENGTH:
        raise Invalid("connectors.push_key_long", limit=KEY_LENGTH)
    if not NAME.fullmatch(session):
        raise Invalid("connectors.push_name", limit=128)
    push_session_if_any(
        request.staff, session
    )  # whoever has no business here is told so before the body is read
    with _seat(), _storage():
        piece = read_piece(unpacked(read_body(request, most=MOST_BYTES)))
        place = None if community is None else one_community(request.staff, community)
        sender = Sender(request.staff, cast(ApiToken, request.auth), place)  # type: ignore[attr-defined]  # set by ninja
        row, taken = actions.take_piece(sender, name=session, piece=piece, key=key, at=database_now())
    return {"success": True, "data": _taken(row, taken)}


def state(request: BrandRequest, session: str) -> dict[str, object]:
    """What has become of the session's pieces."""
    return {"success": True, "data": _state(push_session(request.staff, session))}


def complete(request: BrandRequest, session: str) -> dict[str, object]:
    """Import now what has come; asking again changes nothing."""
    with _storage():
        row = actions.finish_push(push_session(request.staff, session), at=database_now())
    return {"success": True, "data": _state(row)}


@contextmanager
def _seat() -> Iterator[None]:
    """Raises TooMany while others are at it."""
    if not SEATS.acquire(blocking=False):
        raise TooMany("connectors.too_much_waits")
    try:
        yield
    finally:
        SEATS.release()


@contextmanager
def _storage() -> Iterator[None]:
    """Raises Upstream when the database is away."""
    try:
        yield
    except (OperationalError, InterfaceError) as fault:
        raise Upstream("connectors.storage_away") from fault


def _taken(row: PushSession, taken: Taken) -> dict[str, object]:
    return {
        "session_id": row.name,
        "created": taken.is_new,
        "batch": {
            "received_count": taken.received,
            "written_count": taken.written,
            "duplicate_count": taken.duplicates,
            "unknown_count": taken.unknown,
        },
        "session": _totals(row),
        "updates": {
            "meta_updated": taken.is_renamed or taken.is_new,
            "members_added": taken.met,
            "members_updated": max(taken.members - taken.met, 0),
        },
        "unknown": [{"place": place, "why": why} for place, why in taken.lines],
        "warnings": taken.warnings,
    }


def _totals(row: PushSession) -> dict[str, object]:
    first, last = row.ends
    return {
        "total_count": row.total + row.taken,
        "member_count": row.people,
        "first_timestamp": first,
        "last_timestamp": last,
    }


def _state(row: PushSession) -> dict[str, object]:
    batch, job = row.batch, row.batch.job if row.batch else None
    return {
        "session_id": row.name,
        "state": _word(row),
        "waiting": row.taken,
        "imports_at": row.imports_at,
        "session": _totals(row),
        "batch": batch.pk if batch else None,
        "job": job.pk if job else None,
        "counts": batch.summary.get("total", {}) if batch else {},
        "error": sentence(row.refusal or (job.error if job else None)),
    }


def _word(row: PushSession) -> str:
    if row.is_open:
        return "receiving"
    if row.refusal:
        return "dropped"
    if row.batch is None:
        return "empty"
    return "importing" if row.batch.state == row.batch.State.WAITING else row.batch.state

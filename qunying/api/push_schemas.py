"""The shapes of the push protocol's answers: ChatLab's own, and what could not be read besides."""

from __future__ import annotations

import datetime as dt

from ninja import Schema
from pydantic import ConfigDict
from pydantic.alias_generators import to_camel


class Camel(Schema):
    """Written as ChatLab writes its names."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class PieceOut(Camel):
    """Messages, not members: `writtenCount` will be imported; `duplicateCount` stood in an earlier piece or import,
    `unknownCount` could not be read. A message that tells of nothing, or of several things, may make the sum differ."""

    received_count: int
    written_count: int
    duplicate_count: int
    unknown_count: int


class PushTotalsOut(Camel):
    """`totalCount` and the times (seconds) are of all pieces taken and not thrown away, `memberCount` of those that
    wait."""

    total_count: int
    member_count: int
    first_timestamp: int | None
    last_timestamp: int | None


class PushUpdatesOut(Camel):
    """What was kept; of a piece that brings nothing new, nothing is."""

    meta_updated: bool
    members_added: int
    members_updated: int


class UnknownOut(Camel):
    """Where in the request a record, a member too, stands that could not be read, and why; the first fifty."""

    place: str
    why: str


class PushedOut(Camel):
    session_id: str
    created: bool
    batch: PieceOut
    session: PushTotalsOut
    updates: PushUpdatesOut
    unknown: list[UnknownOut]
    warnings: list[str]


class PushOut(Camel):
    """ChatLab's own answer, and what could not be read."""

    success: bool
    data: PushedOut


class PushStateDataOut(Camel):
    """`state`: empty, receiving, importing, done, failed, undone or dropped. `waiting` messages are imported at
    `importsAt` unless more comes or it is asked for earlier; `batch` and `job` are the session's latest import."""

    session_id: str
    state: str
    waiting: int
    imports_at: dt.datetime | None
    session: PushTotalsOut
    batch: int | None
    job: int | None
    counts: dict[str, object]
    error: str


class PushStateOut(Camel):
    success: bool
    data: PushStateDataOut

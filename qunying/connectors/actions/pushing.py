"""Take a history that a program pushes piece by piece, and import what has come as one batch."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from dataclasses import asdict, dataclass, field, replace

from django.db import DataError, transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from qunying.brands.actions import lock
from qunying.brands.models import ApiToken, Brand, Staff
from qunying.communities.models import Channel, Community
from qunying.communities.queries import visible
from qunying.connectors import rounds
from qunying.connectors.actions.ordering import order_import
from qunying.connectors.actions.taking import Order, preview
from qunying.connectors.importers.chatlab import is_row
from qunying.connectors.incoming import Options
from qunying.connectors.models import IDLE, LONGEST, ImportBatch, PushPiece, PushSession
from qunying.connectors.naming import holds, needles
from qunying.connectors.pieces import Piece, Told
from qunying.connectors.queries import push_session_if_any
from qunying.connectors.summary import Summary
from qunying.connectors.texts import clean
from qunying.kit.errors import Invalid, Missing, QunyingError, Refused, TooMany
from qunying.kit.file_names import file_name
from qunying.members.erasing import Traces
from qunying.members.models import Member

logger = logging.getLogger(__name__)
PERMISSION = "imports.edit"
KEYS_KEPT = dt.timedelta(days=7)
MOST_WAITING = 2 << 30
"""Bytes of a brand that may wait to be imported."""
LONGEST_TEXTS = {"name": 200, "platform": 30, "type": 30, "groupId": 200}
GONE = (ImportBatch.State.UNDONE, ImportBatch.State.FAILED)


@dataclass(frozen=True)
class Sender:
    """On whose behalf a piece comes, and to which community he wants it."""

    staff: Staff
    token: ApiToken | None = None
    community: Community | None = None


@dataclass(frozen=True)
class Taken:
    """What became of one piece. `written` are the messages that will be imported, `unknown` those nobody could read,
    `lines` the places of such records, members too, with the reason. Of `members`, those kept, `met` are new."""

    received: int
    written: int = 0
    duplicates: int = 0
    unknown: int = 0
    is_new: bool = False
    is_renamed: bool = False
    met: int = 0
    members: int = 0
    lines: list[list[str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@transaction.atomic
def take_piece(
    sender: Sender, *, name: str, piece: Piece, key: str, at: dt.datetime
) -> tuple[PushSession, Taken]:
    """Keep what the piece tells and nobody knows yet. The same piece again changes nothing; under the same key it is
    answered as it was the first time, unless its import was undone or failed meanwhile."""
    brand = sender.staff.brand
    lock(brand)  # no other piece of the session, and no end of it, comes between
    session, is_new = _session(sender, name, piece, at)
    told = None if is_new else _told_before(session, key, piece)
    if told is not None:
        return session, told
    taken = replace(_meta(session, piece), is_new=is_new)
    _check_place(session, sender)
    if _waiting(brand) > MOST_WAITING:
        raise TooMany("connectors.too_much_waits")
    taken = _take(session, piece, taken, at)
    session.token, session.refusal = sender.token, None
    if not _works(session.staff):
        session.staff = sender.staff
    session.save()
    if key:
        PushPiece.objects.create(
            session=session,
            key=key,
            digest=piece.digest,
            answer=asdict(taken),
            batch=None if session.is_open else session.batch,  # nothing was kept: that import had it all
            created_at=at,
        )
    return session, taken


def _session(sender: Sender, name: str, piece: Piece, at: dt.datetime) -> tuple[PushSession, bool]:
    """The session of this name, a new unsaved one if there is none. One that the sender may not see is Missing."""
    brand = sender.staff.brand
    session = push_session_if_any(sender.staff, name)
    if session is not None:
        if sender.community is not None and sender.community != session.community:
            if session.is_open:
                raise Refused("connectors.push_other_community", name=name)
            session.community = sender.community
        return session, False
    if not piece.is_marked or piece.meta is None or not piece.meta.name or not piece.meta.platform:
        raise Invalid("connectors.push_begins", name=name)
    meta = {
        "name": clean(piece.meta.name),
        "platform": clean(piece.meta.platform).lower(),
        "type": clean(piece.meta.type or "group"),
        "groupId": clean(str(piece.meta.chat_id or piece.meta.name)),
    }
    for field_name, longest in LONGEST_TEXTS.items():
        if len(meta[field_name]) > longest:
            raise Invalid("connectors.push_meta_long", field=f"meta.{field_name}", limit=longest)
    row = PushSession(brand=brand, name=name, community=sender.community, meta=meta, created_at=at)
    row.staff = sender.staff
    return row, True


def _told_before(session: PushSession, key: str, piece: Piece) -> Taken | None:
    """What was answered to this key. Raises Refused where it stood for another piece."""
    found = session.pieces.select_related("batch").filter(key=key).first() if key else None
    if found is None:
        return None
    if found.batch is not None and found.batch.state in GONE:
        found.delete()
        return None
    if bytes(found.digest) != piece.digest:
        raise Refused("connectors.push_key_taken", key=key)
    return Taken(**found.answer)


def _meta(session: PushSession, piece: Piece) -> Taken:
    """Take a new name of the chat over; which chat it is never changes."""
    meta, taken = piece.meta, Taken(received=len(piece.messages))
    if meta is None:
        return taken
    other = clean(str(meta.chat_id or ""))
    if other and other != session.meta["groupId"]:
        raise Refused(
            "connectors.push_other_chat", name=session.name, chat=session.meta["groupId"], other=other
        )
    if not meta.name or meta.name == session.meta["name"]:
        return taken
    session.meta = {**session.meta, "name": clean(meta.name)[: LONGEST_TEXTS["name"]]}
    return replace(taken, is_renamed=True)


def _check_place(session: PushSession, sender: Sender) -> None:
    """Refused where the chat would go beyond what the sender, or whoever began the session, may see. A chat that is
    known stays in its community: later pieces need not say which, and cannot say another."""
    chat = _chat(session)
    place = chat.community_id if chat is not None else session.community_id
    for staff in filter(None, {sender.staff, session.staff}):
        if staff.reach is not None and place is None:
            raise Refused("connectors.push_community")
        if staff.reach is not None and not visible(staff).filter(pk=place or 0).exists():
            raise Refused("connectors.beyond_reach", names=session.meta["name"])
    if chat is not None and sender.community is not None and sender.community.pk != chat.community_id:
        raise Refused(
            "communities.channel_elsewhere", channel=session.meta["name"], community=chat.community.name
        )


def _chat(session: PushSession) -> Channel | None:
    meta = session.meta
    rows = Channel.objects.select_related("community").filter(brand=session.brand_id)
    return rows.filter(platform=meta["platform"], key=meta["groupId"]).first()


def _waiting(brand: Brand) -> int:
    waiting = PushSession.objects.filter(brand=brand).exclude(folder="")
    return int(waiting.aggregate(size=Sum("size"))["size"] or 0)


def _take(session: PushSession, piece: Piece, taken: Taken, at: dt.datetime) -> Taken:
    """Count the piece by importing it and taking that back; keep it if it brings anything new."""
    seen = rounds.known(session)
    messages = rounds.new_among(piece.messages, seen)
    members = rounds.new_among(piece.members, seen)
    met = rounds.newly_met(piece, seen)
    told = [*members, *messages]
    summary = _counted(session, told, at) if messages or (members and session.is_open) else Summary()
    counts = summary.counts
    odd = sum(not is_row(one.line) for one in members) if counts["unknown_lines"] else 0
    known = taken.received - len(messages) + counts["facts"] - counts["new"]
    unknown = counts["unknown_lines"] - odd
    taken = replace(
        taken,
        duplicates=min(known, taken.received),
        unknown=unknown,
        written=max(taken.received - known - unknown - counts["suppressed"], 0) if counts["new"] else 0,
        lines=_places(told, summary),
        warnings=[*summary.warnings, *(_nameless(session, piece) if counts["new"] else ())],
    )
    if not counts["new"] and not (members and session.is_open):
        return taken
    _keep(session, members, messages, met, at)
    session.taken += taken.written
    return replace(taken, met=len(met), members=len(piece.members) - odd)


def _nameless(session: PushSession, piece: Piece) -> list[str]:
    """System lines name people; the list of who they are went into an earlier import, which is not read again."""
    is_listed = bool(piece.members) or any(has_members for *_place, has_members in session.parts)
    if session.batch is None or is_listed or not piece.names_people:
        return []
    return [
        _(
            "系统消息里的人只按名字记录，可能与已有群成员重复：这次导入没有群成员名单，请在第一批带上 members。"
        )
    ]


def _counted(session: PushSession, told: list[Told], at: dt.datetime) -> Summary:
    with rounds.aside() as folder:
        path = folder / "piece.jsonl"
        path.write_bytes(rounds.header(session) + _lines(told))
        try:
            (report,) = preview(session.brand, [path], order=_order(session), at=at)
        except DataError:
            raise Invalid("connectors.push_values") from None
    return report.summary


def _order(session: PushSession) -> Order:
    community = None if _chat(session) is not None else session.community_id
    return Order(Options(zone=session.brand.zone), community, "chatlab")


def _lines(told: list[Told]) -> bytes:
    return b"".join(one.line + b"\n" for one in told)


def _places(told: list[Told], summary: Summary) -> list[list[str]]:
    """Where in the request the unknown records stand; the header is the first line of what was read."""
    return [[told[int(str(one["line"])) - 2].place, _(str(one["why"]))] for one in summary.unknown]


def _keep(
    session: PushSession, members: list[Told], messages: list[Told], met: list[int], at: dt.datetime
) -> None:
    """Put it on disk; the first piece opens the folder."""
    if not session.is_open:
        session.folder, session.opened_at = secrets.token_urlsafe(16), at
    lines = _lines([*members, *messages])
    keys = [*(one.key for one in (*members, *messages)), *met]
    rounds.append(session, lines, keys)
    moments = [one.at for one in messages if one.at is not None]
    first, last = min(moments, default=0), max(moments, default=None)
    session.parts = [*session.parts, [first, session.size, len(lines), last, bool(members)]]
    session.size += len(lines)
    session.seen += len(keys)
    session.people += len(met)
    session.heard_at = at


@transaction.atomic
def finish_push(session: PushSession, *, at: dt.datetime) -> PushSession:
    """Import what has come, as if it had been uploaded as a file; a session of which nothing waits stays as it is."""
    session = _held(session)
    if not session.is_open:
        if session.batch is None:
            raise Refused("connectors.push_unstarted", name=session.name)
        return session
    owner, sender = session.staff, session.token.staff if session.token else session.staff
    if owner is None or not (_works(owner) and _works(sender)):
        raise Refused("connectors.push_staff_gone")
    _check_place(session, Sender(owner))
    with rounds.aside() as folder:
        path = folder / file_name(f"{session.meta['name']}.jsonl")
        try:
            rounds.compose(session, path)
        except FileNotFoundError:
            raise Refused("connectors.push_lost") from None
        session.batch = order_import(
            session.brand, [path], order=_order(session), rows=session.taken, at=at, by=owner
        )
    session.pieces.filter(batch=None).update(batch=session.batch)
    session.total, (session.first, session.last) = session.total + session.taken, session.ends
    _empty(session)
    return session


def _held(session: PushSession) -> PushSession:
    """The session as it is now, held by this transaction until it ends: pieces of it come under the same lock. Raises
    Missing where it was thrown away meanwhile."""
    lock(session.brand)
    rows = PushSession.objects.select_related(
        "brand", "staff__account", "token__staff__account", "batch__job"
    )
    found = rows.filter(pk=session.pk).first()
    if found is None:
        raise Missing("brands.not_found")
    return found


def _works(staff: Staff | None) -> bool:
    return staff is not None and staff.is_active and staff.account.is_active


def _empty(session: PushSession) -> None:
    """Let go of the folder; it is deleted once that is certain."""
    gone = session.folder
    session.folder, session.size, session.seen, session.parts = "", 0, 0, []
    session.taken = session.people = 0
    session.opened_at = session.heard_at = None
    session.save()
    transaction.on_commit(lambda: rounds.drop(gone))


def finish_waiting(*, at: dt.datetime) -> int:
    """Import what nobody adds to any more, or has waited long; what may no longer come in is thrown away with its
    reason. Each session by itself: a fault is logged and tried again next time. Answers how many sessions."""
    late = Q(heard_at__lt=at - IDLE) | Q(opened_at__lt=at - LONGEST)
    done = 0
    for session in PushSession.objects.filter(late).exclude(folder="").select_related("brand"):
        try:
            done += _finish_late(session, at)
        except Exception:
            logger.exception("push session %s", session.pk)
    return done


@transaction.atomic
def _finish_late(session: PushSession, at: dt.datetime) -> bool:
    """False where somebody else finished it meanwhile, or a piece came that puts the end off."""
    session = _held(session)
    if session.imports_at is None or session.imports_at >= at:
        return False
    try:
        if session.token is None or not (_works(session.token.staff) and session.token.may(PERMISSION)):
            raise Refused("connectors.push_token_gone")
        finish_push(session, at=at)
    except QunyingError as refusal:
        _throw_away(session, refusal)
    return True


def _throw_away(session: PushSession, refusal: QunyingError) -> None:
    """Forget the waiting pieces of a session that is held; the session says why."""
    session.pieces.filter(batch=None).delete()
    session.refusal = {"code": refusal.code, "details": refusal.details}
    _empty(session)


@transaction.atomic
def forget_pushes(member: Member, traces: Traces) -> int:
    """Throw away waiting pieces that name the person, and sessions called by the person's name. Answers how many."""
    wanted, touched = needles(traces.words), 0
    lock(member.brand)  # no piece comes between looking and throwing away
    for session in PushSession.objects.filter(brand=member.brand_id):
        if {session.name, session.meta["name"], session.meta["groupId"]} & {*traces.words}:
            gone = session.folder
            session.delete()
            transaction.on_commit(lambda gone=gone: rounds.drop(gone))  # type: ignore[misc]  # bound now
        elif session.is_open and holds(rounds.folder_of(session) / "lines", wanted):
            _throw_away(session, Refused("connectors.push_erased"))
        else:
            continue
        touched += 1
    return touched


def forget_keys(brand: Brand, *, at: dt.datetime) -> int:
    """Let go of answers nobody asks for again."""
    old = PushPiece.objects.filter(session__brand=brand, created_at__lt=at - KEYS_KEPT)
    return old.delete()[0]

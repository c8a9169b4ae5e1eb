"""Reads of connectors used more than once."""

from __future__ import annotations

from django.db.models import Count, Max, Q, QuerySet

from qunying.brands.models import Brand, Staff
from qunying.communities.models import Community
from qunying.connectors.live.connector import Connector
from qunying.connectors.looking import signature
from qunying.connectors.models import (
    Code,
    ColumnMapping,
    Connection,
    ImportBatch,
    Inbound,
    PushSession,
    Seat,
    TagBond,
    TagStep,
    TagTie,
)
from qunying.facts.models import Fact
from qunying.jobs.models import Job
from qunying.kit import catalog
from qunying.kit.errors import Missing
from qunying.members.models import Member
from qunying.outbox.models import Sending


def visible(staff: Staff) -> QuerySet[ImportBatch]:
    """All imports of the brand for those who see every community, one's own otherwise."""
    rows = ImportBatch.objects.filter(brand=staff.brand).select_related("brand", "job", "staff__account")
    return rows if staff.reach is None else rows.filter(staff=staff)


def one(staff: Staff, pk: int) -> ImportBatch:
    """The import if the staff member may see it; Missing otherwise."""
    found = visible(staff).filter(pk=pk).first()
    if found is None:
        raise Missing("brands.not_found")
    return found


def waiting_pushes(staff: Staff) -> QuerySet[PushSession]:
    """Sessions of which pieces wait to be imported: all of the brand for those who see every community, one's own
    otherwise."""
    rows = PushSession.objects.filter(brand=staff.brand).exclude(folder="").order_by("heard_at")
    return rows if staff.reach is None else rows.filter(staff=staff)


def push_session(staff: Staff, name: str) -> PushSession:
    """The push session of this name; Missing where there is none for the staff member."""
    found = push_session_if_any(staff, name)
    if found is None:
        raise Missing("brands.not_found")
    return found


def push_session_if_any(staff: Staff, name: str) -> PushSession | None:
    """None where nobody has a session of this name; Missing for one whose import the staff member would not see."""
    rows = PushSession.objects.select_related("brand", "staff", "batch__job", "community")
    found = rows.filter(brand=staff.brand, name=name).first()
    if found is not None and staff.reach is not None and found.staff != staff:
        raise Missing("brands.not_found")
    return found


def touched(batch: ImportBatch) -> list[Community]:
    """The communities the import brought something to, with what is covered now."""
    facts = Fact.objects.filter(brand=batch.brand_id, batch=batch.pk)
    places = facts.exclude(community=None).values_list("community", flat=True).distinct()
    return list(Community.objects.filter(brand=batch.brand, pk__in=list(places)).order_by("name"))


def would_vanish(batch: ImportBatch) -> dict[str, int]:
    """What an undo takes away: rows of the log, people and communities that only this import brought."""
    return {
        "records": Fact.objects.filter(brand=batch.brand_id, batch=batch.pk).count(),
        "members": Member.objects.filter(brand=batch.brand, batch=batch.pk).count(),
        "communities": Community.objects.filter(brand=batch.brand, batch=batch.pk).count(),
    }


def remembered(brand: Brand, header: list[str]) -> ColumnMapping | None:
    """What the brand said earlier about tables with these columns."""
    return ColumnMapping.objects.filter(brand=brand, header=signature(header)).first() if header else None


def connector(key: str) -> Connector:
    """The declared connector; Missing for one nobody declares any more."""
    for entry in catalog.collect("live"):
        if entry.key == key:
            found: Connector = entry
            return found
    raise Missing("connectors.unknown_connector", connector=key)


def behind_door(door: str) -> Connection:
    """The connection with this address; Missing when there is none."""
    found = Connection.objects.select_related("brand").filter(hook=door).first()
    if found is None:
        raise Missing("brands.not_found")
    return found


def connections(staff: Staff) -> QuerySet[Connection]:
    """The brand's connections. They hear whole groups of any community, so only those who see all of them do."""
    if staff.reach is not None:
        raise Missing("brands.not_found")
    return Connection.objects.filter(brand=staff.brand).select_related("brand").order_by("pk")


def connection(staff: Staff, pk: int) -> Connection:
    """The connection if the staff member may see it; Missing otherwise."""
    found = connections(staff).filter(pk=pk).first()
    if found is None:
        raise Missing("brands.not_found")
    return found


def held(row: Connection) -> list[dict[str, object]]:
    """Groups that belong to no community yet: `platform`, `chat`, their latest name, how much waits for each."""
    waiting = row.inbound.filter(state=Inbound.State.HELD).values("platform", "chat")
    rows = waiting.annotate(name=Max("chat_name"), count=Count("pk")).order_by("-count", "chat")
    return [dict(row) for row in rows]


def seats(row: Connection) -> QuerySet[Seat]:
    """The groups in which the connection hears or speaks, by name."""
    rows = row.seats.select_related("channel__community", "backup__account")
    return rows.order_by("channel__name", "pk")


def seat(row: Connection, pk: str) -> Seat:
    """One of them; Missing for any other."""
    found = seats(row).select_related("connection__brand").filter(pk=int(pk) if pk.isdecimal() else 0).first()
    if found is None:
        raise Missing("brands.not_found")
    return found


def unread(row: Connection) -> QuerySet[Inbound]:
    """Payloads that could not be read."""
    return row.inbound.filter(state=Inbound.State.POISON)


def history_job(row: Connection) -> Job | None:
    """The latest work that filled in history of this connection."""
    found = Job.objects.filter(brand=row.brand, kind="connectors.backfill", args__connection=row.pk)
    return found.select_related("staff__account").order_by("-pk").first()


def codes(row: Connection) -> QuerySet[Code]:
    """The connection's codes in the world, and those the platform still has to take back, the newest first."""
    over = Q(dropped_at__isnull=False) & (
        Q(handle="") | Q(sending=None) | Q(sending__state=Sending.State.SENT)
    )
    rows = row.codes.exclude(over).select_related("connection__brand", "sending").order_by("-pk")
    return rows.prefetch_related("places__channel", "turns__by__account")


def code(row: Connection, pk: int) -> Code:
    """One of them; Missing for any other."""
    found = codes(row).filter(pk=pk).first()
    if found is None:
        raise Missing("brands.not_found")
    return found


def tag_bonds(row: Connection) -> QuerySet[TagBond]:
    """The tags that stand for each other now, with how many have them there."""
    rows = row.tag_bonds.filter(gone_at=None).select_related("tag")
    return rows.annotate(count=Count("ties", filter=Q(ties__is_on=True))).order_by("family", "name", "pk")


def tags_waiting(row: Connection) -> QuerySet[TagTie]:
    """What is to be carried to the platform and is not there yet, those it refused first."""
    open_ = Q(sending__isnull=False) | ~Q(failure="")
    rows = TagTie.objects.filter(open_, bond__connection=row)
    return rows.select_related("bond__tag", "member", "sending").order_by("-failure", "pk")


def tag_steps(row: Connection) -> QuerySet[TagStep]:
    """What was carried over, the last first."""
    rows = TagStep.objects.filter(bond__connection=row)
    return rows.select_related("bond__tag", "member").order_by("-pk")


def raw(row: Connection, state: str) -> QuerySet[Inbound]:
    """The connection's payloads, the newest first; those in one state, or all for ""."""
    found = row.inbound.order_by("-pk")
    return found.filter(state=state) if state else found

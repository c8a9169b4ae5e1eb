"""Keep a brand's tags and a platform's the same: switch that on, carry changes out, write down what became of them."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from qunying.brands.actions import lock, log
from qunying.brands.models import Staff
from qunying.connectors.actions.coding import serving
from qunying.connectors.actions.hearing import write_down
from qunying.connectors.actions.tag_taking import bonds_of, bring_over, tie_up
from qunying.connectors.actions.welcoming import lobby
from qunying.connectors.live.connector import Tags
from qunying.connectors.models import Connection, TagStep, TagSync, TagTie
from qunying.connectors.queries import connector
from qunying.kit import days
from qunying.kit.errors import Invalid, Refused
from qunying.members.erasing import Traces
from qunying.members.models import Member, TagWrite
from qunying.members.queries import homes_of
from qunying.outbox.actions import Wish, order
from qunying.outbox.models import Sending

PART = 500
EVERY = dt.timedelta(days=1)
"""How often every friend is looked at, for changes of which no word came."""
SOON = dt.timedelta(minutes=10)
LATELY = dt.timedelta(hours=1)
FAMILY = 30
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
State = Sending.State


def means(connection: Connection) -> Tags:
    """How the platform's tags are read; Refused for one whose tags we cannot keep the same."""
    kind = connector(connection.connector)
    if kind.tags is None:
        raise Refused("connectors.no_tags", name=str(kind.label))
    return kind.tags


@transaction.atomic
def switch_tags(connection: Connection, *, is_on: bool, at: dt.datetime, by: Staff) -> None:
    """From now on tags are kept the same, or no more; then each side keeps what it has. Every friend is looked at
    anew."""
    lock(connection.brand)
    means(connection)
    lobby(connection, at=at, by=by)
    row, _made = TagSync.objects.get_or_create(connection=connection)
    if row.is_on == is_on:
        return
    row.is_on, row.looked_at = is_on, None
    row.save(update_fields=["is_on", "looked_at"])
    deed = "tags.synced" if is_on else "tags.unsynced"
    log(connection.brand, by=by, deed=deed, about=f"connection:{connection.pk}", at=at)


@transaction.atomic
def add_tag(connection: Connection, *, name: str, family: str, at: dt.datetime, by: Staff) -> Sending:
    """A tag of this name on the platform too, in this family of its tags."""
    lock(connection.brand)
    means(connection)
    name, family = name.strip(), family.strip()
    if not name or not family or max(len(name), len(family)) > FAMILY:
        raise Invalid("connectors.tag_name", limit=FAMILY)
    cause = f"connection:{connection.pk}"
    number = Sending.objects.filter(brand=connection.brand, cause=cause, op="tag.create").count() + 1
    wish = Wish(
        "tag.create",
        {"name": name, "family": family},
        is_unsolicited=False,
        on_unsupported=Sending.Fallback.SKIP,
    )
    place = lobby(connection, at=at, by=by)
    made = order(place, wish=wish, key=f"tags:{connection.pk}:{number}", at=at, cause=cause, by=by)
    log(connection.brand, by=by, deed="tag.added", about=cause, at=at, after={"name": name})
    return made


@transaction.atomic
def carry_tags(connection: Connection, *, at: dt.datetime) -> None:
    """Have the platform looked at when it is time, write down what it said to what was asked for, and ask for what
    changed here. Doing it again changes nothing."""
    lock(connection.brand)
    sync = TagSync.objects.select_for_update().get(connection=connection)
    if not sync.is_on:
        return
    if at - (sync.looked_at or NEVER) >= EVERY:
        staff = serving(connection) or ()
        write_down(connection, means(connection).look_at_all(days.utc_ms(at), staff))
        sync.looked_at = at if staff else at - EVERY + SOON
    elif _has_new(connection, at):
        write_down(connection, means(connection).look_at_words(days.utc_ms(at)))
    _conclude(connection, at)
    sync.written = _follow(connection, sync.written, at)
    sync.save(update_fields=["looked_at", "written"])
    _look_at_strangers(connection, at)


def _has_new(connection: Connection, at: dt.datetime) -> bool:
    """Whether a tag was made on the platform lately that we have not seen there yet."""
    rows = Sending.objects.filter(
        brand=connection.brand,
        cause=f"connection:{connection.pk}",
        op="tag.create",
        state=State.SENT,
        concluded_at__gt=at - LATELY,
    )
    numbers = {str(number) for ids in rows.values_list("ids", flat=True) for number in ids}
    return connection.tag_bonds.filter(number__in=numbers).count() < len(numbers)


def _look_at_strangers(connection: Connection, at: dt.datetime) -> None:
    """Have those accounts looked at of which we do not know what they have there."""
    rows = TagTie.objects.filter(bond__connection=connection, seen_at=None, failure="")
    found = list(rows.order_by("pk").values_list("pk", "account")[:PART])
    if found:
        words = _("还在向平台核对这位客户；已不是好友的客户打不了标签。")
        TagTie.objects.filter(pk__in=[pk for pk, _account in found]).update(failure=words)
        accounts = sorted({account for _pk, account in found})
        write_down(connection, means(connection).look_at(days.utc_ms(at), accounts))


def _conclude(connection: Connection, at: dt.datetime) -> None:
    """What became of what was asked for; then whatever changed meanwhile."""
    open_ = TagTie.objects.filter(bond__connection=connection, sending__isnull=False)
    over = open_.exclude(sending__state__in=(State.QUEUED, State.LEASED, State.UNKNOWN, State.APPROVAL))
    ties = over.select_related("sending", "bond__tag", "bond__connection__brand").order_by("pk")
    for tie in ties[:PART]:
        row = tie.sending
        assert row is not None  # as asked
        if row.state == State.SENT:
            employee = str(row.params["employee"])
            rest = [who for who in tie.holders if who != employee]
            tie.holders = [*rest, employee] if tie.asked else rest
            tie.is_on = bool(tie.holders)
            tie.seen_at = max(filter(None, (tie.seen_at, row.concluded_at)), default=at)
        else:
            tie.failure = (row.words or str(row.get_state_display()))[:300]
        tie.sending, tie.asked = None, None
        tie.save(update_fields=["holders", "is_on", "seen_at", "failure", "sending", "asked"])
        if not tie.failure and tie.bond.gone_at is None:
            bring_over(tie, homes_of(connection.brand, [tie.member_id]), at=at)


def _follow(connection: Connection, written: int, at: dt.datetime) -> int:
    """Ask for what changed here since; answers up to where. What came from the platform itself needs no asking there,
    but the person's other accounts do."""
    last = TagWrite.objects.filter(tag__brand=connection.brand).aggregate(last=Max("pk"))["last"] or 0
    bonds = {bond.tag_id: bond for bond in bonds_of(connection)}
    rows = TagWrite.objects.filter(pk__gt=written, pk__lte=last, tag__in=bonds).order_by("pk")[:PART]
    changed = [(row.pk, row.tag_id, row.member_id) for row in rows]
    for tag, member in dict.fromkeys((tag, member) for _number, tag, member in changed):
        homes = homes_of(connection.brand, [member])
        for tie in tie_up(bonds[tag], [member]):
            tie.bond = bonds[tag]
            bring_over(tie, homes, at=at)
    return changed[-1][0] if len(changed) == PART else last


def forget_tags(member: Member, traces: Traces) -> int:
    """Nothing says any more which tags the person had on platforms."""
    ties, _kinds = TagTie.objects.filter(member__in=traces.members).delete()
    steps, _kinds = TagStep.objects.filter(member__in=traces.members).delete()
    return ties + steps

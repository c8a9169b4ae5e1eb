"""Make codes, change what is behind them, take them back, and turn them to the next group or employee by themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from qunying.brands.actions import lock, log
from qunying.brands.models import Staff
from qunying.communities.models import Channel
from qunying.connectors import codes
from qunying.connectors.actions.hearing import named_notes
from qunying.connectors.actions.welcoming import lobby, lobby_of
from qunying.connectors.live.connector import Codes
from qunying.connectors.models import Code, CodePlace, CodeTurn, Connection
from qunying.kit.errors import Invalid, Refused
from qunying.outbox.actions import Wish, call_off, order
from qunying.outbox.models import Sending

MOST_IN_LINE = 50
AGAIN = dt.timedelta(hours=1)
"""So long after the platform refused a turn that goes by itself it is tried again."""
State = Sending.State


@dataclass(frozen=True)
class Wanted:
    """What somebody wants of a code: `chats` in their order, `most` members until the next one's turn."""

    kind: str
    name: str
    state: str = ""
    employees: Sequence[str] = ()
    backups: Sequence[str] = ()
    skip_verify: bool = True
    chats: Sequence[Channel] = ()
    most: int = 0
    at_once: int = 1
    new_chats: str = ""
    first_number: int = 1
    turn_on: dt.date | None = None


@transaction.atomic
def save_code(
    connection: Connection, *, code: Code | None, wanted: Wanted, at: dt.datetime, by: Staff
) -> Code:
    """A new code, or `code` as it shall be from now on; the platform is told in its turn. The same again changes
    nothing there."""
    lock(connection.brand)
    means = codes.means(connection)
    shape = _checked(connection, code, wanted, means)
    if code is None:
        code = Code.objects.create(connection=connection, created_at=at, **shape)
    else:
        code = Code.objects.select_related("connection__brand", "sending").get(pk=code.pk)
        if code.dropped_at is not None:
            raise Refused("connectors.code_dropped", name=code.name)
        Code.objects.filter(pk=code.pk).update(**shape, is_stale=True)
        code.refresh_from_db()
    _line_up(code, wanted.chats)
    lobby(connection, at=at, by=by)
    log(connection.brand, by=by, deed="code.saved", about=f"code:{code.pk}", at=at, after={"name": code.name})
    _tend(code, at=at, by=by)
    return code


def _checked(connection: Connection, code: Code | None, wanted: Wanted, means: Codes) -> dict[str, object]:
    """The columns; Invalid where the platform would not take them."""
    name = wanted.name.strip()
    state = wanted.state.strip() or name
    longest = Code._meta.get_field("state").max_length or 0
    if not name or len(name) > longest or len(state) > longest:
        raise Invalid("connectors.code_name", limit=longest)
    others = connection.codes.filter(state=state, dropped_at=None)
    if (others.exclude(pk=code.pk) if code else others).exists():
        raise Invalid("connectors.code_taken", state=state)
    if code is not None and code.kind != wanted.kind:
        raise Invalid("connectors.code_kind")
    if wanted.kind == Code.Kind.CHAT:
        _check_chats(connection, wanted, means)
    elif not 0 < len(set(wanted.employees)) <= means.employees:
        raise Invalid("connectors.code_employees", limit=means.employees)
    return {
        "kind": wanted.kind,
        "name": name,
        "state": state,
        "employees": list(dict.fromkeys(wanted.employees)),
        "backups": [who for who in dict.fromkeys(wanted.backups) if who not in wanted.employees],
        "skip_verify": wanted.skip_verify,
        "most": wanted.most or means.members,
        "at_once": wanted.at_once,
        "new_chats": wanted.new_chats.strip(),
        "first_number": wanted.first_number,
        "turn_on": wanted.turn_on,
    }


def _check_chats(connection: Connection, wanted: Wanted, means: Codes) -> None:
    ours = {channel.pk for channel in codes.chats_of(connection)}
    if (
        not wanted.chats
        or len(wanted.chats) > MOST_IN_LINE
        or not ours.issuperset(channel.pk for channel in wanted.chats)
    ):
        raise Invalid("connectors.code_groups", limit=MOST_IN_LINE)
    if not 1 <= wanted.at_once <= means.chats:
        raise Invalid("connectors.code_at_once", limit=means.chats)
    longest = Code._meta.get_field("new_chats").max_length or 0
    if len(wanted.new_chats.strip()) > longest:
        raise Invalid("connectors.code_new_chats", limit=longest)


def _line_up(code: Code, chats: Sequence[Channel]) -> None:
    """The groups in this order. One that was full may come in again: somebody said so just now."""
    code.places.exclude(channel__in=chats).delete()
    for number, channel in enumerate(dict.fromkeys(chats)):
        CodePlace.objects.update_or_create(
            code=code, channel=channel, defaults={"place": number, "had_at": None}
        )


@transaction.atomic
def drop_code(code: Code, *, at: dt.datetime, by: Staff) -> None:
    """It leads nowhere any more, once the platform has been told; its members keep the source they came by. Again is
    only for one of which the platform did not take that."""
    lock(code.connection.brand)
    code = Code.objects.select_related("connection__brand", "sending").get(pk=code.pk)
    _settle(code, at)
    if not _is_to_drop(code, by, at):
        return
    if code.handle:
        _order(code, "code.delete", {"kind": code.kind}, at, by)
    code.dropped_at, code.failure = code.dropped_at or at, ""
    code.save(update_fields=["dropped_at", "failure", "waits", "sending"])
    before, about = {"name": code.name}, f"code:{code.pk}"
    log(code.connection.brand, by=by, deed="code.dropped", about=about, at=at, before=before)


def _is_to_drop(code: Code, by: Staff, at: dt.datetime) -> bool:
    """Whether the platform has to be told. What waits in line is called off; what is leaving just now is refused."""
    row = code.sending
    if row is None or row.state == State.UNKNOWN:
        return True
    if code.dropped_at is not None:
        return bool(code.handle) and row.is_over and row.state != State.SENT
    if not row.is_over:
        try:
            call_off(row, by=by, at=at)
        except Refused:
            raise Refused("connectors.code_busy") from None
    return True


def tend_codes(connection: Connection, *, at: dt.datetime) -> int:
    """Write down what became of what was asked for, and turn what is to be turned; answers how many turned. Doing it
    again, or twice at once, changes nothing."""
    turned = 0
    for pk in list(connection.codes.filter(dropped_at=None).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            lock(connection.brand)
            code = Code.objects.select_related("connection__brand", "sending").get(pk=pk)
            turned += code.dropped_at is None and _tend(code, at=at, by=None)
            _note_trouble(code, at)
    return turned


def _note_trouble(code: Code, at: dt.datetime) -> None:
    """Keep what a person should see to, for the page of today; the moment is that of its beginning."""
    today = at.astimezone(code.connection.brand.clock.zone).date()
    places = list(code.places.select_related("channel").order_by("place"))
    sizes = sizes_of(code.connection, [place.channel.key for place in places]) if places else {}
    trouble = next(iter(codes.troubles(code, places, sizes, today)), "")
    if trouble != code.trouble:
        code.trouble, code.troubled_at = trouble, at if trouble else None
        code.save(update_fields=["trouble", "troubled_at"])


def _tend(code: Code, *, at: dt.datetime, by: Staff | None) -> bool:
    """Whether it was turned. One thing at a time: nothing more is asked for while an answer is outstanding."""
    _settle(code, at)
    if code.waits:
        return False
    step = _next(code, at)
    is_again = bool(code.failure) and not code.is_stale and step.behind == code.asked
    if is_again and at < (code.failed_at or at) + AGAIN:
        return False
    CodePlace.objects.filter(pk__in=[place.pk for place in step.had]).update(had_at=at)
    if step.is_day_over:
        code.turn_on = None
        code.save(update_fields=["turn_on"])
    if not code.is_stale and not is_again and step.behind == code.behind:
        return False
    changed = "edited" if code.handle else "made"
    _turn(code, step.behind, changed if code.is_stale else "again" if is_again else step.why, at, by)
    return True


def _settle(code: Code, at: dt.datetime) -> None:
    """Write down what the platform said; also when it says yes to what somebody sent again."""
    row = code.sending
    if row is None or not row.is_over or not (code.waits or (code.failure and row.state == State.SENT)):
        return
    code.waits, code.failure = False, ""
    if row.state != State.SENT:
        code.failure, code.failed_at = (row.words or str(row.get_state_display()))[:300], at
    elif row.op == "code.change":
        code.behind = code.asked
    elif len(row.ids) > 1:
        code.handle, code.picture, code.behind = str(row.ids[0]), str(row.ids[1]), code.asked
    else:
        code.failure, code.failed_at = _("平台没有说出它的编号，请作废后重新生成。"), at
    code.save(update_fields=["handle", "picture", "behind", "waits", "failure", "failed_at"])


def _next(code: Code, at: dt.datetime) -> codes.Next:
    connection = code.connection
    today = at.astimezone(connection.brand.clock.zone).date()
    if code.is_for_chats:
        places = list(code.places.select_related("channel").order_by("place"))
        sizes = sizes_of(connection, [place.channel.key for place in places])
        return codes.next_chats(code, places, sizes=sizes, today=today)
    gone = codes.gone(connection, [*code.employees, *code.backups], today=today)
    return codes.next_employees(code, serve=serving(connection), gone=gone)


def _turn(code: Code, behind: Sequence[str], why: str, at: dt.datetime, by: Staff | None) -> None:
    what = {"kind": code.kind, "name": code.name, "state": code.state, **_of_kind(code, behind)}
    _order(code, "code.change" if code.handle else "code.create", what, at, by)
    code.asked, code.failure, code.is_stale = list(behind), "", False
    code.save(update_fields=["asked", "failure", "is_stale", "waits", "sending"])
    CodeTurn.objects.create(
        code=code, at=at, before=code.behind, after=code.asked, why=why, by=by, sending=code.sending
    )


def _of_kind(code: Code, behind: Sequence[str]) -> Mapping[str, object]:
    if code.is_for_chats:
        return {"chats": list(behind), "new_chats": code.new_chats, "first_number": code.first_number}
    return {"employees": list(behind), "skip_verify": code.skip_verify}


def _order(code: Code, op: str, what: Mapping[str, object], at: dt.datetime, by: Staff | None) -> None:
    """Put it in line; it is no message to anybody, so it needs nobody's consent."""
    place, cause = lobby_of(code.connection), f"code:{code.pk}"
    assert place is not None  # made together with the first code
    number = Sending.objects.filter(brand=place.brand_id, cause=cause).count() + 1
    wish = Wish(op, what, target=code.handle, is_unsolicited=False, on_unsupported=Sending.Fallback.SKIP)
    code.sending = order(place, wish=wish, key=f"{cause}:{number}", at=at, cause=cause, by=by)
    code.waits = True


def sizes_of(connection: Connection, chats: Sequence[str]) -> dict[str, int]:
    """How many members these groups had when last looked at; one nobody has looked at yet is missing."""
    means = codes.means(connection)
    names = {means.size_note(chat): chat for chat in chats}
    return {names[name]: means.size(body) for name, body in named_notes(connection, list(names)).items()}


def serving(connection: Connection) -> list[str] | None:
    """The employees whom customers can add, as the platform said last; None before it said so."""
    means = codes.means(connection)
    body = named_notes(connection, [means.staff_note]).get(means.staff_note)
    return list(means.staff(body)) if body else None

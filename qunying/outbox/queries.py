"""Reads of what waits for a person and of what goes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, Q, QuerySet, Value
from django.utils.translation import gettext as _

from qunying.brands.models import AuditEntry, Staff
from qunying.brands.roles import PERMISSIONS
from qunying.communities.models import Channel, Community
from qunying.communities.queries import visible
from qunying.kit.errors import Missing
from qunying.outbox.late import QUIET, WORDS, what_to_do, why_words
from qunying.outbox.models import STANDING, Alarm, Draft, Evidence, Picture, Sending, State, Stop, Todo
from qunying.outbox.ops import op_label
from qunying.outbox.quiet import held

T = TypeVar("T", Draft, Todo)
MARKS: dict[str, str] = {
    Sending.State.APPROVAL: "scheduled",
    Sending.State.QUEUED: "scheduled",
    Sending.State.LEASED: "running",
    Sending.State.SENT: "ok",
    Sending.State.ACCEPTED: "ok",
    Sending.State.PENDING: "amber",
    Sending.State.REJECTED: "failed",
    Sending.State.UNSUPPORTED: "amber",
    Sending.State.UNKNOWN: "amber",
    Sending.State.DEAD: "failed",
    Sending.State.EXPIRED: "",
    Sending.State.CALLED_OFF: "",
    Sending.State.REFUSED: "amber",
}
"""State of a sending → colour of its label."""
DECIDABLE = (
    Sending.State.UNKNOWN,
    Sending.State.DEAD,
    Sending.State.REJECTED,
    Sending.State.UNSUPPORTED,
)
"""States in which a person may say that it arrived, or send it again."""
NEVER_LEFT = (
    Sending.State.REJECTED,
    Sending.State.UNSUPPORTED,
    Sending.State.CALLED_OFF,
    Sending.State.REFUSED,
)
"""States of what was tried and is in no group. Of what is dead or unknown nobody can say that."""
SHOWN = 100
"""Receivers a page names one by one."""
LOOK_BACK = dt.timedelta(hours=24)
"""How long before a stop what had left may have to be put right."""


def todos(staff: Staff) -> QuerySet[Todo]:
    """To-dos the staff member may see: one's own and those for anybody in one's communities; all of them for
    who decides."""
    rows = (
        Todo.objects.filter(brand=staff.brand)
        .exclude(state=State.DROPPED)
        .select_related(
            "community", "staff__account", "done_by__account", "sending__channel", "evidence__staff__account"
        )
    )
    rows = rows.filter(Q(sending=None) | readable(staff, "sending__"))
    if staff.reach is not None:
        rows = rows.filter(Q(community=None) | Q(community__in=staff.reach))
    return rows if staff.may("advice.decide") else rows.filter(own_or_nobodys(staff))


def readable(staff: Staff, field: str = "") -> Q:
    """Sendings whose words the staff member may read; see `Sending.is_for`."""
    mine = [key for key in PERMISSIONS if staff.may(key)] if staff.reach is None else []
    return Q(**{f"{field}reader__in": ["", *mine]})


def drafts(staff: Staff) -> QuerySet[Draft]:
    """Drafts in the staff member's communities; one's own and unowned ones unless one decides."""
    rows = (
        Draft.objects.filter(brand=staff.brand)
        .exclude(state=State.DROPPED)
        .select_related("community", "staff__account", "done_by__account", "evidence__staff__account")
    )
    if staff.reach is not None:
        rows = rows.filter(community__in=staff.reach)
    return rows if staff.may("advice.decide") else rows.filter(own_or_nobodys(staff))


def reminded(rows: QuerySet[T]) -> QuerySet[T]:
    """To-dos or drafts with how often their owner was reminded, as `reminded`."""
    return rows.annotate(reminded=Count("reminders"))


def over(staff: Staff, *, only_shown: bool) -> QuerySet[Todo, tuple[bool, int, dt.datetime]]:
    """What has ended, the latest first: whether it is a draft, its number and its end; perhaps only what has a
    picture."""
    ended = Q(state__in=[State.DONE, State.FAILED])
    if only_shown:
        ended &= Q(evidence__isnull=False)
    asked = todos(staff).filter(ended).values_list(Value(value=False), "pk", "done_at")
    said = drafts(staff).filter(ended).values_list(Value(value=True), "pk", "done_at")
    return asked.union(said, all=True).order_by("-done_at", "-pk")


def items(staff: Staff, found: Iterable[tuple[bool, int, dt.datetime]]) -> list[Draft | Todo]:
    """The drafts and to-dos that `over` has named, in that order."""
    named = [(is_draft, pk) for is_draft, pk, _at in found]
    rows: dict[tuple[bool, int], Draft | Todo] = {}
    for is_draft, them in ((False, todos(staff)), (True, drafts(staff))):
        rows |= {
            (is_draft, row.pk): row
            for row in them.filter(pk__in=[pk for is_, pk in named if is_ == is_draft])
        }
    return [rows[key] for key in named]


def own_or_nobodys(staff: Staff, field: str = "staff") -> Q:
    return Q(**{field: staff}) | Q(**{field: None})


def todo(staff: Staff, pk: int) -> Todo:
    """The to-do if the staff member may see it; Missing otherwise."""
    found = todos(staff).select_related("brand").filter(pk=pk).first()
    if found is None:
        raise Missing("outbox.not_found")
    return found


def draft(staff: Staff, pk: int) -> Draft:
    """The draft if the staff member may see it; Missing otherwise."""
    found = drafts(staff).select_related("brand").filter(pk=pk).first()
    if found is None:
        raise Missing("outbox.not_found")
    return found


def evidence(item: Draft | Todo) -> Evidence | None:
    """The picture that shows that it was done, if one was handed in and is still kept."""
    found: Evidence | None = getattr(item, "evidence", None)
    return found


def openings(staff: Staff, item: Draft | Todo) -> QuerySet[AuditEntry]:
    """Who opened its picture and when, the latest first, for who may decide."""
    name = item._meta.model_name
    rows = AuditEntry.objects.filter(
        brand=staff.brand, about=f"{name}:{item.pk}", deed=f"{name}.evidence_opened"
    )
    return rows.order_by("-number")[:SHOWN] if staff.may("advice.decide") else rows.none()


def shown_again(items: Sequence[Draft | Todo]) -> dict[int, int]:
    """Evidence → how many other items of the brand have the very same picture, for those where any has."""
    mine = [row for row in map(evidence, items) if row is not None]
    same = Evidence.objects.filter(brand__in={row.brand_id for row in mine})
    times = same.filter(digest__in=[row.digest for row in mine]).values_list("digest").annotate(Count("pk"))
    counts = dict(times) if mine else {}
    return {row.pk: counts[row.digest] - 1 for row in mine if counts.get(row.digest, 1) > 1}


def task_words(todo: Todo) -> tuple[str, str]:
    """What is asked, and apart from it the exact words to post where there are any."""
    words = str(todo.sending.params.get("text") or "") if todo.sending is not None else ""
    asked = todo.text.removesuffix(words)
    return (asked.rstrip("：: ") if asked != todo.text else asked), words


def draft_words(draft: Draft) -> tuple[str, str]:
    """The same of a draft."""
    return _("在“{where}”里发出这条").format(where=draft.community.name), draft.text


@dataclass(frozen=True)
class SendingLine:
    """One sending as the pages show it. `late` is why it has not left although its time has come, `advice` what to do
    about that."""

    row: Sending
    what: str
    text: str
    mark: str
    reason: str
    late: str
    advice: str


def line(row: Sending, *, now: dt.datetime) -> SendingLine:
    text, alarm = str(row.params.get("text") or row.target), standing_alarm(row)
    late = why_words(alarm) if alarm else ""
    reason = _asleep(row, now) or row.words or row.code
    advice = what_to_do(alarm) if alarm else ""
    return SendingLine(row, op_label(row.op), text, MARKS[row.state], reason, late, advice)


def _asleep(row: Sending, now: dt.datetime) -> str:
    """That it waits for the end of quiet hours; "" where it does not."""
    quiet = held(row, max(now, row.not_before)) if row.state == Sending.State.QUEUED else None
    if quiet is None:
        return ""
    return str(WORDS[QUIET][0]).format(start=quiet.start, end=quiet.end)


def standing_alarm(row: Sending) -> Alarm | None:
    """The alarm of a sending, while it stands."""
    found: Alarm | None = getattr(row, "alarm", None)
    return found if row.state in STANDING else None


def sendings(staff: Staff) -> QuerySet[Sending]:
    """What goes out to the staff member's communities, except what tells of others."""
    rows = Sending.objects.filter(readable(staff), brand=staff.brand).select_related(
        "brand", "community", "channel", "created_by__account", "alarm"
    )
    return rows if staff.reach is None else rows.filter(community__in=staff.reach)


def sending(staff: Staff, pk: int) -> Sending:
    """The sending if it goes to one of their communities; Missing otherwise."""
    found = sendings(staff).filter(pk=pk).first()
    if found is None:
        raise Missing("outbox.no_sending")
    return found


def handed_in(staff: Staff, numbers: Iterable[object]) -> list[Picture]:
    """Of these pictures those that the staff member handed in, each once and in their order."""
    wanted = dict.fromkeys(int(each) for each in map(str, numbers) if each.isdecimal() and len(each) < 19)
    rows = Picture.objects.filter(brand=staff.brand, handed_in_by=staff).in_bulk(list(wanted))
    return [rows[each] for each in wanted if each in rows]


def pictures_of(sending: Sending) -> list[Picture | None]:
    """Its pictures in their order, None for each that is kept no longer."""
    rows = Picture.objects.filter(brand=sending.brand_id).in_bulk(sending.pictures)
    return [rows.get(each) for each in sending.pictures]


def receivers_of(staff: Staff, row: Sending) -> dict[str, object] | None:
    """For how many certain people it is, and the first of those who get nothing, with the reason; None where it goes to
    a group."""
    total = row.receivers.count()
    if not total:
        return None
    refused = row.receivers.exclude(refused="").order_by("refused", "pk")
    shown = [(each.get_refused_display(), each.member_id) for each in refused[:SHOWN]]
    may_open = staff.may("members.read")
    return {"total": total, "refused": refused.count(), "rows": shown, "may_open": may_open}


def sendings_like(staff: Staff, told: Mapping[str, str]) -> QuerySet[Sending]:
    """The list of the filter bar, newest first."""
    rows = sendings(staff).order_by("-pk")
    if told.get("state") in Sending.State.values:
        rows = rows.filter(state=told["state"])
    if told.get("late"):
        rows = late(rows)
    chosen = told.get("community") or told.get("c") or ""
    places = [pk for pk in visible(staff).values_list("pk", flat=True) if str(pk) == chosen]
    return rows.filter(community__in=places) if chosen else rows


def sending_fields(staff: Staff, told: Mapping[str, str]) -> list[dict[str, object]]:
    """The controls of the filter bar."""
    places = visible(staff).filter(level=Community.Level.COMMUNITY).order_by("name").values_list("pk", "name")
    return [
        {
            "name": "state",
            "label": _("全部状态"),
            "kind": "select",
            "value": told.get("state"),
            "options": Sending.State.choices,
        },
        {
            "name": "late",
            "label": _("是否按时"),
            "kind": "select",
            "value": told.get("late"),
            "options": [("1", _("应发未发"))],
        },
        {
            "name": "community",
            "label": _("全部社群"),
            "kind": "select",
            "value": told.get("community"),
            "options": list(places),
        },
    ]


def late(rows: QuerySet[Sending]) -> QuerySet[Sending]:
    """应发未发: those of them that have not left although their time has come."""
    return rows.filter(alarm__isnull=False, state__in=STANDING)


def stops_of(staff: Staff) -> QuerySet[Stop]:
    """Stops of the brand and of the staff member's communities."""
    rows = Stop.objects.filter(brand=staff.brand).select_related(
        "brand", "community", "stopped_by__account", "resumed_by__account"
    )
    return rows if staff.reach is None else rows.filter(Q(community=None) | Q(community__in=staff.reach))


def standing_stops(staff: Staff) -> QuerySet[Stop]:
    return stops_of(staff).filter(resumed_at=None).order_by("-pk")


def stop(staff: Staff, pk: int) -> Stop:
    """The stop if it is of one of their communities, or of the brand for who has all of it; Missing otherwise."""
    found = stops_of(staff).filter(pk=pk).first()
    if found is None or (found.community_id is None and staff.reach is not None):
        raise Missing("outbox.no_stop")
    return found


def left_before(staff: Staff, stop: Stop) -> list[SendingLine]:
    """What had left to the staff member's communities in the time before the stop: it may have to be corrected."""
    rows = sendings(staff).filter(left_at__gte=stop.stopped_at - LOOK_BACK, left_at__lte=stop.stopped_at)
    rows = rows if stop.community_id is None else rows.filter(community=stop.community_id)
    rows = rows.exclude(state__in=NEVER_LEFT).order_by("-left_at")
    return [line(row, now=stop.stopped_at) for row in rows]


def correction(staff: Staff, pk: int) -> tuple[str, list[Channel]]:
    """更正草稿: words to begin a correction with, and the groups to which something had left before the stop. Missing
    where the stop is not theirs to see."""
    found = stops_of(staff).filter(pk=pk).first()
    if found is None:
        raise Missing("outbox.no_stop")
    left = [each for each in left_before(staff, found) if each.row.params.get("text")]
    texts = {each.text for each in left}
    words = _("【更正】刚才发出的内容有误，请以这条为准：")
    if len(texts) == 1:
        words = _("【更正】刚才发出的“%(text)s”有误，请以这条为准：") % {"text": short(texts.pop(), 40)}
    return f"{words}\n", list(dict.fromkeys(each.row.channel for each in left))


def short(text: str, most: int) -> str:
    """The words on one line, of at most so many signs; a “…” shows that there are more."""
    line_ = " ".join(text.split())
    return line_ if len(line_) <= most else f"{line_[: most - 1]}…"

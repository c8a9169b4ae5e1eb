"""What waits for a person in the outbox, for the page of today."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qunying.brands.models import Staff
from qunying.brands.today import Part, Thing
from qunying.kit import days
from qunying.outbox import queries
from qunying.outbox.models import Draft, Sending, State, Todo


def _todos(staff: Staff, _today: dt.date, mine: bool) -> QuerySet[Todo]:
    rows = queries.reminded(queries.todos(staff).filter(state=State.WAITING)).order_by("due_on", "pk")
    return rows.filter(queries.own_or_nobodys(staff)) if mine else rows


def _todo(row: Todo, staff: Staff) -> Thing:
    """Where nobody knows whether it arrived, it is decided on the sending's own page."""
    slug, asked = staff.brand.slug, queries.task_words(row)
    is_lost = row.sending is not None and row.sending.state == Sending.State.UNKNOWN
    return Thing(
        title=asked[0],
        url=reverse("sending", args=[slug, row.sending_id])
        if is_lost
        else reverse("todo", args=[slug, row.pk]),
        due_on=row.due_on,
        place=row.community_id,
        where=row.community.name if row.community else "",
        owner=row.staff.name if row.staff else "",
        copy="" if is_lost else asked[1],
        done_url="" if is_lost else reverse("todo_state", args=[slug, row.pk]),
        done_label=_("完成"),
        reminders=row.reminded,  # type: ignore[attr-defined]  # by queries.reminded
    )


def _drafts(staff: Staff, _today: dt.date, mine: bool) -> QuerySet[Draft]:
    rows = queries.reminded(queries.drafts(staff).filter(state=State.WAITING)).order_by("due_on", "pk")
    return rows.filter(queries.own_or_nobodys(staff)) if mine else rows


def _draft(row: Draft, staff: Staff) -> Thing:
    slug, asked = staff.brand.slug, queries.draft_words(row)
    return Thing(
        title=asked[0],
        url=reverse("draft", args=[slug, row.pk]),
        due_on=row.due_on,
        place=row.community_id,
        where=row.community.name,
        owner=row.staff.name if row.staff else "",
        copy=asked[1],
        done_url=reverse("draft_state", args=[slug, row.pk]),
        done_label=_("已发送"),
        reminders=row.reminded,  # type: ignore[attr-defined]  # by queries.reminded
    )


def _approvals(staff: Staff, _today: dt.date, mine: bool) -> QuerySet[Sending]:
    """Nobody approves what one ordered or has approved: these are others' to do."""
    rows = queries.sendings(staff).filter(state=Sending.State.APPROVAL).order_by("not_before", "pk")
    if not mine:
        return rows
    others = rows.filter(~Q(created_by=staff) | Q(created_by=None))
    said = others.alias(said=Cast("approved_by", TextField()))
    return said.exclude(said__regex=rf"[\[ ]{staff.pk}[,\]]")


def _failures(staff: Staff, _today: dt.date, mine: bool) -> QuerySet[Sending]:
    """Given up after many tries, or refused by the platform though a person wanted it or it must not go unnoticed."""
    must = Q(created_by__isnull=False) | Q(on_unsupported=Sending.Fallback.FAIL)
    given_up = Q(state=Sending.State.DEAD) | (Q(state=Sending.State.REJECTED) & must)
    rows = queries.sendings(staff).filter(given_up).order_by("concluded_at", "pk")
    return rows.filter(queries.own_or_nobodys(staff, "created_by")) if mine else rows


def _late(staff: Staff, today: dt.date, mine: bool) -> QuerySet[Sending]:
    """What has not left although its time has come, unless the staff member has it to approve."""
    rows = queries.late(queries.sendings(staff)).order_by("expires_at", "pk")
    rows = rows.filter(queries.own_or_nobodys(staff, "created_by")) if mine else rows
    if not staff.may("advice.decide"):
        return rows
    return rows.exclude(pk__in=_approvals(staff, today, mine).order_by().values("pk"))


def _late_thing(row: Sending, staff: Staff) -> Thing:
    """Due when it may leave for the last time."""
    owner = row.created_by.name if row.created_by else ""
    return _sending(row, staff, at=row.expires_at or row.not_before, owner=owner)


def _ahead(staff: Staff, today: dt.date, _mine: bool) -> QuerySet[Sending]:
    """What leaves by itself before the day ends, unless it should have left already; what is a group's own answer to
    somebody comes and goes unasked."""
    night = days.moment(staff.brand.clock.start(days.number(today) + 1))
    rows = queries.sendings(staff).filter(state=Sending.State.QUEUED, is_unsolicited=True)
    return rows.filter(not_before__lt=night, alarm=None).order_by("not_before", "pk")


def _leaving(row: Sending, staff: Staff) -> Thing:
    """Under the hour at which it leaves."""
    owner = row.created_by.name if row.created_by else ""
    told = _sending(row, staff, at=row.not_before, owner=owner)
    at = row.not_before.astimezone(row.brand.clock.zone)
    return replace(told, title=f"{at:%H:%M} {told.title}")


def _approval(row: Sending, staff: Staff) -> Thing:
    """Due when it wants to leave."""
    return _sending(row, staff, at=row.not_before, owner="")


def _failure(row: Sending, staff: Staff) -> Thing:
    owner = row.created_by.name if row.created_by else ""
    return _sending(row, staff, at=row.concluded_at or row.not_before, owner=owner)


def _sending(row: Sending, staff: Staff, *, at: dt.datetime, owner: str) -> Thing:
    told = queries.line(row, now=dt.datetime.now(dt.UTC))
    return Thing(
        title=" · ".join(filter(None, (told.what, queries.short(told.text, 80), told.late or told.reason))),
        url=reverse("sending", args=[staff.brand.slug, row.pk]),
        due_on=at.astimezone(row.brand.clock.zone).date(),
        place=row.community_id,
        where=row.community.name,
        owner=owner,
    )


TODAY = (
    Part("outbox.todos", gettext_lazy("员工待办"), "tasks.do", _todos, _todo),
    Part("outbox.drafts", gettext_lazy("草稿帖"), "tasks.do", _drafts, _draft, mark="teal"),
    Part(
        "outbox.approvals", gettext_lazy("待审批"), "advice.decide", _approvals, _approval, mark="scheduled"
    ),
    Part("outbox.late", gettext_lazy("应发未发"), "tasks.do", _late, _late_thing, mark="failed"),
    Part("outbox.failures", gettext_lazy("没发出去"), "tasks.do", _failures, _failure, mark="failed"),
    Part(
        "outbox.leaving",
        gettext_lazy("今天要发"),
        "tasks.do",
        _ahead,
        _leaving,
        mark="running",
        is_counted=False,
    ),
)

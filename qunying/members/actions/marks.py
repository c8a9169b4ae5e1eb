"""Say who is a bot, a test account or on the staff, and take that back; every past day is worked out again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from django.db import transaction

from qunying.brands.actions import lock, log
from qunying.brands.models import AuditEntry, Staff
from qunying.kit.errors import Invalid
from qunying.members.actions.merging import restate_later
from qunying.members.models import Member, StaffSpan
from qunying.members.queries import Span, homes_of, spans_of

BY_HAND = "member.staff_marked"


def mark_bot(member: Member, *, is_bot: bool, at: dt.datetime, by: Staff) -> None:
    """Leave the person out of every figure as a bot, past ones too, or take that back."""
    _flag(member, "is_bot", is_bot, at=at, by=by)


def mark_test(member: Member, *, is_test: bool, at: dt.datetime, by: Staff) -> None:
    """Leave the person out of every figure as a test account, past ones too, or take that back."""
    _flag(member, "is_test", is_test, at=at, by=by)


@transaction.atomic
def _flag(
    member: Member, field: Literal["is_bot", "is_test"], on: bool, *, at: dt.datetime, by: Staff
) -> None:
    """A merged account that bears the flag makes the whole person bear it, so taking it back clears all of them."""
    lock(member.brand)
    people = Member.objects.filter(pk__in=homes_of(member.brand, [member.pk]))
    marked = people.filter(is_bot=True) if field == "is_bot" else people.filter(is_test=True)
    if marked.exists() == on:
        return
    (people.filter(pk=member.pk) if on else people).update(**{field: on})
    restate_later(member.brand, members=[member.pk], at=at, by=by)
    deed, key = {
        "is_bot": ("member.bot_marked", "is_bot"),
        "is_test": ("member.test_marked", "test_account"),
    }[field]
    about = f"member:{member.pk}"
    log(member.brand, by=by, deed=deed, about=about, at=at, before={key: not on}, after={key: on})


@transaction.atomic
def set_staff(member: Member, *, spans: Sequence[Span], at: dt.datetime, by: Staff) -> list[Span]:
    """The person acts for the brand on these days and on no others; days that touch become one span. Answers the spans
    before. From then on imports leave the person's spans alone."""
    lock(member.brand)
    wanted = united(spans)
    before = spans_of(member)
    if wanted == before:
        return before
    rows = StaffSpan.objects.filter(member__in=homes_of(member.brand, [member.pk]))
    kept = {(row.from_on, row.until_on): row.pk for row in rows if (row.from_on, row.until_on) in wanted}
    rows.exclude(pk__in=kept.values()).delete()
    StaffSpan.objects.bulk_create(
        StaffSpan(member=member, from_on=start, until_on=end)
        for start, end in wanted
        if (start, end) not in kept
    )
    restate_later(member.brand, members=[member.pk], at=at, by=by)
    about = f"member:{member.pk}"
    told = [{"staff": written(part)} for part in (before, wanted)]
    log(member.brand, by=by, deed=BY_HAND, about=about, at=at, before=told[0], after=told[1])
    return before


def is_set_by_hand(member: Member) -> bool:
    """Whether somebody has said on which days the person is on the staff."""
    return AuditEntry.objects.filter(brand=member.brand, deed=BY_HAND, about=f"member:{member.pk}").exists()


def united(spans: Sequence[Span]) -> list[Span]:
    """The days in order, spans that overlap or follow on each other as one."""
    found: list[Span] = []
    for start, end in sorted(spans, key=lambda span: span[0]):
        if end is not None and end < start:
            raise Invalid("members.staff_days")
        past = found[-1] if found else None
        if past is None or (past[1] is not None and start > past[1] + dt.timedelta(days=1)):
            found.append((start, end))
        else:
            found[-1] = (past[0], None if past[1] is None or end is None else max(past[1], end))
    return found


def written(spans: Sequence[Span]) -> str:
    """As 2026-06-01/2026-06-30,2026-08-01/ — the last one still runs."""
    return ",".join(f"{start}/{end or ''}" for start, end in spans)


def read_spans(text: str) -> list[Span]:
    """What `written` wrote; anything else is refused."""
    try:
        parts = [part.split("/") for part in text.split(",") if part]
        return [
            (dt.date.fromisoformat(start), dt.date.fromisoformat(end) if end else None)
            for start, end in parts
        ]
    except ValueError as error:
        raise Invalid("members.staff_days") from error

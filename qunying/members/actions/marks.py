"""Say who is a bot, a test account or on the staff, and take that back; every past day is worked out again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

from django.db import transaction

from qunying.brands.actions import lock, log
from qunying.brands.models import AuditEntry, Brand, Staff
from qunying.kit.errors import Invalid, Refused
from qunying.members.actions.merging import restate_later
from qunying.members.models import Member, StaffSpan
from qunying.members.queries import Span, homes_of, spans_of, united

BY_HAND = "member.staff_marked"
PART = 5000
MOST_STAFF = 500
"""People one step makes staff; more are a mistake."""


Flag = Literal["is_bot", "is_test"]
DEEDS: dict[Flag, tuple[str, str]] = {
    "is_bot": ("member.bot_marked", "is_bot"),
    "is_test": ("member.test_marked", "test_account"),
}
"""Flag → deed and word of the log."""


def mark_bot(member: Member, *, is_bot: bool, at: dt.datetime, by: Staff) -> bool:
    """Leave the person out of every figure as a bot, past ones too, or take that back; answers whether that changed
    anything."""
    return _flag(member, "is_bot", is_bot, at=at, by=by)


def mark_test(member: Member, *, is_test: bool, at: dt.datetime, by: Staff) -> bool:
    """The same as a test account."""
    return _flag(member, "is_test", is_test, at=at, by=by)


@transaction.atomic
def _flag(member: Member, flag: Flag, on: bool, *, at: dt.datetime, by: Staff) -> bool:
    lock(member.brand)
    if not _set_flag(member.brand, [member.pk], flag, on):
        return False
    restate_later(member.brand, members=[member.pk], at=at, by=by)
    deed, key = DEEDS[flag]
    about = f"member:{member.pk}"
    log(member.brand, by=by, deed=deed, about=about, at=at, before={key: not on}, after={key: on})
    return True


def _set_flag(brand: Brand, people: Sequence[int], flag: Flag, on: bool) -> list[int]:
    """Whom that changed. A merged account that bears the flag makes the whole person bear it, so taking it back clears
    all of them."""
    homes = Member.objects.filter(brand=brand, pk__in=homes_of(brand, people), erased_at=None)
    bearing = homes.filter(is_bot=True) if flag == "is_bot" else homes.filter(is_test=True)
    marked = {root or pk for pk, root in bearing.values_list("pk", "merged_into_id")}
    changed = [pk for pk in people if (pk in marked) != on]
    (homes.filter(pk__in=changed) if on else homes.filter(pk__in=homes_of(brand, changed))).update(
        **{flag: on}
    )
    return changed


@transaction.atomic
def flag_many(
    brand: Brand, *, people: Sequence[int], flag: Flag, on: bool, at: dt.datetime, by: Staff
) -> list[int]:
    """Leave these people out of every figure as bots or test accounts, or take that back: one restatement and one entry
    of the log for all. Answers whom that changed."""
    lock(brand)
    changed: list[int] = []
    for start in range(0, len(people), PART):
        changed += _set_flag(brand, people[start : start + PART], flag, on)
    if changed:
        restate_later(brand, members=changed, at=at, by=by)
        deed, key = DEEDS[flag]
        log(brand, by=by, deed=deed, about="members", at=at, after={key: on, "members": len(changed)})
    return changed


@transaction.atomic
def set_staff(member: Member, *, spans: Sequence[Span], at: dt.datetime, by: Staff) -> list[Span]:
    """The person acts for the brand on these days and on no others; days that touch become one span. Answers the spans
    before. From then on imports leave the person's spans alone."""
    lock(member.brand)
    before = _set_spans(member, spans, at=at, by=by)
    if before is None:
        return spans_of(member)
    restate_later(member.brand, members=[member.pk], at=at, by=by)
    return before


@transaction.atomic
def set_staff_many(
    brand: Brand, *, spans: Mapping[int, Sequence[Span]], at: dt.datetime, by: Staff
) -> dict[int, list[Span]]:
    """The same for a few people, with one restatement. Answers the spans before of those whom that changed."""
    lock(brand)
    if len(spans) > MOST_STAFF:
        raise Refused("members.many_staff", most=MOST_STAFF)
    before = {}
    for member in Member.objects.filter(brand=brand, pk__in=list(spans), erased_at=None):
        were = _set_spans(member, spans[member.pk], at=at, by=by)
        if were is not None:
            before[member.pk] = were
    if before:
        restate_later(brand, members=list(before), at=at, by=by)
    return before


def _set_spans(member: Member, spans: Sequence[Span], *, at: dt.datetime, by: Staff) -> list[Span] | None:
    """The spans before, None where nothing changes."""
    wanted = united(spans)
    before = spans_of(member)
    if wanted == before:
        return None
    rows = StaffSpan.objects.filter(member__in=homes_of(member.brand, [member.pk]))
    kept = {(row.from_on, row.until_on): row.pk for row in rows if (row.from_on, row.until_on) in wanted}
    rows.exclude(pk__in=kept.values()).delete()
    StaffSpan.objects.bulk_create(
        StaffSpan(member=member, from_on=start, until_on=end)
        for start, end in wanted
        if (start, end) not in kept
    )
    about = f"member:{member.pk}"
    told = [{"staff": written(part)} for part in (before, wanted)]
    log(member.brand, by=by, deed=BY_HAND, about=about, at=at, before=told[0], after=told[1])
    return before


def is_set_by_hand(member: Member) -> bool:
    """Whether somebody has said on which days the person is on the staff."""
    return AuditEntry.objects.filter(brand=member.brand, deed=BY_HAND, about=f"member:{member.pk}").exists()


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

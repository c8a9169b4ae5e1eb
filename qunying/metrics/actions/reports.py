"""Verbs of reports: open and close a link to one, write under one, note that one left the house."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction

from qunying.brands.actions import log
from qunying.brands.models import Staff
from qunying.communities.models import Community
from qunying.kit import days
from qunying.kit.blacking import BLACKED
from qunying.kit.errors import Invalid, NotAllowed
from qunying.members.erasing import Traces
from qunying.members.models import Member
from qunying.metrics.models import Comment, Share

LONGEST_LIFE = 365
LONGEST_COMMENT = 2000


@transaction.atomic
def share_report(
    staff: Staff, *, community: Community | None, first: int, last: int, live_days: int, at: dt.datetime
) -> Share:
    """A link to the report of these days, good for `live_days`; a new one every time. A link over several communities
    shows those in the staff member's reach."""
    if not 1 <= live_days <= LONGEST_LIFE:
        raise Invalid("metrics.bad_link_life", days=live_days, most=LONGEST_LIFE)
    share = Share.objects.create(
        brand=staff.brand,
        community=community,
        reach=staff.reach if community is None else None,
        token=secrets.token_urlsafe(32),
        first=first,
        last=last,
        created_at=at,
        created_by=staff,
        expires_at=at + dt.timedelta(days=live_days),
    )
    after = {**_days(first, last), "expires_at": share.expires_at.isoformat()}
    log(staff.brand, by=staff, deed="report.shared", about=f"share:{share.pk}", at=at, after=after)
    return share


@transaction.atomic
def revoke_share(share: Share, *, at: dt.datetime, by: Staff) -> None:
    """The link opens no more; revoking again keeps the first time."""
    if Share.objects.filter(pk=share.pk, revoked_at=None).update(revoked_at=at):
        log(share.brand, by=by, deed="report.share_revoked", about=f"share:{share.pk}", at=at)


@transaction.atomic
def comment(
    staff: Staff, *, community: Community | None, first: int, last: int, text: str, at: dt.datetime
) -> Comment:
    """Write under the report of these days. Nothing written is refused."""
    text = text.strip()
    if not text or len(text) > LONGEST_COMMENT:
        raise Invalid("metrics.bad_comment", most=LONGEST_COMMENT)
    row = Comment.objects.create(
        brand=staff.brand, community=community, first=first, last=last, author=staff, text=text, created_at=at
    )
    about = f"comment:{row.pk}"
    log(staff.brand, by=staff, deed="report.commented", about=about, at=at, after=_days(first, last))
    return row


@transaction.atomic
def take_back(row: Comment, *, at: dt.datetime, by: Staff) -> None:
    """Remove one's own comment."""
    if row.author_id != by.pk:
        raise NotAllowed("metrics.not_your_comment")
    about = f"comment:{row.pk}"
    row.delete()
    log(by.brand, by=by, deed="report.comment_removed", about=about, at=at)


def note_export(staff: Staff, *, first: int, last: int, form: str, at: dt.datetime) -> None:
    """Write down that the staff member took a report out as a file."""
    about = f"report:{days.date(first)}..{days.date(last)}"
    log(staff.brand, by=staff, deed="report.exported", about=about, at=at, after={"form": form})


@transaction.atomic
def forget_person(member: Member, traces: Traces) -> int:
    """Black out the person's names and accounts in comments; answers how many."""
    touched = 0
    for word in traces.words:
        for row in Comment.objects.filter(brand=member.brand_id, text__contains=word):
            Comment.objects.filter(pk=row.pk).update(text=row.text.replace(word, BLACKED))
            touched += 1
    return touched


def _days(first: int, last: int) -> dict[str, object]:
    return {"from": days.date(first).isoformat(), "to": days.date(last).isoformat()}

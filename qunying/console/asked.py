"""What every page asks the database beside its own: one query for all of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from qunying.brands.access import BrandRequest
from qunying.brands.models import AuditEntry
from qunying.communities.models import Community
from qunying.console.waiting import counted
from qunying.members.models import Member, StaffSpan
from qunying.outbox.models import Stop

DECIDED = " OR ".join(f"deed LIKE '{about}.%%'" for about in ("finding", "advice", "run", "playbook"))


@dataclass(frozen=True)
class Known:
    """Whether anything was imported, anybody is staff, a finding was decided on, a report was made, whether sending is
    stopped anywhere in the brand, and how many things wait for the staff member."""

    has_imported: bool
    has_staffed: bool
    has_decided: bool
    has_reported: bool
    is_stopped: bool
    waiting: int


def known(request: BrandRequest) -> Known:
    """Asked once a request. Plain SQL, since composing it would take longer than the answer."""
    held = request.__dict__.get("_known")
    if isinstance(held, Known):
        return held
    community, log = Community._meta.db_table, AuditEntry._meta.db_table
    span, member, stop = StaffSpan._meta.db_table, Member._meta.db_table, Stop._meta.db_table
    count, given = counted(request.staff)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS(SELECT 1 FROM {community} WHERE brand_id = %s AND covered_to IS NOT NULL), "
            f"EXISTS(SELECT 1 FROM {span} JOIN {member} ON {member}.id = member_id WHERE brand_id = %s), "
            f"EXISTS(SELECT 1 FROM {log} WHERE brand_id = %s AND ({DECIDED})), "
            f"EXISTS(SELECT 1 FROM {log} WHERE brand_id = %s AND deed LIKE 'report.%%'), "
            f"EXISTS(SELECT 1 FROM {stop} WHERE brand_id = %s AND resumed_at IS NULL), ({count})",
            [*[request.brand.pk] * 5, *given],
        )
        imported, staffed, decided, reported, stopped, waiting = cursor.fetchone()
    found = Known(
        bool(imported), bool(staffed), bool(decided), bool(reported), bool(stopped), waiting=int(waiting)
    )
    request.__dict__["_known"] = found
    return found

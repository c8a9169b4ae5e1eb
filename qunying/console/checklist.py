"""上手清单: the first five steps of a brand, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import connection
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from qunying.brands.access import BrandRequest
from qunying.brands.models import AuditEntry, Brand, Staff
from qunying.communities.models import Community
from qunying.console.menu import menu
from qunying.kit.refusals import Text
from qunying.members.models import Member, StaffSpan
from qunying.outbox.models import Stop

COOKIE = "checklist"
SEEN = "overview_seen"
DECIDED = " OR ".join(f"deed LIKE '{about}.%%'" for about in ("finding", "advice", "run", "playbook"))


@dataclass(frozen=True)
class Step:
    """One step: what to do, why, where, and whether it is done. `posts` for a step that visiting itself completes,
    `is_next` for the first open one."""

    label: Text
    why: Text
    url: str
    is_done: bool
    posts: bool = False
    is_next: bool = False


@dataclass(frozen=True)
class Progress:
    """What the menu's foot shows."""

    done: int
    total: int
    next_label: Text
    next_url: str


def first_page(staff: Staff) -> str:
    """Where this staff member's day begins: the first entry of their menu."""
    groups = menu(staff, path="")
    return groups[0].items[0].url if groups else reverse("start", args=[staff.brand.slug])


def steps(request: BrandRequest) -> list[Step]:
    """The five steps for this brand."""
    brand, told = request.brand, known(request)
    seen = request.COOKIES.get(SEEN) == "1"
    here = reverse("start", args=[brand.slug])
    visit = reverse("overview_visit", args=[brand.slug])
    every = [
        Step(
            _("导入数据"),
            _("导入群成员表、后台统计表或聊天记录。"),
            _address("imports", brand, here),
            told.has_imported,
        ),
        Step(
            _("标记员工"),
            _("标记员工后，各项数据只统计群成员。"),
            _address("members", brand, here),
            told.has_staffed,
        ),
        Step(_("查看概览"), _("看群人数、活跃与留存。"), visit, seen, posts=True),
        Step(
            _("处理一条诊断"), _("采纳或忽略一条建议。"), _address("findings", brand, here), told.has_decided
        ),
        Step(_("生成报告"), _("生成并分享第一份报告。"), _address("report", brand, here), told.has_reported),
    ]
    following = next((at for at, step in enumerate(every) if not step.is_done), -1)
    return [replace(step, is_next=at == following) for at, step in enumerate(every)]


@dataclass(frozen=True)
class Known:
    """Whether anything was imported, anybody is staff, a finding was decided on, a report was made, and whether sending
    is stopped anywhere in the brand."""

    has_imported: bool
    has_staffed: bool
    has_decided: bool
    has_reported: bool
    is_stopped: bool


def known(request: BrandRequest) -> Known:
    """What every page asks of the brand, once each. Plain SQL, since composing it would take longer than the answer."""
    held = request.__dict__.get("_known")
    if isinstance(held, Known):
        return held
    community, log = Community._meta.db_table, AuditEntry._meta.db_table
    span, member, stop = StaffSpan._meta.db_table, Member._meta.db_table, Stop._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS(SELECT 1 FROM {community} WHERE brand_id = %s AND covered_to IS NOT NULL), "
            f"EXISTS(SELECT 1 FROM {span} JOIN {member} ON {member}.id = member_id WHERE brand_id = %s), "
            f"EXISTS(SELECT 1 FROM {log} WHERE brand_id = %s AND ({DECIDED})), "
            f"EXISTS(SELECT 1 FROM {log} WHERE brand_id = %s AND deed LIKE 'report.%%'), "
            f"EXISTS(SELECT 1 FROM {stop} WHERE brand_id = %s AND resumed_at IS NULL)",
            [request.brand.pk] * 5,
        )
        found = Known(*map(bool, cursor.fetchone()))
    request.__dict__["_known"] = found
    return found


def _address(route: str, brand: Brand, otherwise: str) -> str:
    try:
        return reverse(route, args=[brand.slug])
    except NoReverseMatch:
        return otherwise


def progress(request: BrandRequest) -> Progress | None:
    """None once everything is done, or where this browser has put the checklist away."""
    if request.COOKIES.get(COOKIE) == "off":
        return None
    every: Sequence[Step] = steps(request)
    open_steps = [step for step in every if not step.is_done]
    if not open_steps:
        return None
    following = open_steps[0]
    url = reverse("start", args=[request.brand.slug])
    return Progress(len(every) - len(open_steps), len(every), following.label, url)

"""上手清单: the first five steps of a brand, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from qunying.brands.access import BrandRequest
from qunying.brands.models import Brand, Staff
from qunying.console.asked import known
from qunying.console.menu import menu
from qunying.kit.refusals import Text

COOKIE = "checklist"
SEEN = "overview_seen"


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

"""打标签: on one person or on many, and taken back from the toast."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from qunying.audiences.pages import steps
from qunying.audiences.pages.card import entered
from qunying.audiences.pages.members import back, picked
from qunying.brands.access import BrandRequest
from qunying.kit.errors import Invalid
from qunying.members.actions import Tagging, put_back, tag_many, untag_many

KEPT = "taggings"
PART = 5000


def tags(request: BrandRequest) -> HttpResponse:
    """POST: put a tag on the chosen people, or with `off` take it from them."""
    name = _name(request)
    changed = _change(request, name, picked(request).members)
    text = (
        _("已从 {n} 位群成员去掉标签“{tag}”")
        if request.POST.get("off")
        else _("已给 {n} 位群成员打上标签“{tag}”")
    )
    _tell(request, name, changed, text.format(n=f"{len(changed):,}", tag=name))
    return redirect(back(request))


def tag(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: put a tag on the person, or with `off` take it off."""
    _scope, one = entered(request, pk)
    name, is_off = _name(request), bool(request.POST.get("off"))
    changed = _change(request, name, one.ids if is_off else [one.root.pk])
    text = _("已去掉标签“{tag}”") if is_off else _("已打上标签“{tag}”")
    _tell(request, name, changed, text.format(tag=name))
    return redirect("member", request.brand.slug, one.root.pk)


def undone(request: BrandRequest) -> HttpResponse:
    """POST: take back what this session did last with tags, for exactly the people it changed; once."""
    kept = steps.take(request, KEPT)
    at, name = dt.datetime.now(dt.UTC), kept["tag"]
    if kept["off"]:
        put_back(request.brand, name=name, taggings=list(_read(kept)), at=at, by=request.staff)
        messages.success(request, _("已恢复标签“{tag}”").format(tag=name))
    else:
        _take_off(request, name, list(_read(kept)), at=at)
        messages.success(request, _("已撤销标签“{tag}”").format(tag=name))
    return redirect("members", request.brand.slug)


def _name(request: BrandRequest) -> str:
    name = request.POST.get("tag", "").strip()
    if not 0 < len(name) <= 30:
        raise Invalid("audiences.no_tag")
    return name


def _change(request: BrandRequest, name: str, people: Sequence[int]) -> list[Tagging]:
    """Tag or untag in parts; what has changed."""
    at, by = dt.datetime.now(dt.UTC), request.staff
    origin = _("员工 {name} 添加").format(name=by.name)[:60]
    changed: list[Tagging] = []
    for start in range(0, len(people), PART):
        part = people[start : start + PART]
        if request.POST.get("off"):
            changed += untag_many(request.brand, name=name, members=part, at=at, by=by)
        else:
            changed += tag_many(request.brand, name=name, members=part, origin=origin, at=at, by=by)
    return changed


def _take_off(request: BrandRequest, name: str, taggings: Sequence[Tagging], *, at: dt.datetime) -> None:
    """Off those who got the tag in that step; whom somebody tagged anew since keeps it."""
    for start in range(0, len(taggings), PART):
        part = taggings[start : start + PART]
        members = [row.member for row in part]
        put_at = part[0].created_at
        untag_many(request.brand, name=name, members=members, at=at, by=request.staff, put_at=put_at)


def _tell(request: BrandRequest, name: str, changed: list[Tagging], text: str) -> None:
    """The toast, with undo where anybody was changed."""
    if not changed:
        messages.success(request, text)
        return
    kept = {"tag": name, "off": bool(request.POST.get("off")), "people": list(_written(changed))}
    step = steps.keep(request, KEPT, kept)
    undo = f"{reverse('member_tags_undone', args=[request.brand.slug])}?step={step}"
    messages.success(request, text, extra_tags=f"undo:{undo}")


def _written(changed: Sequence[Tagging]) -> Iterator[tuple[str, str, str]]:
    """Small enough for a session: the members of each origin and moment as one set."""
    alike = defaultdict(list)
    for row in changed:
        alike[row.origin, row.created_at.isoformat()].append(row.member)
    for (origin, moment), members in alike.items():
        yield origin, moment, steps.packed(members)


def _read(kept: steps.Kept) -> Iterator[Tagging]:
    for origin, moment, members in kept["people"]:
        for member in steps.unpacked(members):
            yield Tagging(member, origin, dt.datetime.fromisoformat(moment))

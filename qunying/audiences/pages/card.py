"""群成员卡片: one person in a drawer or on a page of its own, with history, stage, communities, accounts and merges."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qunying.audiences import consents
from qunying.audiences.card import Person, person
from qunying.audiences.likeness import suggestions
from qunying.audiences.queries import history, member
from qunying.brands.access import BrandRequest
from qunying.brands.log import lines, looks
from qunying.communities.scope import Scope, frame, scope_of
from qunying.kit.errors import Missing, NotAllowed
from qunying.members.actions import merge, unmerge
from qunying.members.models import Merge, Via

PARTS = ("history", "stage", "communities", "accounts", "consent", "looks")
LINES = 40


def card(request: BrandRequest, pk: int) -> HttpResponse:
    """The drawer for htmx, the page otherwise, opened at its first part."""
    scope, one = entered(request, pk)
    context = {**frame(scope), **head(scope, one), **part_of(scope, one, "history")}
    return render(request, "audiences/_card.html" if is_fragment(request) else "audiences/card.html", context)


def part(request: BrandRequest, pk: int, name: str) -> HttpResponse:
    """The card opened at one part."""
    if name not in PARTS:
        raise Missing("brands.not_found")
    if name == "looks" and not request.staff.may("audit.read"):
        raise NotAllowed("brands.may_not", permission="audit.read")
    scope, one = entered(request, pk)
    context = {**frame(scope), **head(scope, one, part=name), **part_of(scope, one, name)}
    if not is_fragment(request):
        return render(request, "audiences/card.html", context)
    answer = render(request, "audiences/_card.html", context)
    answer["HX-Retarget"], answer["HX-Reswap"] = (
        ".person",
        "outerHTML",
    )  # the whole card: its tabs show the part
    return answer


def is_fragment(request: BrandRequest) -> bool:
    """Whether htmx asks, for the drawer or a part of it."""
    return "HX-Request" in request.headers


def entered(request: BrandRequest, pk: int) -> tuple[Scope, Person]:
    """The person within the staff member's communities; Missing otherwise. The page's own community choice is
    ignored."""
    scope = scope_of(request, dt.datetime.now(dt.UTC))
    everywhere = Scope(scope.staff, scope.nodes, None, scope.today, scope.position)
    return everywhere, person(everywhere, member(request.brand, pk))


@dataclass(frozen=True)
class Section:
    label: str
    url: str
    is_current: bool


def _label(part: str) -> str:
    return {
        "history": _("动态"),
        "stage": _("为什么是这个阶段"),
        "communities": _("入群记录"),
        "accounts": _("账号与合并"),
        "consent": _("授权与拒收"),
        "looks": _("谁看过个人信息"),
    }[part]


def head(scope: Scope, one: Person, *, part: str = "history") -> dict[str, object]:
    """What stands above the parts."""
    slug = scope.brand.slug
    url = reverse("member", args=[slug, one.root.pk])
    may_edit = scope.staff.may("members.edit")
    return {
        "one": one,
        "member": one.shown(url),
        "reveal_url": reverse("member_disclosures", args=[slug, one.root.pk]),
        "deeds": [{"label": _("打标签与编辑"), "url": url, "icon": "tag"}] if may_edit else [],
        "sections": [
            Section(_label(name), reverse("member_part", args=[slug, one.root.pk, name]), name == part)
            for name in PARTS
            if name != "looks" or scope.staff.may("audit.read")
        ],
        "body": f"audiences/_card_{part}.html",
        "may_edit": may_edit,
        "marks": one.marks,
        "may_erase": scope.staff.may("members.erase"),
    }


def part_of(scope: Scope, one: Person, name: str) -> dict[str, object]:
    """What one part needs."""
    if name == "history":
        return {
            "moments": history(scope.brand, one.ids, one.names_of_places, many=LINES),
            "spans": one.stage_changes(),
        }
    if name == "stage":
        return {"reasons": one.reasons(), "core": one.core()}
    if name == "communities":
        return {"stays": one.stays()}
    if name == "consent":
        return consent_of(one)
    if name == "looks":
        rows = looks(scope.brand, one.ids)
        return {"looks": lines(scope.brand, rows[:LINES]), "person_key": f"member:{one.root.pk}"}
    return accounts_of(scope, one)


def consent_of(one: Person) -> dict[str, object]:
    """The person's word by purpose, everything ever said, and the entries on the list of opt-outs."""
    listed = consents.opt_outs_for(one)
    return {
        "words": consents.words(one),
        "said": consents.history(one),
        "opt_outs": listed,
        "is_out": any(entry.row.ended_at is None for entry in listed),
        "vias": Via.choices,
    }


def accounts_of(scope: Scope, one: Person) -> dict[str, object]:
    """Accounts, merges that stand, and who may be the same person."""
    found = (
        suggestions(scope.brand, one.root, reach=scope.staff.reach) if scope.staff.may("members.edit") else []
    )
    return {
        "accounts": one.accounts(),
        "merges": Merge.objects.filter(root=one.root, undone_at=None).order_by("-merged_at"),
        "likely": [
            {
                "pk": row.member.pk,
                "name": one.shown_as.name(row.member.name),
                "score": row.score,
                "reasons": row.reasons,
            }
            for row in found
        ],
    }


# -- deeds on one -----------------------------------------------------------------------------------------------


def merges(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: count `other` as the same person; both must be within reach. Can be undone from the toast."""
    _scope, one = entered(request, pk)
    text = request.POST.get("other", "")
    _also, other = entered(request, int(text) if text.isdigit() else 0)
    found = suggestions(request.brand, one.root, reach=request.staff.reach)
    known = next((row for row in found if row.member.pk == other.root.pk), None)
    evidence = "、".join(known.reasons)[:200] if known else _("人工合并")
    score = known.score if known else 100
    at = dt.datetime.now(dt.UTC)
    done = merge(one.root, member=other.root, evidence=evidence, score=score, at=at, by=request.staff)
    undo = reverse("member_unmerge", args=[request.brand.slug, done.pk])
    messages.success(request, _("已合并为同一位群成员，各项数据随之更新"), extra_tags=f"undo:{undo}")
    return redirect("member", request.brand.slug, one.root.pk)


def unmerged(request: BrandRequest, pk: int) -> HttpResponse:
    """POST: take a merge back; a second time changes nothing."""
    done = Merge.objects.select_related("root__brand").filter(pk=pk, root__brand=request.brand).first()
    if done is None:
        raise Missing("members.not_found")
    entered(request, done.root_id)
    unmerge(done, at=dt.datetime.now(dt.UTC), by=request.staff)
    messages.success(request, _("已撤销合并"))
    return redirect("member", request.brand.slug, done.root_id)

"""合并建议: other members who may be the same person, with a score and the reasons. Nothing is merged by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qunying.brands.models import Brand
from qunying.communities.models import Membership
from qunying.members.models import Identity, Member
from qunying.members.sealing import PREFIX, like_of

STRONG = ("phone", "mobile", "email", "unionid", "union_id")
"""Attributes whose equal values name one person."""
SHORTEST = 6
SAME_ACCOUNT, SAME_NAME, RARE_NAME, SHARED_COMMUNITY, SAME_CITY, RIVAL_ACCOUNTS = 95, 45, 15, 15, 10, -30
LEAST, MOST = 50, 8


@dataclass(frozen=True)
class Suggestion:
    """Another member, how likely it is the same person (0–100), and why."""

    member: Member
    score: int
    reasons: tuple[str, ...]


def suggestions(brand: Brand, member: Member, *, reach: Collection[int] | None) -> list[Suggestion]:
    """The likeliest first; only people within the staff member's communities where those are limited."""
    own = _accounts([member.pk])[member.pk]
    named = (
        list(_candidates(brand).filter(name=member.name).exclude(pk=member.pk)[: MOST * 3])
        if len(member.name) > 1
        else []
    )
    same = _same_account(brand, member, own)
    rows = {row.pk: row for row in [*same.values(), *named]}
    accounts, places = _accounts(list(rows)), _places([member.pk, *rows])
    found = []
    for pk, row in rows.items():
        if reach is not None and not places[pk] & set(reach):
            continue
        points = [*_by_account(pk in same), *_by_name(row, member, rare=len(named) == 1)]
        points += _by_surroundings(member, row, own, accounts[pk], places)
        score = max(0, min(100, sum(worth for worth, _words in points)))
        if score >= LEAST:
            found.append(Suggestion(row, score, tuple(words for _worth, words in points)))
    return sorted(found, key=lambda one: (-one.score, one.member.pk))[:MOST]


Points = list[tuple[int, str]]
Account = tuple[str, str, str]


def _candidates(brand: Brand) -> QuerySet[Member]:
    return Member.objects.filter(brand=brand, merged_into=None, erased_at=None, is_bot=False)


def _accounts(members: Sequence[int]) -> dict[int, list[Account]]:
    found: dict[int, list[Account]] = defaultdict(list)
    for member, *account in Identity.objects.filter(member__in=members).values_list(
        "member_id", "scheme", "scope", "value"
    ):
        found[member].append((account[0], account[1], account[2]))
    return found


def _places(members: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for member, community in Membership.objects.filter(member__in=members).values_list(
        "member_id", "community_id"
    ):
        found[member].add(community)
    return found


def _same_account(brand: Brand, member: Member, own: Sequence[Account]) -> dict[int, Member]:
    """Members with an account of the same value elsewhere, or with the same strong attribute."""
    values = [value for _scheme, _scope, value in own if len(value) >= SHORTEST]
    pks = set(Identity.objects.filter(brand=brand, value__in=values).values_list("member_id", flat=True)) - {
        member.pk
    }
    found = {row.pk: row for row in _candidates(brand).filter(pk__in=pks)[:MOST]}
    for name in STRONG:
        value = member.attributes.get(name)
        if value and len(str(value)) >= SHORTEST:
            same = f"attributes__{name}" + ("__startswith" if str(value).startswith(PREFIX) else "")
            rows = _candidates(brand).filter(**{same: like_of(str(value))}).exclude(pk=member.pk)
            found |= {row.pk: row for row in rows[:MOST]}
    return found


def _by_account(same: bool) -> Points:
    return [(SAME_ACCOUNT, _("账号或联系方式相同"))] if same else []


def _by_name(row: Member, member: Member, *, rare: bool) -> Points:
    if row.name != member.name or len(member.name) < 2:
        return []
    found = [(SAME_NAME, _("昵称相同"))]
    return [*found, (RARE_NAME, _("这个昵称只有两位在用"))] if rare else found


def _by_surroundings(
    member: Member,
    row: Member,
    own: Sequence[Account],
    other: Sequence[Account],
    places: Mapping[int, set[int]],
) -> Points:
    """Shared communities and city speak for it; two accounts on one platform against it."""
    found: Points = []
    homes = {(scheme, scope) for scheme, scope, _value in own}
    rival = any(
        (scheme, scope) in homes and (scheme, scope, value) not in own for scheme, scope, value in other
    )
    if rival:
        found.append((RIVAL_ACCOUNTS, _("在同一平台各有一个账号")))
    if places[member.pk] & places[row.pk]:
        found.append(
            (SHARED_COMMUNITY, _("同在 {n} 个社群").format(n=len(places[member.pk] & places[row.pk])))
        )
    if member.attributes.get("city") and member.attributes.get("city") == row.attributes.get("city"):
        found.append((SAME_CITY, _("城市相同")))
    return found

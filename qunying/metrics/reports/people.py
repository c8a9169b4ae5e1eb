"""The people of a report: whom to thank for this period, and whom to win back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from qunying.audiences.columns import columns
from qunying.audiences.contribution import MESSAGE, MESSAGES_A_DAY, REACTION, REPLIED_TO
from qunying.audiences.masking import OnScreen
from qunying.audiences.models import DayCount
from qunying.audiences.sets import Sets
from qunying.audiences.stages import KEYS, LABELS
from qunying.audiences.standing import RANK, standing
from qunying.communities.fact_kinds import SENT
from qunying.facts import log
from qunying.facts.models import Fact
from qunying.kit.refusals import Text
from qunying.members.models import Member
from qunying.metrics.reports.blocks import About
from qunying.metrics.reports.tables import Table

Ints = NDArray[np.int64]
PLACES = 10
MOST = 30
MISSED = 20
BACK_DAYS = 30
"""Whom to win back first is decided by what they gave in so many days before the period."""


@dataclass(frozen=True)
class Thanked:
    """A contributor: equal scores share a rank."""

    rank: int
    member: int
    name: str
    url: str
    score: int
    messages: int
    replies: int


@dataclass(frozen=True)
class Missed:
    """Someone who was there and fell silent; `last_on` is the day of their last words, None where we know none."""

    member: int
    name: str
    url: str
    was: Text
    now: Text
    stage: str
    last_on: dt.date | None


def thanks(about: About) -> Mapping[str, object] | None:
    """The ten greatest contributions of the period, whoever ties with the tenth being in; at most 30 are named."""
    period = about.range.period
    sets = about.asker.question(period.first, period.last).sets
    bits, score = contributions(sets, period.first, period.last)
    if not len(bits):
        return None
    order = np.lexsort((bits, -score))
    cut = score[order[min(PLACES, len(order)) - 1]]
    order = order[score[order] >= cut]
    messages = _counted(sets, DayCount.Kind.MESSAGES, period.first, period.last)
    replies = _counted(sets, DayCount.Kind.REPLIED_TO, period.first, period.last)
    chosen = order[:MOST]
    members = sets.members(bits[chosen].tolist())
    known = names(about, members)
    rows = []
    for place, member in zip(chosen.tolist(), members, strict=True):
        bit, worth = int(bits[place]), int(score[place])
        rank = int((score > worth).sum()) + 1
        said, met = messages.get(bit, 0), replies.get(bit, 0)
        rows.append(Thanked(rank, member, known[member], _url(about, member), worth, said, met))
    return {"people": rows, "more": len(order) - len(rows)}


def contributions(sets: Sets, first: int, last: int) -> tuple[Ints, Ints]:
    """Bits and their contribution over the days, by the rule of audiences.contribution; positive ones only."""
    parts = [
        (keys.astype(np.int64), MESSAGE * np.minimum(times.astype(np.int64), MESSAGES_A_DAY))
        for keys, times in sets.counts_by_day(DayCount.Kind.MESSAGES, first, last).values()
    ]
    for kind, worth in ((DayCount.Kind.REPLIED_TO, REPLIED_TO), (DayCount.Kind.REACTIONS, REACTION)):
        keys, times = sets.counts(kind, first, last)
        parts.append((keys.astype(np.int64), worth * times.astype(np.int64)))
    bits, place = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
    scores = np.bincount(place, weights=np.concatenate([part[1] for part in parts]), minlength=len(bits))
    return bits, scores.astype(np.int64)


def missed(about: About) -> Mapping[str, object] | None:
    """Who was core or active the day before the period and is silent or dormant at its end, the most giving first."""
    period = about.range.period
    if period.first - 1 < about.range.since:
        return None
    was, now = _ranks(about, period.first - 1), _ranks(about, period.last)
    gone = np.flatnonzero(_is(was, "core", "active") & _is(now, "silent", "dormant"))
    sets = Sets(about.brand, about.scope.places)
    given = np.zeros(len(was), dtype=np.int64)
    bits, score = contributions(sets, period.first - BACK_DAYS, period.first - 1)
    given[_people(about, sets, bits)] = score
    order = gone[np.lexsort((gone, -given[gone]))]
    held = columns(about.brand)
    members = held.member_of_bit[order[:MISSED]].tolist()
    known, words = names(about, members), _last_words(about, members)
    rows = []
    for bit, member in zip(order[:MISSED].tolist(), members, strict=True):
        stage = _stage(now[bit])
        link, told = _url(about, member), words.get(member)
        rows.append(Missed(member, known[member], link, _label(was[bit]), LABELS[stage], stage, told))
    return {"people": rows, "more": len(order) - len(rows), "count": len(order)}


def _people(about: About, sets: Sets, bits: Ints) -> Ints:
    """Bits of these sets as member bits."""
    found: Ints = columns(about.brand).person[bits] if sets.is_single and len(bits) else bits
    return found


def _ranks(about: About, day: int) -> Ints:
    """Over member bits: the rank of the best stage in the report's communities at the end of the day, 0 for none."""
    held = columns(about.brand)
    stood = standing(about.brand, held, day, position=about.scope.position)
    own = np.flatnonzero(
        np.isin(held.community, about.scope.places) & (held.canon == np.arange(len(held.canon)))
    )
    found = np.zeros(len(held.member_of_bit), dtype=np.int64)
    np.maximum.at(found, held.person[own], RANK[stood.stage[own]])
    found[np.array(stood.erased.to_array(), dtype=np.int64)] = 0
    return found


def _is(ranks: Ints, *stages: str) -> NDArray[np.bool_]:
    return np.isin(ranks, RANK[[KEYS.index(stage) for stage in stages]])


def _stage(rank: int) -> str:
    return KEYS[int(np.flatnonzero(rank == RANK)[0])]


def _label(rank: int) -> Text:
    return LABELS[_stage(rank)]


def _last_words(about: About, members: Sequence[int]) -> dict[int, dt.date]:
    """The brand's day of each member's latest message up to the period's end."""
    clock = about.brand.clock
    before = clock.start(about.range.period.last + 1)
    merged = Member.objects.filter(brand=about.brand, merged_into__in=members).values_list(
        "pk", "merged_into"
    )
    roots = {**{member: member for member in members}, **{home: root or home for home, root in merged}}
    said = Fact.objects.filter(
        brand=about.brand.pk,
        day__in=log.days_of(about.brand),
        member__in=list(roots),
        kind=SENT,
        community__in=about.scope.places,
        happened_at__lt=before,
    )
    found: dict[int, int] = {}
    for home, at in said.values_list("member").annotate(at=Max("happened_at")):
        if home is not None:
            found[roots[home]] = max(at, found.get(roots[home], 0))
    return {member: clock.local(at).date() for member, at in found.items()}


def _counted(sets: Sets, kind: int, first: int, last: int) -> dict[int, int]:
    bits, times = sets.counts(kind, first, last)
    return dict(zip(bits.tolist(), times.tolist(), strict=True))


def names(about: About, members: Sequence[int]) -> dict[int, str]:
    """Names as the reader may see them."""
    shown = OnScreen(about.scope.staff)
    rows = Member.objects.filter(brand=about.brand, pk__in=members).values_list("pk", "name")
    return {pk: shown.name(name) for pk, name in rows}


def _url(about: About, member: int) -> str:
    if not about.scope.staff.may("members.read"):
        return ""
    return reverse("member", args=[about.brand.slug, member])


def thanked_table(block: Mapping[str, Any]) -> list[Table]:
    """Whom to thank, as the page lists them."""
    head = (_("名次"), _("群成员"), _("贡献分"), _("发言"), _("被回复"))
    rows = tuple((row.rank, row.name, row.score, row.messages, row.replies) for row in block["people"])
    rule = _("贡献分 = 发言 2 分（每天最多计 10 条）+ 被回复 1 分 + 表情回应 1 分；同分并列。")
    return [Table(_("值得感谢的群成员"), head, rows, rule + _unlisted(block["more"]))]


def missed_table(block: Mapping[str, Any]) -> list[Table]:
    """Whom to win back, as the page lists them."""
    head = (_("群成员"), _("期初阶段"), _("期末阶段"), _("最后发言"))
    rows = tuple(
        (row.name, str(row.was), str(row.now), row.last_on.isoformat() if row.last_on else "")
        for row in block["people"]
    )
    return [Table(_("值得挽回的群成员"), head, rows, _unlisted(block["more"]))]


def _unlisted(more: int) -> str:
    return _("另有 {n} 位未列出。").format(n=more) if more else ""

"""品牌声量 and 刷屏: messages with a brand's own words, and waves of near-equal messages (kpi.md §3.12).

Words are looked for in the texts that are still kept; where a community's texts of a day are gone, the answer is “not
computed”. Waves are found by what facts remember of a text, so they need no texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_

import numpy as np
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from qunying.brands.preferences import words
from qunying.brands.rows import table
from qunying.communities.fact_kinds import RECALLED, SENT
from qunying.communities.models import Message
from qunying.facts import log
from qunying.facts.marks import TEXTLESS
from qunying.metrics.kinds import Answer, Listed, Metric, Question

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

FLOOD_LEAST = 5
FLOOD_MS = 10 * 60_000
FLOOD_ACCOUNTS = 3

NO_TERMS = _("还没有设置品牌词，请到品牌设置中填写")
NO_RIVALS = _("还没有设置竞品词，请到品牌设置中填写")
NO_TEXTS = _("这段时间的聊天原文已到期清除")


def mentions(q: Question) -> Answer:
    """Messages with one of the terms; a message counts once however many it holds. Base: all messages with text."""
    terms = q.terms or tuple(words(q.brand, "brand_terms"))
    if not terms:
        return Answer.not_computed(NO_TERMS)
    if not _keeps_texts(q):
        return Answer.not_computed(NO_TEXTS)
    found = _with_terms(q, terms)
    return Answer.times(len(found), lambda: found)


def share_of_voice(q: Question) -> Answer:
    """Messages with our terms ÷ (those + messages with competitors' terms); one with both counts on both sides."""
    rivals = tuple(words(q.brand, "rival_terms"))
    own = mentions(q)
    if own.state != "ok":
        return own
    if not rivals:
        return Answer.not_computed(NO_RIVALS)
    ratio = Answer.ratio(own.numerator or 0, (own.numerator or 0) + len(_with_terms(q, rivals)))
    return Answer(ratio.value, ratio.numerator, ratio.denominator, ratio.state, listing=own.listing)


def _with_terms(q: Question, terms: Iterable[str]) -> list[Listed]:
    rows = Message.objects.filter(
        reduce(or_, (Q(text__icontains=term) for term in terms)),
        brand=q.brand.pk,
        community__in=[row.pk for row in q.communities],
        day__range=(q.first, q.last),
    )
    told = table(rows.order_by("sent_at", "pk").values_list("member", "day", "sent_at", "subject"), 4)
    member, day, at, subject = told.T
    keep = counts_on(q, member, day) & ~np.isin(subject, log.recalled(q.brand, RECALLED))
    return [Listed(who, when) for who, when in zip(member[keep].tolist(), at[keep].tolist(), strict=True)]


def _keeps_texts(q: Question) -> bool:
    """Whether every day on which a community has messages with text still has some of those texts."""
    places = [row.pk for row in q.communities]
    held = Message.objects.filter(
        brand=q.brand.pk, community__in=places, day__range=(q.first, q.last)
    ).exclude(text="")
    kept = set(held.values_list("community", "day").distinct())
    numbers = ", ".join(str(place) for place in places)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT community, day FROM {log.TABLE} WHERE brand = %s AND day BETWEEN %s AND %s "
            f"AND kind = {SENT} AND community IN ({numbers}) AND marks & {TEXTLESS} = 0 AND value > 0",
            [q.brand.pk, q.first, q.last],
        )
        return set(cursor.fetchall()) <= kept


def floods(q: Question) -> Answer:
    """Messages that belong to a wave: at least 5 near-equal ones in one community within 10 minutes, by at most 3
    accounts. A wave goes on as long as any 10 minutes of it are one."""
    numbers = ", ".join(str(row.pk) for row in q.communities)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, community, member, happened_at, day, coalesce(subject, 0), likeness FROM {log.TABLE} "
            f"WHERE brand = %s AND day BETWEEN %s AND %s AND kind = {SENT} AND community IN ({numbers}) "
            "AND member IS NOT NULL AND likeness IS NOT NULL",
            [q.brand.pk, q.first, q.last],
        )
        told = table(cursor.fetchall(), 7)
    told = told[~np.isin(told[:, 5], log.recalled(q.brand, RECALLED))]
    told = told[counts_on(q, told[:, 2], told[:, 4])]
    told = told[np.lexsort((told[:, 0], told[:, 3], told[:, 6], told[:, 1]))]
    mine = told[_in_waves(told[:, 1], told[:, 6], told[:, 3], q.sets.person_of_members(told[:, 2]))]
    mine = mine[np.lexsort((mine[:, 0], mine[:, 3]))]
    lines = [Listed(who, at, fact) for fact, who, at in mine[:, (0, 2, 3)].tolist()]
    return Answer.times(len(lines), lambda: lines)


def _in_waves(community: Ints, likeness: Ints, at: Ints, person: Ints) -> Mask:
    """Which of the messages, sorted by community, likeness and time, lie in a window of 10 minutes that is a wave."""
    many = len(at)
    found = np.zeros(many + 1, dtype=np.int64)
    alike = np.flatnonzero((np.diff(community) != 0) | (np.diff(likeness) != 0)) + 1
    for start, end in zip([0, *alike.tolist()], [*alike.tolist(), many], strict=True):
        if end - start < FLOOD_LEAST:
            continue
        last = start + np.searchsorted(at[start:end], at[start:end] + FLOOD_MS, side="right")
        for first, beyond in zip(range(start, end), last.tolist(), strict=True):
            if beyond - first >= FLOOD_LEAST and len(np.unique(person[first:beyond])) <= FLOOD_ACCOUNTS:
                found[first] += 1
                found[beyond] -= 1
    return np.cumsum(found)[:many] > 0


def counts_on(q: Question, member: Ints, day: Ints) -> Mask:
    """Who of the members counts on the day: bots, tests and the staff of the day do not."""
    person = q.sets.person_of_members(member)
    out = np.isin(person, np.array(q.sets.columns.left_out.to_array(), dtype=np.int64))
    for bit, start, end in q.sets.columns.staff_spans:
        out |= (person == bit) & (day >= start) & (day <= end)
    return ~out | q.sets.with_everybody


METRICS = (
    Metric(
        "voice.mentions",
        _("品牌声量"),
        "times",
        "period",
        mentions,
        _("含有品牌词的群成员消息条数，一条消息只计一次；员工、机器人与撤回的消息不计。"),
        needs="speech",
        topic="voice",
    ),
    Metric(
        "voice.share",
        _("声量占比"),
        "share",
        "period",
        share_of_voice,
        _("含品牌词的消息 ÷（含品牌词的消息 + 含竞品词的消息），两者都含的消息两边各计一次。"),
        needs="speech",
        topic="voice",
    ),
    Metric(
        "floods",
        _("刷屏消息数"),
        "times",
        "period",
        floods,
        _("同一社群 10 分钟内由不超过 3 个账号发出的 5 条及以上内容近似的消息。"),
        needs="speech",
        good="down",
        topic="voice",
    ),
)

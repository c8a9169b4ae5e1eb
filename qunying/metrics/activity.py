"""Metrics of who is active and who speaks (domain.md §6, kpi.md §3.1, §3.2, §3.8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from qunying.audiences.models import DayCount
from qunying.communities.fact_kinds import RECALLED, SENT
from qunying.facts import log
from qunying.facts.kinds import interactions
from qunying.facts.marks import VALID
from qunying.kit import days
from qunying.metrics.kinds import Answer, Listed, Metric, Question


def dau(q: Question) -> Answer:
    return Answer.people(q.sets.active(q.day))


def wau(q: Question) -> Answer:
    return Answer.people(q.sets.active_over(q.day - 6, q.day))


def mau(q: Question) -> Answer:
    return Answer.people(q.sets.active_over(q.day - 29, q.day))


def wau_calendar(q: Question) -> Answer:
    start = days.week_start(q.day)
    return Answer.people(q.sets.active_over(start, start + 6))


def mau_calendar(q: Question) -> Answer:
    return Answer.people(q.sets.active_over(days.month_start(q.day), days.month_end(q.day)))


def stickiness(q: Question) -> Answer:
    return Answer.share(q.sets.active(q.day), of=q.sets.active_over(q.day - 29, q.day))


def habitual(q: Question) -> Answer:
    """Of those active in the 30 days, the share active on at least 8 of them."""
    q.sets.load(q.day - 29, q.day)
    times = np.zeros(0, dtype=np.int64)
    for day in range(q.day - 29, q.day + 1):
        bits = np.array(q.sets.active(day).to_array(), dtype=np.int64)
        if len(bits) and bits[-1] >= len(times):
            times = np.append(times, np.zeros(bits[-1] + 1 - len(times), dtype=np.int64))
        times[bits] += 1
    often = BitMap(np.flatnonzero(times >= 8).astype(np.uint32))
    return Answer.share(often, of=BitMap(np.flatnonzero(times).astype(np.uint32)))


def active_share(q: Question) -> Answer:
    return Answer.share(q.sets.active_over(q.first, q.last), of=q.sets.present(q.first, q.last))


def speakers(q: Question) -> Answer:
    return Answer.people(q.sets.spoke_over(q.first, q.last))


def speaking_rate(q: Question) -> Answer:
    return Answer.share(q.sets.spoke_over(q.first, q.last), of=q.sets.present(q.first, q.last))


def speaking_rate_end(q: Question) -> Answer:
    spoke, end = q.sets.spoke_over(q.first, q.last), q.sets.present_at_end(q.last)
    return Answer.ratio(len(spoke), len(end), bits=spoke, of=end)


def messages(q: Question) -> Answer:
    return _acts(q, DayCount.Kind.MESSAGES, (SENT,))


def valid_messages(q: Question) -> Answer:
    return _acts(q, DayCount.Kind.VALID, (SENT,), must=VALID)


def interaction_times(q: Question) -> Answer:
    return _acts(q, DayCount.Kind.HOURS, interactions())


def messages_per_speaker(q: Question) -> Answer:
    said = messages(q)
    spoke = len(q.sets.spoke_over(q.first, q.last))
    ratio = Answer.ratio(said.numerator or 0, spoke)
    return Answer(
        ratio.value, ratio.numerator, ratio.denominator, ratio.state, bits=said.bits, listing=said.listing
    )


def _acts(q: Question, kind: int, kinds: Sequence[int], *, must: int = 0) -> Answer:
    bits, times = q.sets.counts(kind, q.first, q.last)
    return Answer.times(int(times.sum()), acts(q, kinds, must=must), bits=BitMap(bits))


def acts(q: Question, kinds: Sequence[int], *, must: int = 0) -> Callable[[], list[Listed]]:
    """The facts of these kinds that count in the question, oldest first, read when asked for."""

    def listing() -> list[Listed]:
        facts = counted(q, kinds, must=must)
        rows = zip(facts.member.tolist(), facts.at.tolist(), facts.id.tolist(), strict=True)
        return [Listed(member, at, fact) for member, at, fact in rows]

    return listing


def counted(q: Question, kinds: Sequence[int], *, must: int = 0) -> log.Facts:
    """The period's facts of these kinds by people who count on that day, recalled messages left out."""
    places = ", ".join(str(row.pk) for row in q.communities)
    numbers = ", ".join(str(kind) for kind in kinds)
    facts = log.read(
        q.brand,
        f"day BETWEEN %s AND %s AND community IN ({places}) AND kind IN ({numbers}) AND member IS NOT NULL",
        [q.first, q.last],
    )
    gone = log.recalled(q.brand, RECALLED)
    keep = ~((facts.kind == SENT) & np.isin(facts.subject, gone))
    if must:
        keep &= (facts.marks & must) > 0
    return facts.where(keep & ~excluded_facts(q, facts))


def excluded_facts(q: Question, facts: log.Facts) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which facts are by bots, tests, or staff on a day they were staff."""
    person = q.sets.person_of_members(facts.member)
    out = np.isin(person, np.array(q.sets.columns.left_out.to_array(), dtype=np.int64))
    for bit, start, end in q.sets.columns.staff_spans:
        out |= (person == bit) & (facts.day >= start) & (facts.day <= end)
    return out & (not q.sets.with_everybody)


METRICS = (
    Metric(
        "dau",
        _("日活跃人数"),
        "people",
        "day",
        dau,
        _(
            "当天至少互动一次的群成员（去重）。互动包括发言、回复、表情回应、转发、投票、答卷、打卡、参加活动。"
        ),
    ),
    Metric(
        "wau",
        _("近7天活跃人数"),
        "people",
        "7 days",
        wau,
        _("截至当天的 7 天内至少互动一次的群成员（去重）。"),
    ),
    Metric(
        "mau",
        _("近30天活跃人数"),
        "people",
        "30 days",
        mau,
        _("截至当天的 30 天内至少互动一次的群成员（去重）。"),
    ),
    Metric(
        "wau.calendar",
        _("自然周活跃人数"),
        "people",
        "calendar week",
        wau_calendar,
        _("当天所在自然周（周一至周日）内至少互动一次的群成员（去重）。"),
    ),
    Metric(
        "mau.calendar",
        _("自然月活跃人数"),
        "people",
        "calendar month",
        mau_calendar,
        _("当天所在自然月内至少互动一次的群成员（去重）。"),
    ),
    Metric(
        "stickiness",
        _("黏性"),
        "share",
        "30 days",
        stickiness,
        _("当天活跃人数 ÷ 截至当天 30 天的活跃人数。"),
    ),
    Metric(
        "habitual",
        _("常客占比"),
        "share",
        "30 days",
        habitual,
        _("30 天内至少 8 天有互动的群成员 ÷ 30 天内有互动的群成员。"),
    ),
    Metric(
        "active_share",
        _("活跃占比"),
        "share",
        "period",
        active_share,
        _("期间有互动的群成员 ÷ 期间在群的群成员。"),
    ),
    Metric(
        "speakers",
        _("发言人数"),
        "people",
        "period",
        speakers,
        _("期间发过至少一条消息的群成员（去重）。"),
        needs="speech",
    ),
    Metric(
        "speaking_rate",
        _("发言率"),
        "share",
        "period",
        speaking_rate,
        _("期间发过言的群成员 ÷ 期间任一时刻在群的群成员。"),
        needs="speech",
    ),
    Metric(
        "speaking_rate.end",
        _("发言率（按期末群人数）"),
        "share",
        "period",
        speaking_rate_end,
        _("期间发过言的群成员 ÷ 期末群人数，与企业微信后台口径一致。"),
        needs="speech",
    ),
    Metric(
        "messages",
        _("消息数"),
        "times",
        "period",
        messages,
        _("期间群成员发出的消息条数，撤回的不计。"),
        needs="speech",
    ),
    Metric(
        "valid_messages",
        _("有效发言数"),
        "times",
        "period",
        valid_messages,
        _("消息数中去掉仅含“收到”“1”、表情和抢红包的消息。"),
        needs="speech",
    ),
    Metric(
        "interactions", _("互动次数"), "times", "period", interaction_times, _("期间群成员的全部互动次数。")
    ),
    Metric(
        "messages_per_speaker",
        _("人均发言条数"),
        "ratio",
        "period",
        messages_per_speaker,
        _("消息数 ÷ 发言人数。"),
        needs="speech",
    ),
)

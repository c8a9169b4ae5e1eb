"""Metrics of coming and going (domain.md §6): present, joins, leaves, net growth, who leaves the same day."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from pyroaring import BitMap

from qunying.audiences.sets import ASSERTED, Sets
from qunying.metrics.kinds import Answer, Listed, Metric, Question

Mask = NDArray[np.bool_]


def present(q: Question) -> Answer:
    return Answer.people(q.sets.present_at_end(q.last))


def joins(q: Question) -> Answer:
    return _stays(q, joined_mask(q))


def leaves(q: Question) -> Answer:
    return _stays(q, left_mask(q))


def net(q: Question) -> Answer:
    """Joins minus leaves; the list is the joins, the base the leaves."""
    came, went = joins(q), leaves(q)
    difference = (came.numerator or 0) - (went.numerator or 0)
    return Answer(
        difference, came.numerator, went.numerator, bits=came.bits, of=went.bits, listing=came.listing
    )


def same_day_leaves(q: Question) -> Answer:
    """Of the joins of the period, those whose stay ended on the day it began."""
    stays = q.sets.columns.stays
    came = joined_mask(q)
    fled = came & stays.is_left_asserted & (stays.left == stays.joined)
    return _part(q, fled, of=came)


def leave_rate(q: Question) -> Answer:
    """Leaves ÷ (present when the period began + joins)."""
    went = leaves(q)
    base = len(q.sets.present_at_end(q.first - 1)) + int(joined_mask(q).sum())
    ratio = Answer.ratio(went.numerator or 0, base)
    return Answer(
        ratio.value, ratio.numerator, ratio.denominator, ratio.state, bits=went.bits, listing=went.listing
    )


def stayed(days: int) -> Callable[[Question], Answer]:
    """Of the joins of the period, those still in the community when the day `days` later ended."""

    def ask(q: Question) -> Answer:
        if not q.has_ended(q.last + days):
            return Answer.unripe()
        stays = q.sets.columns.stays
        came = joined_mask(q) & (stays.known_to >= stays.joined + days)
        return _part(q, came & (stays.left > stays.joined + days), of=came)

    return ask


def joined_mask(q: Question) -> Mask:
    """Stays that began by a reported join on one of the days."""
    stays = q.sets.columns.stays
    which = (stays.basis == ASSERTED) & (stays.joined >= q.first) & (stays.joined <= q.last)
    if q.source is not None:
        which &= stays.source == q.source
    return counting(q.sets, which, stays.joined)


def left_mask(q: Question) -> Mask:
    """Stays whose end was reported on one of the days."""
    stays = q.sets.columns.stays
    return counting(
        q.sets, stays.is_left_asserted & (stays.left >= q.first) & (stays.left <= q.last), stays.left
    )


def counting(sets: Sets, which: Mask, day: NDArray[np.int64]) -> Mask:
    """Those of the stays that are in the communities and by people who count on the stay's own day."""
    columns = sets.columns
    own = which & sets.stay_is_own
    if sets.with_everybody or not len(own):
        return own
    person = columns.person[columns.stays.bit]
    own &= ~np.isin(person, np.array(columns.left_out.to_array(), dtype=np.int64))
    for bit, start, end in columns.staff_spans:
        own &= ~((person == bit) & (day >= start) & (day <= end))
    return own


def _stays(q: Question, which: Mask) -> Answer:
    return Answer.times(int(which.sum()), _listing(q, which), bits=_bits(q, which))


def _part(q: Question, which: Mask, *, of: Mask) -> Answer:
    ratio = Answer.ratio(int(which.sum()), int(of.sum()))
    return Answer(
        ratio.value,
        ratio.numerator,
        ratio.denominator,
        ratio.state,
        bits=_bits(q, which),
        of=_bits(q, of),
        listing=_listing(q, which),
    )


def _bits(q: Question, which: Mask) -> BitMap:
    return q.sets.scoped(BitMap(np.unique(q.sets.columns.stays.bit[which]).astype(np.uint32)))


def _listing(q: Question, which: Mask) -> Callable[[], list[Listed]]:
    """One line per stay: joining twice is two lines."""

    def lines() -> list[Listed]:
        columns = q.sets.columns
        members = columns.member_of_bit[columns.person[columns.stays.bit[which]]]
        return [Listed(member) for member in members.tolist()]

    return lines


METRICS = (
    Metric(
        "present", _("群人数"), "people", "day", present, _("当天结束时在群的群成员（去重）。"), topic="flows"
    ),
    Metric(
        "joins",
        _("新增入群"),
        "times",
        "period",
        joins,
        _("期间入群的人次。24 小时内退群又入群视为未离开。"),
        needs="joins",
        topic="flows",
    ),
    Metric(
        "leaves",
        _("退群"),
        "times",
        "period",
        leaves,
        _("期间退群或被移出的人次。"),
        good="down",
        topic="flows",
    ),
    Metric(
        "net", _("净增"), "times", "period", net, _("新增入群人次 − 退群人次。"), needs="joins", topic="flows"
    ),
    Metric(
        "same_day_leave_rate",
        _("当日退群率"),
        "share",
        "period",
        same_day_leaves,
        _("入群当天就退群的人次 ÷ 入群人次，可按入群渠道查看。"),
        needs="joins",
        good="down",
        topic="flows",
    ),
    Metric(
        "leave_rate",
        _("退群率"),
        "share",
        "period",
        leave_rate,
        _("退群人次 ÷（期初群人数 + 期间入群人次）。"),
        good="down",
        topic="flows",
    ),
    Metric(
        "in_group_retention.d1",
        _("次日在群留存率"),
        "share",
        "cohort",
        stayed(1),
        _("期间入群、且在入群后第 1 天结束时仍在群的人次 ÷ 期间入群人次。"),
        needs="joins",
        topic="flows",
    ),
    Metric(
        "in_group_retention.d7",
        _("7日在群留存率"),
        "share",
        "cohort",
        stayed(7),
        _("期间入群、且在入群后第 7 天结束时仍在群的人次 ÷ 期间入群人次。"),
        needs="joins",
        topic="flows",
    ),
    Metric(
        "in_group_retention.d30",
        _("30日在群留存率"),
        "share",
        "cohort",
        stayed(30),
        _("期间入群、且在入群后第 30 天结束时仍在群的人次 ÷ 期间入群人次。"),
        needs="joins",
        topic="flows",
    ),
    Metric(
        "in_group_retention.d60",
        _("60日在群留存率"),
        "share",
        "cohort",
        stayed(60),
        _("期间入群、且在入群后第 60 天结束时仍在群的人次 ÷ 期间入群人次。"),
        needs="joins",
        topic="flows",
    ),
)

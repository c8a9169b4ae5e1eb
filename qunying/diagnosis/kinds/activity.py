"""Activity that falls, members who fall silent, talk that a few people carry, interaction that takes one form
only."""

from __future__ import annotations

import numpy as np
from django.utils.translation import gettext_lazy as _

from qunying.communities.fact_kinds import REACTED, SENT, SHARED
from qunying.diagnosis import chance
from qunying.diagnosis.chance import LEVEL
from qunying.diagnosis.kinds import Detector, Evidence, Line, Trace, back_above, back_below, graded
from qunying.diagnosis.place import FOREVER, Floats, Ints, Place
from qunying.facts.marks import TEXTLESS
from qunying.metrics.board import union

FEW = 30
"""kpi.md G13: a rate over fewer is not alerted."""
WEEKS = 4
WINDOW = 5
MONTH = 28


def activity_fell(place: Place) -> list[Trace]:
    """Daily actives of five days far below the same weekdays of the four weeks before. It is about those who
    were active in those weeks and are still there."""
    expected = chance.rolling(np.nan_to_num(chance.same_weekdays(place.dau, weeks=WEEKS)), WINDOW)
    now = chance.rolling(place.dau, WINDOW)
    share = chance.ratio(now, expected)
    middle, spread = chance.usual(share, past=MONTH, gap=WINDOW)
    odd = np.isnan(middle) | (middle - share > LEVEL / 2 * spread)
    alarm = (expected >= FEW) & (share <= 0.6) & (chance.poisson(now, expected) <= -LEVEL) & odd

    def people(opened: int, day: int) -> Ints:
        who = place.active_between(max(0, opened - WINDOW - MONTH), opened - WINDOW)
        return who[place.present_on(day)[who]]

    def evidence(day: int) -> Evidence:
        return {
            "now": round(float(now[day]) / WINDOW, 1),
            "usual": round(float(expected[day]) / WINDOW, 1),
            "fall": round(1 - float(share[day]), 3),
            "days": WINDOW,
        }

    return [
        Trace(
            alarm,
            back_above(now, expected, 0.8),
            evidence,
            people,
            graded(1 - share, bad=0.5, worse=0.7),
            Line(now / WINDOW, expected / WINDOW),
        )
    ]


def silent_share_rose(place: Place) -> list[Trace]:
    """The share of members who are neither new nor heard of within the silent window, against a month before.
    The first month of a community, when all are new, is no measure."""
    if not place.sees_speech:
        return []
    silent = 1 - chance.ratio(_engaged(place), place.present)
    middle, spread = chance.usual(silent, past=MONTH, gap=place.silence + 7)
    n = place.present
    odd = chance.shares(silent * n, n, WEEKS * middle * n, WEEKS * n)
    rise = silent - middle
    alarm = (
        (n >= FEW) & (rise >= 0.1) & (silent >= 1.25 * middle) & (odd >= LEVEL) & (rise > LEVEL / 2 * spread)
    )

    def people(opened: int, day: int) -> Ints:
        return _fell_silent(place, opened - place.silence - MONTH, day)

    def evidence(day: int) -> Evidence:
        return {
            "now": round(float(silent[day]), 3),
            "usual": round(float(middle[day]), 3),
            "members": round(float(silent[day] * n[day])),
            "present": int(n[day]),
            "days": place.silence,
        }

    heals = back_below(silent, middle, 1.1, extra=0.02)
    return [
        Trace(
            np.nan_to_num(alarm).astype(np.bool_),
            heals,
            evidence,
            people,
            graded(rise, bad=0.2, worse=0.3),
            Line(silent, middle, True),
        )
    ]


def _fell_silent(place: Place, since: int, day: int) -> Ints:
    """Members present on the day who were active after `since` but not lately."""
    week = min(7, place.silence)
    quiet = place.active_between(max(0, since), max(0, day - week))
    found: Ints = np.setdiff1d(quiet, place.active_between(day - week + 1, day))
    return found[place.present_on(day)[found]]


def _engaged(place: Place) -> Floats:
    """Members there at each day's end who are new, spoke within the silent window or did anything within a
    week of it."""
    spoke, active, stays = place.spoke, place.active, place.stays
    who = np.concatenate([spoke[1], active[1], stays.who])
    start = np.concatenate([spoke[0], active[0], stays.joined])
    length = np.repeat(
        [place.silence, min(7, place.silence), 8], [len(spoke[0]), len(active[0]), len(stays.who)]
    )
    key = stays.who * (4 * FOREVER) + stays.joined
    order = np.argsort(key)
    at = np.searchsorted(key[order], who * (4 * FOREVER) + start, side="right") - 1
    inside = at >= 0
    stay = order[np.maximum(at, 0)]
    inside &= (stays.who[stay] == who) & (stays.left[stay] > start)
    end = np.minimum(start + length, stays.left[stay])
    _who, begun, ended = union(who[inside], start[inside], end[inside])
    return place.standing(begun, ended)


TOP = 3


def talk_concentrated(place: Place) -> list[Trace]:
    """The share of a week's messages that its three busiest speakers sent, against the weeks before."""
    week = 7
    share, leaders = _top_share(place, week)
    total = chance.rolling(place.messages, week)
    speakers = chance.rolling(place.daily(place.spoke[0]), week)
    middle, spread = chance.usual(share, past=MONTH, gap=week)
    alarm = (
        (total >= 100)
        & (speakers >= FEW)
        & (share >= 0.3)
        & (share - middle >= 0.12)
        & (share - middle > LEVEL * spread)
    )

    def people(_opened: int, day: int) -> Ints:
        found: Ints = leaders[day][leaders[day] >= 0]
        return found

    def evidence(day: int) -> Evidence:
        return {
            "now": round(float(share[day]), 3),
            "usual": round(float(middle[day]), 3),
            "messages": int(total[day]),
            "people": TOP,
            "days": week,
        }

    heals = back_below(share, middle, 1.0, extra=0.06)
    return [
        Trace(alarm, heals, evidence, people, graded(share, bad=0.45, worse=0.65), Line(share, middle, True))
    ]


def _top_share(place: Place, days: int) -> tuple[Floats, Ints]:
    """(share of the messages of the last days by the three who sent most, who they are: [day, 3])."""
    people = max(len(place.bits), TOP)
    day, who = place.said.day, place.said.who
    edges = np.searchsorted(day, np.arange(place.days + 1))
    counts = np.zeros(people, dtype=np.int64)
    share, leaders = np.full(place.days, np.nan), np.full((place.days, TOP), -1, dtype=np.int64)
    for now in range(place.days):
        counts += np.bincount(who[edges[now] : edges[now + 1]], minlength=people)
        if now >= days:
            counts -= np.bincount(who[edges[now - days] : edges[now - days + 1]], minlength=people)
        total = counts.sum()
        if total:
            leaders[now] = np.argpartition(counts, -TOP)[-TOP:]
            share[now] = counts[leaders[now]].sum() / total
    return share, leaders


def forms_narrowed(place: Place) -> list[Trace]:
    """Everything but plain talk dried up: reactions, pictures and shares make far less of the interactions
    than usual."""
    own = place.own
    is_talk = (own.kind == SENT) & ((own.marks & TEXTLESS) == 0)
    is_other = ((own.kind == SENT) & ~is_talk) | (own.kind == REACTED) | (own.kind == SHARED)
    talk, other = place.daily(own.day[is_talk]), place.daily(own.day[is_other])
    now, total = chance.rolling(other, WINDOW), chance.rolling(other + talk, WINDOW)
    before, before_total = (
        np.roll(chance.rolling(series, MONTH), WINDOW) for series in (other, other + talk)
    )
    share, usual = chance.ratio(now, total), chance.ratio(before, before_total)
    alarm = (np.arange(place.days) >= MONTH + WINDOW) & (total >= 100) & (share <= 0.25 * usual)
    alarm &= chance.shares(now, total, before, before_total) <= -LEVEL

    def evidence(day: int) -> Evidence:
        return {
            "now": round(float(1 - share[day]), 3),
            "usual": round(float(1 - usual[day]), 3),
            "acts": int(total[day]),
            "days": WINDOW,
        }

    def people(_opened: int, day: int) -> Ints:
        return place.active_between(max(0, day - 13), day)

    return [
        Trace(
            alarm,
            back_above(share, usual, 0.5),
            evidence,
            people,
            graded(1 - chance.ratio(share, usual), bad=0.9, worse=2),
            Line(1 - share, 1 - usual, True),
        )
    ]


DETECTORS = (
    Detector(
        "activity.fell",
        _("活跃下滑"),
        _("近 {days} 天日均活跃 {now} 人，往常同期为 {usual} 人，下降 {fall:.0%}。"),
        "dau",
        35,
        activity_fell,
        ("topic.restart", "checkin.week", "winback.greeting"),
        ("talk.concentrated",),
    ),
    Detector(
        "silent_share.rose",
        _("沉默群成员占比上升"),
        _("在群的 {present} 人中有 {members} 人沉默，占 {now:.0%}，往常为 {usual:.0%}。"),
        "stage.silent",
        80,
        silent_share_rose,
        ("winback.greeting", "checkin.week", "topic.restart"),
        ("activity.fell", "talk.concentrated"),
    ),
    Detector(
        "talk.concentrated",
        _("发言过于集中"),
        _("近 {days} 天的 {messages} 条消息中，发言最多的 {people} 人占 {now:.0%}，往常为 {usual:.0%}。"),
        "messages",
        35,
        talk_concentrated,
        ("voices.invite", "topic.restart"),
    ),
    Detector(
        "forms.narrowed",
        _("互动形式单一"),
        _("近 {days} 天的 {acts} 次互动中，{now:.0%} 是文字发言，往常为 {usual:.0%}。"),
        "interactions",
        35,
        forms_narrowed,
        ("forms.mix", "topic.restart"),
    ),
)
